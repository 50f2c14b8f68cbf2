"""The annual supervision plan as a table: nine items, when each is due, and what this system can say about it.

What an item demands stands in the rulebook, under the plan's section of the same number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.urls import reverse

from core import law, registry
from core.duties import period_anchor
from core.lifecycle import ActRefused
from rulebook.model import Article, Instrument, Rule


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One item of the plan.

    `shows`: "duties" counts the duties of the rules in `counts`; "reviews" adds the legal reviews of major decisions; "reports" is met
    by a report under the rule `report`; "nothing" has no source of figures yet.
    """

    number: int
    article: str
    title: str
    schedule: str
    shows: Literal["duties", "reviews", "reports", "nothing"]
    counts: tuple[str, ...] = ()
    report: str = ""

    @property
    def anchor(self) -> str:
        """Where the plan's page shows it."""
        return f"item-{self.number}"


# fmt: off
WEIHAI_HRSS_2022 = (
    #        no.  section   our name of it        as the plan says     shows       counted rules                                     report
    PlanItem(1, "（一）", "执法主体动态管理",     "主体资格变更后20日内", "nothing"),
    PlanItem(2, "（二）", "执法信息公示",         "全年",                "duties",  counts=("WH-PLAN-2b",)),
    PlanItem(3, "（三）", "年度检查计划",         "1月31日前",           "reports",                                                   report="WH-PLAN-3a"),
    PlanItem(4, "（四）", "联合检查备案",         "全年",                "nothing"),
    PlanItem(5, "（五）", "执法人员学习培训计划", "1月31日前",           "reports",                                                   report="WH-PLAN-5a"),
    PlanItem(6, "（六）", "执法全过程记录",       "全年",                "duties",  counts=("WH-PLAN-6.3a", "WH-PLAN-6.3b")),
    PlanItem(7, "（七）", "重大决定法制审核",     "全年",                "reviews", counts=("YQ-LR-14a",)),
    PlanItem(8, "（八）", "执法案卷管理",         "全年",                "nothing"),
    PlanItem(9, "（九）", "执法案件年度分析报告", "1月30日前",           "reports",                                                   report="WH-PLAN-9"),
)
# fmt: on
ITEMS: dict[str, tuple[PlanItem, ...]] = {"weihai-hrss-2022-supervision-plan": WEIHAI_HRSS_2022}


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that binds the agency."""

    instrument: Instrument
    items: tuple[PlanItem, ...]

    def item(self, number: int) -> PlanItem | None:
        return next((item for item in self.items if item.number == number), None)

    def article(self, item: PlanItem) -> Article:
        return self.instrument.article(item.article)

    def rules(self, item: PlanItem) -> list[Rule]:
        """What the rulebook draws from the item's section."""
        return [rule for rule in law.rulebook().rules_of(self.instrument.id) if rule.article == item.article]

    def closing_words(self) -> Iterator[tuple[Article, Rule]]:
        """The sections that are no item, with their rules: who carries the plan out."""
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
    known = [book.instrument(name) for name in profile.instruments if name in ITEMS]
    lasting = [
        each
        for each in known
        if each.effective_from.year == year or (each.effective_from.year < year and each.id in profile.continues)
    ]
    if not lasting:
        return None
    newest = max(lasting, key=lambda each: each.effective_from)
    return Plan(newest, ITEMS[newest.id])
