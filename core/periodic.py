"""What comes round every year or quarter: which rules demand it for which period, and who owes it. Opens nothing (core.duties does)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from django.utils import timezone

from core import law, registry
from rulebook import periods
from rulebook.library import Rulebook
from rulebook.model import Owner, Rule

# What is owed by a day of next year shows up this long before it; anything else with the first day of its period.
SHOW_BEFORE: Final = timedelta(days=62)
_OWERS: Final[tuple[Owner, ...]] = ("agency", "legal_affairs", "outside", "unit")


@dataclass(frozen=True, slots=True)
class _Demand:
    """One rule for one period, with the period's first and last day. `is_bygone`: the day it names had passed when it came into force."""

    period: str
    first: date
    last: date
    rule: Rule
    is_bygone: bool


@dataclass(frozen=True, slots=True)
class Recurring:
    """One act that a unit owes for one period.

    `unit_id` is bound by the rules; `owner_id` owes the act: the unit itself, or the agency's office that acts for it.
    """

    unit_id: int
    owner_id: int
    profile: str
    period: str
    first: date
    last: date
    rules: tuple[Rule, ...]

    @property
    def obligation(self) -> str:
        return self.rules[0].obligation

    @property
    def anchor(self) -> str:
        return period_anchor(self.unit_id, self.period)

    @property
    def is_for_others(self) -> bool:
        """Whether its owner is bound by other rules, and acts for the units that these bind."""
        return self.unit_id != self.owner_id

    @property
    def title(self) -> str:
        """2026年第1季度; of what is owed for others with whom it is for."""
        words = periods.name_of(self.rules[0].each or "year", self.first)
        return f"{words}（{law.rulebook().profile(self.profile).title}规则档案的单位）" if self.is_for_others else words

    @property
    def opens(self) -> date:
        """The first day of the period on which all of its rules are in force."""
        return max(self.first, *(rule.effective_from for rule in self.rules))

    @property
    def shown_from(self) -> date:
        """The first day on which it may be done."""
        named = [_day_of(rule, self.first) - SHOW_BEFORE for rule in self.rules if rule.fixed]
        return min([self.first, *named])

    @property
    def ends(self) -> date:
        """The day by which it is owed."""
        return min(
            _day_of(rule, self.first) if rule.fixed else self.last + timedelta(days=rule.by_day or 0)
            for rule in self.rules
        )

    @property
    def shown_to(self) -> date:
        """The last day on which it belongs to the present: that of its period, or that of the return after it."""
        return self.last + timedelta(days=max(rule.by_day or 0 for rule in self.rules))


def period_anchor(unit_id: int, period_key: str) -> str:
    """What a periodic duty hangs on; the fact that reports for this unit and period carries the same anchor."""
    return f"unit:{unit_id}:{period_key}"


def fell_due_before(due_at: datetime, in_use_from: date | None) -> bool:
    """Whether a last moment lies before the day of beginning; never where no such day is known."""
    return in_use_from is not None and timezone.localdate(due_at) < in_use_from


def of_year(year: int) -> Iterator[Recurring]:
    """Everything owed for the periods of a year, by every unit; each rule once by its owner.

    Where an office acts for units that other rules bind, it owes only what its own rules do not demand of it already: one report of the
    agency serves all its branches.
    """
    agency, book = registry.agency(), law.rulebook()
    owed_by: dict[registry.Answering, set[Owner]] = defaultdict(set)
    for owner in _OWERS:
        for each in agency.answering(owner):
            owed_by[each].add(owner)
    owed: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for each in sorted(owed_by, key=lambda one: (one.unit != one.owner, one.unit)):
        profile = agency.profile_of(each.unit)
        acts: dict[tuple[str, str], list[_Demand]] = defaultdict(list)
        for demand in _demands(book, profile, year):
            name = demand.rule.id, demand.period
            if demand.rule.owed_by in owed_by[each] and name not in owed[each.owner]:
                owed[each.owner].add(name)
                acts[demand.rule.obligation, demand.period].append(demand)
        for demands in acts.values():
            # A day that had passed before its rule came makes nobody late who was bound by another.
            standing = [one for one in demands if not one.is_bygone] or demands
            first = demands[0]
            rules = tuple(one.rule for one in standing)
            found = Recurring(each.unit, each.owner, profile, first.period, first.first, first.last, rules)
            if each.until is None or found.ends <= each.until:
                yield found


def missing(known: Collection[tuple[str, str]], today: date) -> Iterator[Recurring]:
    """What is not opened yet (`known`: anchors and acts of what is) and should be: what is in sight today, and every period since the last
    that was opened of the same act of the same unit. Of what was never opened the periods of this year since the unit's first day.
    """
    latest: dict[tuple[int, str], str] = {}
    for anchor, obligation in known:
        _, unit, period = anchor.split(":")
        latest[int(unit), obligation] = max(latest.get((int(unit), obligation), ""), period)
    in_use_from, new_year = registry.agency().in_use_from, date(today.year, 1, 1)
    first_year = min([today.year - 1, *(int(period[:4]) for period in latest.values())])
    for year in range(first_year, today.year + 2):
        for each in of_year(year):
            if (each.anchor, each.obligation) in known or each.shown_from > today:
                continue
            last_opened = latest.get((each.unit_id, each.obligation))
            begins = max(in_use_from(each.unit_id) or today, new_year)
            was_missed = each.shown_to >= begins if last_opened is None else each.period > last_opened
            if was_missed or each.shown_to >= today:
                yield each


@lru_cache(maxsize=256)
def _demands(book: Rulebook, profile: str, year: int) -> tuple[_Demand, ...]:
    """What a profile's rules demand for the periods of a year, in the order of precedence: of each rule the version in force on the day it
    names or else at the end of the period, or one that came into force only after its day (counting 14).
    """
    found = []
    for rule in book.binding(profile):
        if not (rule.is_periodic and rule.is_enforced and rule.met_by):
            continue
        span = rule.each or "year"
        for first in periods.in_year(span, year):
            last = periods.closing_day(span, first)
            day = _day_of(rule, first) if rule.fixed else last
            is_bygone = day < rule.effective_from <= last
            if book.in_force(rule, rule.effective_from if is_bygone else day, profile):
                found.append(_Demand(periods.key_of(span, first), first, last, rule, is_bygone))
    return tuple(found)


def _day_of(rule: Rule, in_year: date) -> date:
    """The day of the year that a rule names."""
    if rule.fixed is None:
        raise ValueError(f"{rule.id} names no day")
    return date(in_year.year, rule.fixed.month, rule.fixed.day)
