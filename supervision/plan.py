"""The annual supervision plan: its items, when each is due, and what this system can say about it. They stand in its instrument.

What an item demands stands in the rulebook, under the plan's section of the same number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from core import law, registry
from core.duties import period_anchor
from core.lifecycle import ActRefused
from rulebook.model import Article, Instrument, PlanItem, Rule


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that binds the agency."""

    instrument: Instrument

    @property
    def items(self) -> tuple[PlanItem, ...]:
        return self.instrument.plan

    def item(self, number: int) -> PlanItem | None:
        return next((item for item in self.items if item.number == number), None)

    def article(self, item: PlanItem) -> Article:
        return self.instrument.article(item.article)

    def rules(self, item: PlanItem) -> list[Rule]:
        """What the rulebook draws from the item's section."""
        return [rule for rule in law.rulebook().rules_of(self.instrument.id) if rule.article == item.article]

    def closing_words(self) -> Iterator[tuple[Article, Rule]]:
        """The sections that are no item, with their rules: who carries the plan out. Of measures that hold a plan among other things, none."""
        if not self.instrument.annual:
            return
        numbered = {item.article for item in self.items}
        for rule in law.rulebook().rules_of(self.instrument.id):
            if rule.article not in numbered:
                yield self.instrument.article(rule.article), rule


class ReportNotDue(ActRefused):
    """Nothing is to be reported for this unit, year and item. The message is Chinese and for the page."""


@dataclass(frozen=True, slots=True)
class Owed:
    """One report that one unit owes for one year, and the rule that demands it."""

    unit_id: int
    year: int
    item: PlanItem
    rule: Rule

    @property
    def pk(self) -> str:
        """Names it where a form keeps its draft."""
        return f"{self.year}-{self.item.number}-{self.unit_id}"

    @property
    def anchor(self) -> str:
        """What its duty hangs on."""
        return period_anchor(self.unit_id, str(self.year))

    @property
    def url(self) -> str:
        """Where it is reported."""
        return reverse("supervision:report_item", args=[self.year, self.item.number, self.unit_id])


def owed(*, unit_id: int, year: int, item: int) -> Owed:
    """The report a unit owes on an item of the year's plan. Raises ReportNotDue for an item or unit from which none is demanded."""
    plan = plan_of(law.profile_of(unit_id), year)
    found = plan.item(item) if plan else None
    if found is None or not found.report:
        raise ReportNotDue("这一项不需要报送")
    rule = law.rulebook().rule(found.report)
    if unit_id not in registry.agency().owing_units(rule.owed_by):
        raise ReportNotDue("这个单位不承担这一项")
    return Owed(unit_id, year, found, rule)


def plan_of(profile_id: str, year: int) -> Plan | None:
    """The plan in force for the agency in a year, last year's where it goes on (沿用); None where no plan is entered."""
    book = law.rulebook()
    if not profile_id:
        return None
    profile = book.profile(profile_id)
    plans = [each for name in profile.instruments if (each := book.instrument(name)).plan]
    lasting = [each for each in plans if _lasts(each, year, continued=each.id in profile.continues)]
    return Plan(max(lasting, key=lambda each: each.effective_from)) if lasting else None


def _lasts(instrument: Instrument, year: int, *, continued: bool) -> bool:
    """Whether an instrument is in force in a year: a yearly one in its own, or as long as it is continued."""
    first, last = instrument.effective_from.year, instrument.effective_to
    if instrument.annual and not continued:
        return year == first
    return first <= year and (last is None or year <= last.year)
