"""docs/performance.md, written from what a run found."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Figure
from bench.harness import UNSTEADY
from bench.stage import Size

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
SIGNS = {"aim": "reaches the aim", "must": "reaches the must", "missed": "**missed**", "void": "void"}


def as_text(figures: Sequence[Figure], size: Size, *, postgres: str, loads: tuple[float, float], seconds: float) -> str:
    """The page. No figure of it is typed by hand."""
    lines = [
        "# Performance",
        "",
        "Written by `make bench`; never by hand. The figures are ratios: product and floor run in the same rounds, in shuffled order,",
        "after their answers were found right; the median over the rounds, and in brackets the least and the greatest. The floors stand",
        f"in `bench/floor/`. A wrong answer is void, and so is a run whose floor itself varied by {UNSTEADY:g} between rounds.",
        "Calls over more than a hundred thousand rows take many seconds each and are given a quarter of the rounds.",
        "",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {size.name} run: {size.cases:,} cases, {size.open_duties:,} open duties, {seconds / 60:.0f} minutes;",
        f"{os.cpu_count()} processors, Python {platform.python_version()}, PostgreSQL {postgres}; load of the machine {loads[0]:.1f} at the start, {loads[1]:.1f} at the end.",
        "",
        "| # | what | against | found | must | aim | | rounds | median times, remarks |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for figure in figures:
        sign = "≥" if figure.more_is_better else "≤"
        note = figure.void or figure.note
        lines.append(
            f"| {figure.number} | {figure.what} | {figure.against} | {_found(figure)} | {sign} {figure.must:g} | {sign} {figure.aim:g} "
            f"| {SIGNS[figure.verdict]} | {figure.rounds or ''} | {note} |"
        )
    return "\n".join(lines) + "\n"


def _found(figure: Figure) -> str:
    if figure.value is None:
        return "–"
    value = f"{figure.value:g}" if figure.is_count else f"{figure.value:.2f}"
    if figure.low is None or figure.high is None:
        return value
    return f"{value} ({figure.low:.2f}–{figure.high:.2f})"
