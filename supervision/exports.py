"""The board as a spreadsheet: one line a unit, one an article."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.utils import timezone

from core.spreadsheets import Cell, Table
from supervision.boards import Board
from supervision.figures import STATES, Figures

HEAD: Final = ("统计口径", "编号", "名称", *STATES.values(), "按期率（%）", "下一期限")


def table(board: Board) -> Table:
    """Head, total, units, articles."""
    return Table(
        name=f"执法监督看板-{board.year}",
        sheet=f"{board.year}年监督看板",
        rows=_rows(board),
        frozen_columns=3,
        widths={2: 48},
    )


def _rows(board: Board) -> Iterator[list[Cell]]:
    yield list(HEAD)
    yield _row("合计", "", f"{board.year}年", board.total)
    for unit in board.units:
        yield _row("科室", unit.key, unit.name, unit.figures)
    for line in board.articles:
        yield _row("条文", line.rule.id, f"{line.citation.text} {line.rule.title}", line.figures)


def _row(kind: str, key: str, name: str, counted: Figures) -> list[Cell]:
    percent = counted.in_time_percent
    return [
        kind,
        key,
        name,
        *(getattr(counted, state) for state in STATES),
        "" if percent is None else percent,
        f"{timezone.localtime(counted.next_due):%Y-%m-%d %H:%M}" if counted.next_due else "",
    ]
