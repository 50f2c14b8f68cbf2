"""What a bureau reports and looks after in a year: the items of its annual plan, and whatever else its rules want once a year or quarter.

Which items there are is nowhere written in code. The numbered ones stand in the plan's instrument ([[plan_item]]); besides them, every rule
that is owed once a period and met by a report is an item. A unit with rules of its own has items of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from django.urls import reverse

from agency import selectors as agency
from core import law, periodic
from core.lifecycle import ActRefused
from core.periodic import Recurring
from rulebook.library import Rulebook, by_obligation
from rulebook.model import Article, Citation, Instrument, MonthDay, Rule, Shows
from rulebook.model import Item as Stated
from supervision import periods
from supervision.models import reporting_units

if TYPE_CHECKING:
    from agency.models import Official

REPORTED = "supervision.plan_item_reported"
_NEVER = MonthDay(12, 31)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a profile's bureau looks after in a year.

    `key` names it in addresses and chains: its number in the plan, or else the act that is reported. `rules` are those that one report
    fulfils, the one with the earliest day first; none where nothing is reported. `shows` and `counts`: see rulebook.model.PlanItem.
    """

    profile: str
    key: str
    instrument: str
    article: str
    title: str
    schedule: str
    shows: Shows
    counts: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()

    @property
    def number(self) -> int | None:
        """Its number in the plan; None for what is reported besides."""
        return int(self.key) if self.key.isdecimal() else None

    @property
    def obligation(self) -> str:
        """The act that is reported; empty where none is."""
        return self.rules[0].obligation if self.rules else ""

    @property
    def anchor(self) -> str:
        """Where the plan's page shows it."""
        return f"item-{self.key}" if self.profile == agency.structure().profile else f"item-{self.profile}-{self.key}"

    @property
    def stated(self) -> list[tuple[Rule, Stated]]:
        """What a report states, each once, with the first rule that wants it."""
        return list(
            {each.key: (rule, each) for rule in reversed(self.rules) for each in reversed(rule.items)}.values()
        )[::-1]

    @property
    def nil_allowed(self) -> bool:
        """Whether every rule is content with a nil return."""
        return all(rule.nil_allowed for rule in self.rules)

    @property
    def looks_back(self) -> bool:
        """Whether it is about the period that ended."""
        return any(rule.looks_back for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that binds the agency."""

    instrument: Instrument

    def closing_words(self) -> Iterator[tuple[Article, Rule]]:
        """The sections that are no item, with their rules: who carries the plan out. Of measures that hold a plan among other things, none."""
        if not self.instrument.annual:
            return
        numbered = {item.article for item in self.instrument.plan}
        for rule in law.rulebook().rules_of(self.instrument.id):
            if rule.article not in numbered:
                yield self.instrument.article(rule.article), rule


class ReportNotDue(ActRefused):
    """Nothing is to be reported for this unit, period and item. The message is Chinese and for the page."""


@dataclass(frozen=True, slots=True)
class Owed:
    """One report that is owed once for one period under one unit's rules: by the unit, or by the agency's office that acts for it."""

    recurring: Recurring
    item: Item

    @property
    def unit_id(self) -> int:
        """The unit whose rules demand it; of what an office owes for others, the one that stands for them."""
        return self.recurring.unit_id

    @property
    def owner_id(self) -> int:
        """The unit that reports."""
        return self.recurring.owner_id

    @property
    def period(self) -> str:
        return self.recurring.period

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self.item.rules

    @property
    def rule(self) -> Rule:
        """The one with the earliest day."""
        return self.item.rules[0]

    @property
    def year(self) -> int:
        return periods.year_of(self.period)

    @property
    def period_in_words(self) -> str:
        return periods.in_words(self.period)

    @property
    def begins(self) -> date:
        """The first day on which it may be reported: what looks back, not before the period it looks back on has ended."""
        return self.recurring.first if self.item.looks_back else self.recurring.shown_from

    @property
    def not_yet(self) -> str:
        """Why it cannot be reported before its time."""
        return f"{self.period_in_words}的报告自{self.begins:%Y年%-m月%-d日}起报送，现在还不能报送"

    def can_be_entered(self, today: date) -> bool:
        """Whether its period has begun, or its day is in sight. A period that is over stays open to be entered late."""
        return self.begins <= today

    @property
    def pk(self) -> str:
        """Names it where a form keeps its draft."""
        return f"{self.period}-{self.item.key}-{self.unit_id}"

    @property
    def anchor(self) -> str:
        """What its duty hangs on."""
        return self.recurring.anchor

    @property
    def url(self) -> str:
        """Where it is reported."""
        return reverse("supervision:report_item", args=[self.period, self.item.key, self.unit_id])


def owed_for(year: int) -> Iterator[Owed]:
    """Every report that is owed for the periods of a year, by whichever unit."""
    for each in periodic.of_year(year):
        item = next((one for one in items_of(each.profile, year) if one.obligation == each.obligation), None)
        if item is not None:
            yield Owed(each, replace(item, rules=tuple(sorted(each.rules, key=_day_of))))


def owed(*, unit_id: int, period: str, item: str) -> Owed:
    """The report on an item for a period that a unit owes, or another for it, under its own rules. Raises ReportNotDue where none is
    demanded of it.
    """
    year = periods.year_of(period)
    known = periods.FIRST_YEAR <= year <= periods.LAST_YEAR
    alike = [each for each in (owed_for(year) if known else ()) if each.period == period and each.item.key == item]
    found = next((each for each in alike if each.unit_id == unit_id), None)
    if found is None:
        theirs = any(each.item.profile == law.profile_of(unit_id) for each in alike)
        raise ReportNotDue("这个单位不承担这一项" if theirs else "这一项不需要报送")
    return found


def profiles_of(official: Official) -> list[str]:
    """Whose rules bind what the official sees: the agency's profile first, then those that units have of their own."""
    seen = reporting_units(official)
    answering = [each for owner in ("agency", "legal_affairs", "outside", "unit") for each in agency.answering(owner)]
    of_units = [law.profile_of(each.unit) for each in answering if seen & {each.unit, each.owner}]
    return [each for each in dict.fromkeys([agency.structure().profile, *of_units]) if each]


def items_of(profile_id: str, year: int) -> tuple[Item, ...]:
    """The items of a profile's plan in their order, then what its rules want reported besides, in the order of precedence."""
    return _items_of(law.rulebook(), profile_id, year) if profile_id else ()


def plan_of(profile_id: str, year: int) -> Plan | None:
    """The plan in force under a profile in a year, last year's where it goes on (沿用); None where no plan is entered."""
    if not profile_id:
        return None
    found = _plan_of(law.rulebook(), profile_id, year)
    return Plan(found) if found else None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Documents that bind a bureau and name different days for one matter: each rule with its citation, the earliest first."""

    matter: str
    lines: tuple[tuple[Rule, Citation, str], ...]


def disagreement_of(item: Item, year: int) -> Disagreement | None:
    """Where the documents disagree on the day of what an item reports; None where they do not."""
    matter = next((rule.matter for rule in item.rules if rule.matter), "")
    if not matter:
        return None
    book = law.rulebook()
    named = [rule for rule in _in_force(book, item.profile, year) if rule.matter == matter and rule.fixed is not None]
    if len({rule.instrument for rule in named}) < 2 or len({rule.fixed for rule in named}) < 2:
        return None
    lines = [(rule, book.cite(rule.id, item.profile), law.term_of(rule)) for rule in sorted(named, key=_day_of)]
    return Disagreement(matter, tuple(lines))


@lru_cache(maxsize=256)
def _items_of(book: Rulebook, profile_id: str, year: int) -> tuple[Item, ...]:
    reported = by_obligation(
        rule for rule in _in_force(book, profile_id, year) if rule.is_enforced and REPORTED in rule.met_by
    )
    items = []
    plan = _plan_of(book, profile_id, year)
    for each in plan.plan if plan else ():
        rules = reported.pop(book.rule(each.report).obligation, ()) if each.report else ()
        items.append(
            Item(
                profile=profile_id,
                key=str(each.number),
                instrument=plan.id if plan else "",
                article=each.article,
                title=each.title,
                schedule=each.schedule,
                shows=each.shows,
                counts=each.counts,
                rules=tuple(sorted(rules, key=_day_of)),
            )
        )
    for obligation, rules in reported.items():
        first, *rest = sorted(rules, key=_day_of)
        items.append(
            Item(
                profile=profile_id,
                key=obligation,
                instrument=first.instrument,
                article=first.article,
                title=first.title,
                schedule=law.term_of(first),
                shows="reports",
                rules=(first, *rest),
            )
        )
    return tuple(items)


def _in_force(book: Rulebook, profile_id: str, year: int) -> list[Rule]:
    """The yearly and quarterly rules of a profile that are in force in a year, each in its last version of that year."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    found = [
        rule
        for rule in book.binding(profile_id)
        if rule.is_periodic and book.in_force_between(rule, first, last, profile_id)
    ]
    return list({rule.id: rule for rule in found}.values())


def _day_of(rule: Rule) -> tuple[int, int]:
    day = rule.fixed or _NEVER
    return day.month, day.day


def _plan_of(book: Rulebook, profile_id: str, year: int) -> Instrument | None:
    profile = book.profile(profile_id)
    plans = [each for name in profile.instruments if (each := book.instrument(name)).plan]
    lasting = [each for each in plans if _lasts(each, year, continued=each.id in profile.continues)]
    return max(lasting, key=lambda each: each.effective_from, default=None)


def _lasts(instrument: Instrument, year: int, *, continued: bool) -> bool:
    """Whether an instrument is in force in a year: a yearly one in its own, or as long as it is continued."""
    first, last = instrument.effective_from.year, instrument.effective_to
    if instrument.annual and not continued:
        return year == first
    return first <= year and (last is None or year <= last.year)
