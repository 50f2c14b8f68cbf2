"""Which code enforces a rule, and which tests show it: `docs/rule-coverage.json`, generated from the code and the test marks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from core import constraints, duties, lifecycle, parts
from rulebook import library
from rulebook.model import Rule
from rulebook.waiting import wait_of


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


KINDS = {
    "deadline": "deadline",
    "fixed_date": "deadline (day of the year)",
    "period": "deadline (once a period)",
    "right": "right",
    "limit": "limitation",
    "extension": "extension",
    "gate": "gate",
    "record": "required record",
    "retention": "retention",
    "prohibition": "prohibition",
}


def as_markdown(rows: Iterable[Mapping[str, Any]]) -> str:
    """docs/rule-coverage.md: every rule, instrument by instrument, with what holds it and what shows it."""
    book = library.get()
    covered = {row["id"]: row for row in rows}
    states = Counter(parts.state_of(rule) for rule in book.rules)
    lines = [
        "# Rule coverage",
        "",
        "Written by `bin/rule-coverage` from the rulebook, the code and the marks of the tests; CI compares it. Every rule stands here.",
        "The desk shows the same table with the figures of the year (执法依据, 执行情况一览).",
        "",
        f"{len(covered)} rules: {states['enforced']} enforced, {states['counted']} counted only, {states['not_yet']} not yet. *Counted only* means: its last day",
        "can be asked for, but nothing opens by it. *Not yet* means: it is listed, and nothing refuses by it. What is missing stands beside each.",
        "",
        *_by_part(book.rules),
    ]
    for instrument in book.instruments:
        rules = book.rules_of(instrument.id)
        lines += ["", f"## {instrument.title}", ""]
        if not rules:
            lines.append("Text not entered yet." if not instrument.text_entered else "No rule of its own.")
            continue
        lines += ["| rule | article | what | how | held by | tests |", "| --- | --- | --- | --- | --- | --- |"]
        lines += [_line(rule, covered[rule.id]) for rule in rules]
    return "\n".join(lines) + "\n"


def _by_part(rules: Iterable[Rule]) -> list[str]:
    """The same by the part of the product that holds them, or that they wait for."""
    counts = Counter((parts.part_of(rule), parts.state_of(rule)) for rule in rules)
    return ["| part | enforced | counted only | not yet |", "| --- | ---: | ---: | ---: |"] + [
        f"| {part} | " + " | ".join(str(counts[part, state]) for state in parts.STATES) + " |"
        for part in parts.in_order({part for part, _ in counts})
    ]


WAITING = {"counted": "counted only", "not_yet": "not yet"}


def _line(rule: Rule, row: Mapping[str, Any]) -> str:
    by = "<br>".join(f"`{each}`" for each in row["mechanisms"])
    by = by or f"*{WAITING[parts.state_of(rule)]}*: {wait_of(rule).english}"
    tests = row["tests"]
    shown = f"`{tests[0]}`" + (f" and {len(tests) - 1} more" if len(tests) > 1 else "") if tests else ""
    return f"| {rule.id} | {rule.article} | {rule.title} | {KINDS[rule.kind]} | {by} | {shown} |"


def write(rows: list[dict[str, Any]], path: Path) -> None:
    """The table as the product reads it (`path`, JSON), and beside it as people do (.md)."""
    path.write_text(as_json(rows), encoding="utf-8")
    path.with_suffix(".md").write_text(as_markdown(rows), encoding="utf-8")


def is_written(rows: list[dict[str, Any]], path: Path) -> bool:
    """Whether both files say what the code and the tests say."""
    said = {path: as_json(rows), path.with_suffix(".md"): as_markdown(rows)}
    return all(file.exists() and file.read_text(encoding="utf-8") == text for file, text in said.items())


def as_json(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
