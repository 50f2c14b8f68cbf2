"""Reading the plan and what is reported besides: who reported what and when, how reviews precede decisions, what waits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, DateTimeField, Exists, Min, OuterRef, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from agency import selectors as agency
from core import calendars, law
from core.alerts import midnight
from core.duties import SHOW_PERIODIC_BEFORE, fell_due_before, period_anchor
from core.models import Duty, FactRecord
from core.models.duties import DutyQuerySet
from core.registry import WaitingStep
from rulebook import deadlines
from rulebook.deadlines import Due
from rulebook.model import Article, Citation, Rule
from supervision import figures, periods
from supervision.figures import Figures
from supervision.models import PlanReport, PlanReportQuerySet, reporting_units
from supervision.permissions import may_report
from supervision.plan import (
    Disagreement,
    Item,
    Owed,
    Plan,
    ReportNotDue,
    disagreement_of,
    owed_under,
    plan_of,
    profiles_of,
)
from supervision.plan import items_of as plan_items
from supervision.procedure import REPORT

if TYPE_CHECKING:
    from agency.models import Official

DECISION = "enforcement.decision_made"
OPINION = "legalreview.opinion_issued"
# Of what waits, so much is looked at: nobody reads further.
MOST_WAITING = 100


@dataclass(frozen=True, slots=True)
class UnitReport:
    """How one unit stands on one item for one period: its duty, what it reported, newest first."""

    owed: Owed
    unit_name: str
    duty: Duty | None
    reports: list[PlanReport]
    may_report: bool
    # The unit's first day with this system, where the report had fallen due before it; nobody is late with it here.
    in_use_from: date | None = None

    @property
    def last(self) -> PlanReport | None:
        return self.reports[0] if self.reports else None

    @property
    def can_be_entered_late(self) -> bool:
        """Whether it may be entered although nothing is owed: it had fallen due before the unit began here."""
        return (
            self.may_report and self.duty is None and self.in_use_from is not None and self.owed.rule.fixed is not None
        )

    @property
    def is_overdue(self) -> bool:
        """Red: not reported, and the day was one that could be kept."""
        return self.duty is not None and self.duty.state == "overdue" and not self.duty.deadline_precedes_rule


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule of an item: whether code enforces it, and what it did this year."""

    rule: Rule
    citation: Citation
    figures: Figures | None = None


@dataclass(frozen=True, slots=True)
class Reviews:
    """Major decisions of the year, and how many had an agreed review of just that text before."""

    decided: int
    agreed: int

    @property
    def without(self) -> int:
        return self.decided - self.agreed


@dataclass(frozen=True, slots=True)
class ItemState:
    """One item as the plan's page shows it."""

    year: int
    item: Item
    article: Article
    rules: list[RuleLine]
    counted: list[RuleLine] = field(default_factory=list)
    units: list[UnitReport] = field(default_factory=list)
    reviews: Reviews | None = None
    disagreement: Disagreement | None = None
    continued: bool = False
    deadline_precedes_rule: bool = False

    @property
    def year_text(self) -> str:
        """For addresses."""
        return str(self.year)

    @property
    def notes(self) -> list[str]:
        """Our readings of the rules that are reported on."""
        return [rule.note.replace(" [ours]", "（本系统的理解）") for rule in self.item.rules if rule.note]

    @property
    def is_by_part(self) -> bool:
        """Whether it is owed more than once in the year."""
        return any(len(periods.keys_of(rule, self.year)) > 1 for rule in self.item.rules)

    @property
    def in_use_from(self) -> date | None:
        """The day from which units work with this system, where it lies after the item's day and they have no duty for it."""
        days = [unit.in_use_from for unit in self.units if unit.in_use_from is not None and unit.duty is None]
        return min(days, default=None)

    @property
    def reported(self) -> int:
        return sum(1 for unit in self.units if unit.last is not None)

    @property
    def overdue(self) -> int:
        """Reports or acts that are red now."""
        return sum(unit.is_overdue for unit in self.units) + sum(
            line.figures.overdue for line in self.counted if line.figures is not None
        )


def profile() -> str:
    """The agency's profile; empty before the agency is entered."""
    return agency.structure().profile


def plan(year: int) -> Plan | None:
    return plan_of(profile(), year)


def years_of_plan(official: Official, today: date) -> list[int]:
    """The years the plan's page offers: from the plan's own, or the first that anything was owed for, to this one; the next once one of its
    reports is in sight.
    """
    this_year = plan(today.year)
    if this_year:
        first = this_year.instrument.effective_from.year
    else:
        owed_for = (
            Duty.objects.filter(unit__in=reporting_units(official))
            .exclude(period_key="")
            .aggregate(first=Min("period_key"))
        )
        first = min(today.year, periods.year_of(owed_for["first"] or str(today.year)))
    in_sight = any(
        rule.fixed and date(today.year + 1, rule.fixed.month, rule.fixed.day) - today <= SHOW_PERIODIC_BEFORE
        for name in profiles_of(official)
        for item in plan_items(name, today.year + 1)
        for rule in item.rules
    )
    return list(range(first, today.year + in_sight + 1))


@dataclass(frozen=True, slots=True)
class Besides:
    """What units report that stands in no plan of the agency: under its own profile, or under another that some units have."""

    profile: str
    title: str
    items: list[ItemState]


def besides(states: list[ItemState]) -> list[Besides]:
    """The items that are no item of the agency's plan and of which the official sees a unit, profile by profile."""
    own = profile()
    shown: dict[str, list[ItemState]] = {}
    for state in states:
        if state.units and not (state.item.number and state.item.profile == own):
            shown.setdefault(state.item.profile, []).append(state)
    return [
        Besides(name, "" if name == own else law.rulebook().profile(name).title, found) for name, found in shown.items()
    ]


def planned(states: list[ItemState]) -> list[ItemState]:
    """The items of the agency's own plan."""
    return [state for state in states if state.item.number and state.item.profile == profile()]


def items_of(official: Official, *, year: int, now: datetime) -> list[ItemState]:
    """Every item with what the official may see of it, profile by profile: four reads, however many units there are."""
    profiles = profiles_of(official)
    items = [item for name in profiles for item in plan_items(name, year)]
    counted = figures.by_rule(figures.groups(figures.duties_of(official), year=year, now=now)) if items else {}
    reports = unit_reports(official, year=year, now=now)
    reviews = reviews_of(official, year=year) if any(item.shows == "reviews" for item in items) else None
    day = max(date(year, 1, 1), min(date(year, 12, 31), timezone.localdate(now)))
    return [
        ItemState(
            year=year,
            item=item,
            article=law.rulebook().instrument(item.instrument).article(item.article),
            rules=[RuleLine(rule, law.rulebook().cite(rule.id, item.profile)) for rule in _rules_of(item)],
            counted=[
                RuleLine(
                    law.rulebook().rule(rule_id),
                    law.rulebook().cite(rule_id, item.profile),
                    counted.get(rule_id, Figures()),
                )
                for rule_id in item.counts
            ],
            units=[each for each in reports if each.owed.item == item],
            reviews=reviews if item.shows == "reviews" else None,
            disagreement=disagreement_of(item, year),
            continued=any(law.rulebook().is_continued(rule.id, item.profile, day) for rule in _rules_of(item)),
            deadline_precedes_rule=any(rule.fixed and _precedes_rule(rule, year, item.profile) for rule in item.rules),
        )
        for item in items
    ]


def _rules_of(item: Item) -> list[Rule]:
    """What the rulebook draws from a plan's section; of what stands in no plan, the rules that demand it."""
    if item.number is None:
        return list(item.rules)
    return [rule for rule in law.rulebook().rules_of(item.instrument) if rule.article == item.article]


def _precedes_rule(rule: Rule, year: int, profile_id: str) -> bool:
    """Whether the day the rule names had passed when its instrument was issued (counting 14)."""
    return _counted(rule, str(year), profile_id).state == "deadline_precedes_rule"


def _counted(rule: Rule, period: str, profile_id: str) -> Due:
    """The last moment of what a rule names for a period."""
    return deadlines.due(
        rule, periods.first_day(period), calendar=calendars.seen(), rulebook=law.rulebook(), profile=profile_id
    )


def unit_reports(official: Official, *, year: int, now: datetime) -> list[UnitReport]:
    """Every report that the units the official sees owe for the periods of the year that have begun, each unit under its own rules."""
    names, this_year = unit_names(), timezone.localdate(now).year
    due = list(_owed_in(official, year, timezone.localdate(now)))
    duties = {
        (duty.anchor, duty.obligation): duty
        for duty in Duty.objects.filter(
            anchor__in={each.anchor for each in due}, obligation__in={each.rule.obligation for each in due}
        )
    }
    handed_in: dict[tuple[int, str, str], list[PlanReport]] = {}
    for report in visible_reports(official).filter(year=year).order_by("-pk"):
        handed_in.setdefault((report.unit_id, report.period, report.item), []).append(report)

    @lru_cache
    def end(rule: Rule, period: str, profile_id: str) -> datetime:
        return _counted(rule, period, profile_id).due

    return [
        UnitReport(
            owed=each,
            unit_name=names.get(each.unit_id, ""),
            duty=duties.get((each.anchor, each.rule.obligation)),
            reports=handed_in.get((each.unit_id, each.period, each.item.key), []),
            may_report=bool(may_report(official, each)),
            in_use_from=_in_use_after(end(each.rule, each.period, each.item.profile), each.unit_id)
            if year == this_year
            else None,
        )
        for each in due
    ]


def _owed_in(official: Official, year: int, today: date) -> Iterator[Owed]:
    """What the units owe, item by item; of the quarters of a year only those that have begun."""
    seen = reporting_units(official)
    for name in profiles_of(official):
        for item in plan_items(name, year):
            if not item.rules:
                continue
            for unit_id in agency.owing_units(item.rules[0].owed_by):
                if unit_id not in seen or law.profile_of(unit_id) != name:
                    continue
                for period in periods.keys_of(item.rules[0], year):
                    if len(period) == 4 or periods.first_day(period) <= today:
                        yield Owed(unit_id, period, item)


def _in_use_after(end: datetime, unit_id: int) -> date | None:
    """The first day of a unit here, where it lies after the end of what is owed."""
    first_day = agency.in_use_from(unit_id)
    return first_day if fell_due_before(end, first_day) else None


def visible_reports(official: Official) -> PlanReportQuerySet:
    """Reports of the units whose files the official sees, or for which the official answers."""
    return PlanReport.objects.visible_to(official).select_related("unit", "attachment", "reported_by", "replaced_by")


def reports_in_chain(report: PlanReport, official: Official) -> list[PlanReport]:
    """All reports of the same unit, period and item, newest first."""
    same = visible_reports(official).filter(unit=report.unit_id, year=report.year, part=report.part, item=report.item)
    return list(same.order_by("-pk"))


def duty_of(report: PlanReport) -> Duty | None:
    """The duty that the report is about."""
    rule = law.rulebook().rule(report.rule_id)
    anchor = period_anchor(report.unit_id, report.period)
    return Duty.objects.filter(anchor=anchor, obligation=rule.obligation).first()


def unit_names() -> dict[int, str]:
    """Short names of all units, in the order of the bureau."""
    return {branch.unit.pk: branch.unit.short_name for branch in agency.unit_tree()}


# --- item 7: reviews before decisions ---------------------------------------------------------------------------


def _effective() -> Coalesce:
    """The legal moment of a fact as last corrected."""
    corrections = FactRecord.objects.filter(corrects=OuterRef("pk")).order_by("-pk")
    last = corrections.annotate(moved=KeyTextTransform("replaced_by", "payload")).values("moved")[:1]
    return Coalesce(Cast(Subquery(last), DateTimeField()), "happened_at")


def major_decisions(official: Official, *, year: int) -> QuerySet[Any]:
    """Major decisions that the official's units made in the year; `was_agreed`: an agreed review of just this text came before."""
    review = (
        FactRecord.objects.filter(name=OPINION, payload__opinion="agree")
        .annotate(
            at=_effective(),
            case_stream=Concat(Value("case:"), KeyTextTransform("case", "payload"), output_field=CharField()),
            reviewed_text=KeyTextTransform("text_digest", "payload"),
        )
        .filter(case_stream=OuterRef("stream"), reviewed_text=OuterRef("decided_text"), at__lte=OuterRef("at"))
    )
    return (
        FactRecord.objects.filter(name=DECISION, payload__is_major=True, unit__in=official.unit_ids)
        .annotate(at=_effective(), decided_text=KeyTextTransform("text_digest", "payload"))
        .filter(at__gte=midnight(date(year, 1, 1)), at__lt=midnight(date(year + 1, 1, 1)))
        .annotate(was_agreed=Exists(review))
    )


def reviews_of(official: Official, *, year: int) -> Reviews:
    agreed = list(major_decisions(official, year=year).values_list("was_agreed", flat=True))
    return Reviews(decided=len(agreed), agreed=sum(agreed))


def decided_in_year(units: Iterable[int], year: int) -> int:
    """How many penalty decisions these units made in a year, for what they report of it."""
    found = FactRecord.objects.filter(name=DECISION, unit__in=list(units)).annotate(at=_effective())
    return found.filter(at__gte=midnight(date(year, 1, 1)), at__lt=midnight(date(year + 1, 1, 1))).count()


# --- what waits -------------------------------------------------------------------------------------------------


def waiting_steps(official: Official) -> Iterable[WaitingStep]:
    """What the official may report and nobody has yet."""
    units = official.owing_unit_ids
    if not units:
        return
    open_duties: DutyQuerySet = Duty.objects.open()
    waiting = open_duties.filter(unit__in=units, deadline_precedes_rule=False).exclude(period_key="")
    names = unit_names()
    for duty in waiting.order_by("due_at")[:MOST_WAITING]:
        try:
            each = owed_under(unit_id=duty.unit_id, period=duty.period_key, obligation=duty.obligation)
        except ReportNotDue:
            continue
        if may_report(official, each):
            yield WaitingStep(
                label=REPORT.label,
                title=f"{duty.title}（{each.period_in_words}）{names.get(duty.unit_id, '')}",
                url=each.url,
                since=duty.opened_at,
                article=duty.citation.short,
            )
