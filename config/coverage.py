"""Which code enforces a rule, and which tests show it: `docs/rule-coverage.json`, generated from the code and the test marks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from core import duties, lifecycle
from rulebook import library
from rulebook.model import Rule


def name_of(function: Callable[..., Any]) -> str:
    """The importable name of a function."""
    return f"{function.__module__}.{function.__qualname__}"


def enforced_by(rule: Rule) -> str:
    """The code that enforces a rule; empty for one whose mechanism is not built yet."""
    if not rule.is_enforced:
        return ""
    if rule.guards:
        return name_of(lifecycle.guard_function(rule.guards[0]))
    if rule.is_periodic:
        return name_of(duties.open_periodic)
    if rule.extends:
        return name_of(duties.extend)
    if rule.allows_pause_of:
        return name_of(duties.pause)
    if rule.is_clock and rule.opens_on:
        return name_of(duties.follow)
    return ""


def coverage(marks: Mapping[str, Iterable[str]]) -> list[dict[str, Any]]:
    """One row for each rule: `marks` are rule ids and the tests that carry them. Raises ValueError for a mark that names no rule."""
    book = library.get()
    known = {rule.id for rule in book.rules}
    if unknown := sorted(set(marks) - known):
        raise ValueError(f"tests are marked with rules that do not exist: {', '.join(unknown)}")
    return [
        {"id": rule.id, "enforced_by": enforced_by(rule), "tests": sorted(set(marks.get(rule.id, ())))}
        for rule in sorted(book.rules, key=lambda rule: rule.id)
    ]


def write(rows: list[dict[str, Any]], path: Path) -> None:
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
