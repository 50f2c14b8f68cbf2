"""Which code enforces a rule, and which tests show it: `docs/rule-coverage.json`, generated from the code and the test marks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from core import constraints, duties, lifecycle
from rulebook import library
from rulebook.model import Rule


def name_of(function: Callable[..., Any]) -> str:
    """The importable name of a function or class."""
    return f"{function.__module__}.{function.__qualname__}"


def mechanisms(rule: Rule) -> list[str]:
    """Everything in code and database that enforces a rule, the first first; empty for one whose mechanism is not built yet.

    Raises KeyError for a guard or constraint that no code provides.
    """
    if not rule.is_enforced:
        return []
    held = [name_of(lifecycle.guard_function(key)) for key in rule.guards]
    for each in map(constraints.find, rule.constraints):
        held += [name_of(each.code), *map(str, each.database)]
    if rule.is_periodic:
        held.append(name_of(duties.open_periodic))
    if rule.extends:
        held.append(name_of(duties.extend))
    if rule.allows_pause_of:
        held.append(name_of(duties.pause))
    if rule.is_clock and rule.opens_on:
        held.append(name_of(duties.follow))
    return held


def coverage(marks: Mapping[str, Iterable[str]]) -> list[dict[str, Any]]:
    """One row for each rule: `enforced_by` is the first of its `mechanisms`; `marks` are rule ids and the tests that carry them. Raises ValueError for a mark that names no rule."""
    book = library.get()
    known = {rule.id for rule in book.rules}
    if unknown := sorted(set(marks) - known):
        raise ValueError(f"tests are marked with rules that do not exist: {', '.join(unknown)}")
    return [
        {
            "id": rule.id,
            "enforced_by": next(iter(held := mechanisms(rule)), ""),
            "mechanisms": held,
            "tests": sorted(set(marks.get(rule.id, ()))),
        }
        for rule in sorted(book.rules, key=lambda rule: rule.id)
    ]


def write(rows: list[dict[str, Any]], path: Path) -> None:
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
