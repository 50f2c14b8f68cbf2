"""The whole rulebook as one table: what holds each rule, what it did this year, how much each part of the product holds and what it lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from core import law, parts
from core.desk.rules import Figures, Shown, figures_by_rule, instruments, shown
from rulebook.model import Instrument

if TYPE_CHECKING:
    from agency.models import Official


@dataclass(frozen=True, slots=True)
class Covered:
    """One line of the coverage table: the rule, what holds it, and what it did this year (None where it opens nothing)."""

    shown: Shown
    figures: Figures | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of some rules are enforced, counted only, not yet. Those that do not bind here are counted apart."""

    enforced: int = 0
    counted: int = 0
    not_yet: int = 0
    elsewhere: int = 0

    @property
    def total(self) -> int:
        return self.enforced + self.counted + self.not_yet + self.elsewhere


def tally(found: Iterable[Shown], *, everywhere: bool) -> Tally:
    """With `everywhere` every rule counts as binding: before the agency is entered nothing binds."""
    count = Counter[str](each.state if each.binds or everywhere else "elsewhere" for each in found)
    return Tally(count["enforced"], count["counted"], count["not_yet"], count["elsewhere"])


@dataclass(frozen=True, slots=True)
class Coverage:
    """One instrument with all its rules."""

    instrument: Instrument
    lines: list[Covered]

    @property
    def tally(self) -> Tally:
        return tally((each.shown for each in self.lines), everywhere=True)

    @property
    def figures(self) -> Figures:
        """Of its rules together; a duty with two bases in one instrument counts under both."""
        return sum((each.figures for each in self.lines if each.figures), Figures())


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the product: how many rules it holds of those that bind here, and what it lacks for the others, the most first."""

    name: str
    tally: Tally
    lacks: list[tuple[str, int]]


def covered(official: Official, now: datetime, profile_id: str) -> list[Coverage]:
    """Every rule of every instrument, those that bind here first; no rule is left out."""
    did, today = figures_by_rule(official, now), timezone.localdate(now)
    return [
        Coverage(
            instrument,
            [
                Covered(
                    shown(rule, profile_id, today),
                    did.get(rule.id, Figures()) if rule.is_enforced and (rule.is_clock or rule.is_periodic) else None,
                )
                for rule in law.rulebook().rules_of(instrument.id)
            ],
        )
        for instrument in instruments(profile_id)
    ]


def by_part(found: Iterable[Coverage], *, everywhere: bool) -> list[Part]:
    """The same rules by the part of the product to which they belong."""
    held: dict[str, list[Shown]] = {}
    for coverage in found:
        for each in coverage.lines:
            held.setdefault(each.shown.part, []).append(each.shown)
    return [_part(name, held[name], everywhere=everywhere) for name in parts.in_order(set(held))]


def _part(name: str, rules: list[Shown], *, everywhere: bool) -> Part:
    waiting = (each for each in rules if each.state != "enforced" and (each.binds or everywhere))
    return Part(name, tally(rules, everywhere=everywhere), Counter(each.lacks for each in waiting).most_common())
