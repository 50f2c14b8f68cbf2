"""Reading the plan and what is reported besides: who reported what and when, how reviews precede decisions, what waits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, DateTimeField, Exists, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from agency import selectors as agency
from core import calendars, law
from core.alerts import midnight
from core.models import Duty, FactRecord
from core.models.duties import DutyQuerySet
from core.periodic import fell_due_before, period_anchor
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
    disagreement_of,
    owed_for,
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
    # Its last moment, whether a duty stands or not.
    due_at: datetime
    # Whether its period has begun, or its day is in sight.
    is_open: bool
    # The unit's first day with this system, where the report had fallen due before it; nobody is late with it here.
    in_use_from: date | None = None

    @property
    def last(self) -> PlanReport | None:
        return self.reports[0] if self.reports else None

    @property
    def was_before(self) -> bool:
        """Whether it had fallen due before it was owed here: nobody is late with it, and it can be entered."""
        return self.duty is None and self.last is None and self.due_at < timezone.now()

    @property
    def can_be_entered_late(self) -> bool:
        """Whether it may be entered although nothing is owed any more: it had fallen due before the unit began here, or before anybody
        opened it.
        """
        return self.may_report and self.duty is None and self.is_open

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
        return [rule.told_note for rule in self.item.rules if rule.note]

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
        ever = _periodic_duties_of(official).aggregate(first=Min("period_key"))
        first = min(today.year, periods.year_of(ever["first"] or str(today.year)))
    in_sight = any(each.recurring.shown_from <= today for each in _seen_by(official, today.year + 1))
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
            units=[
                each for each in reports if (each.owed.item.profile, each.owed.item.key) == (item.profile, item.key)
            ],
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
    today = timezone.localdate(now)
    due = [each for each in _seen_by(official, year) if len(each.period) == 4 or each.can_be_entered(today)]
    return _standing(due, official, today)


def _seen_by(official: Official, *years: int) -> list[Owed]:
    """What is owed for the periods of these years by or for the units the official sees."""
    seen = reporting_units(official)
    return [each for year in years for each in owed_for(year) if seen & {each.unit_id, each.owner_id}]


def _standing(due: Iterable[Owed], official: Official, today: date) -> list[UnitReport]:
    """How each of these stands, unit by unit in the order of the bureau; three reads, however many they are."""
    names = unit_names()
    order = {unit_id: place for place, unit_id in enumerate(names)}
    due = sorted(due, key=lambda each: order.get(each.owner_id, 0))
    duties = {
        (duty.anchor, duty.obligation): duty
        for duty in Duty.objects.filter(
            anchor__in={each.anchor for each in due}, obligation__in={each.rule.obligation for each in due}
        )
    }
    handed_in: dict[tuple[int, str, str], list[PlanReport]] = {}
    for report in visible_reports(official).filter(year__in={each.year for each in due}).order_by("-pk"):
        handed_in.setdefault((report.unit_id, report.period, report.item), []).append(report)

    @lru_cache
    def end(rule: Rule, period: str, profile_id: str) -> datetime:
        return _counted(rule, period, profile_id).due

    found = []
    for each in due:
        duty, ends = duties.get((each.anchor, each.rule.obligation)), end(each.rule, each.period, each.item.profile)
        found.append(
            UnitReport(
                owed=each,
                unit_name=names.get(each.owner_id, ""),
                duty=duty,
                reports=handed_in.get((each.unit_id, each.period, each.item.key), []),
                may_report=bool(may_report(official, each)),
                due_at=duty.due_at if duty is not None else ends,
                is_open=each.can_be_entered(today),
                in_use_from=_in_use_after(ends, each.unit_id),
            )
        )
    return found


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
    waiting = _periodic_duties_of(official).open().filter(owner_unit__in=units, deadline_precedes_rule=False)
    names, today = unit_names(), timezone.localdate()
    for duty, each in _with_reports(list(waiting.order_by("due_at")[:MOST_WAITING]), official):
        if may_report(official, each) and each.can_be_entered(today):
            yield WaitingStep(
                label=REPORT.label,
                title=f"{duty.title}（{each.period_in_words}）{names.get(each.owner_id, '')}",
                url=each.url,
                since=min(duty.opened_at, midnight(each.begins)),
                article=duty.citation.short,
            )


@dataclass(frozen=True, slots=True)
class Missing:
    """A report of a period whose last day is over that nobody handed in."""

    duty: Duty
    owed: Owed
    unit_name: str
    may_report: bool


def missing_reports(official: Official, *, now: datetime) -> list[Missing]:
    """What units the official sees did not report in time and have not yet, of whatever year, longest overdue first."""
    names = unit_names()
    late = _periodic_duties_of(official).red(now).order_by("due_at", "pk")[:MOST_WAITING]
    return [
        Missing(duty, each, names.get(each.owner_id, ""), bool(may_report(official, each)))
        for duty, each in _with_reports(list(late), official)
    ]


def _periodic_duties_of(official: Official) -> DutyQuerySet:
    """What comes round every year or quarter in the units the official sees."""
    seen = reporting_units(official)
    found: DutyQuerySet = Duty.objects.filter(Q(unit__in=seen) | Q(owner_unit__in=seen)).exclude(period_key="")
    return found


def _with_reports(duties: list[Duty], official: Official) -> Iterator[tuple[Duty, Owed]]:
    """These duties, each with the report that meets it; without those whose rules know no such report any more."""
    years = {periods.year_of(duty.period_key) for duty in duties}
    owed = {(each.anchor, each.rule.obligation): each for each in _seen_by(official, *years)}
    for duty in duties:
        each = owed.get((duty.anchor, duty.obligation))
        if each is not None:
            yield duty, each


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """One period that may be chosen for a report, in words, and whether it is the one chosen."""

    report: UnitReport
    words: str
    is_missing: bool
    is_chosen: bool

    @property
    def is_old(self) -> bool:
        """Whether it fell due before anybody here owed it, and nothing was entered: only the files of that time know."""
        return self.report.was_before


# So many years back a period is offered; older ones are reached by the plan's page of their year.
YEARS_BACK = 3


def periods_of(chosen: Owed, official: Official, *, now: datetime) -> list[PeriodLine]:
    """Every period for which this unit owes this report: first those that are over and were not reported, then the newest."""
    today = timezone.localdate(now)
    due = [
        each
        for each in _seen_by(official, *range(today.year - YEARS_BACK, today.year + 2))
        if (each.unit_id, each.item.key) == (chosen.unit_id, chosen.item.key)
        if each.can_be_entered(today)
    ]
    lines = [
        PeriodLine(each, *_in_words(each, now), is_chosen=each.owed.period == chosen.period)
        for each in _standing(due, official, today)
    ]
    past = sorted((line for line in lines if line.is_missing), key=lambda line: line.report.due_at)
    rest = sorted((line for line in lines if not line.is_missing), key=lambda line: line.report.due_at, reverse=True)
    return past + rest


def _in_words(each: UnitReport, now: datetime) -> tuple[str, bool]:
    """What of a period's report is missing, and whether it is and its time is over."""
    day = f"{timezone.localtime(each.due_at):%Y年%-m月%-d日}"
    if each.last is not None:
        handed_in = f"{timezone.localtime(each.last.happened_at):%Y年%-m月%-d日}已报送"
        is_late = each.duty is not None and each.duty.state == "met_late"
        return (f"{handed_in}，逾期（最迟{day}）" if is_late else handed_in), False
    if each.duty is not None and each.duty.deadline_precedes_rule:
        return f"没有报送；{day}的期限早于规定，不作逾期", False
    if each.was_before:
        return f"{day}到期，没有记录，可以补录", False
    if each.is_overdue:
        return f"应于{day}前报送，逾期未报", True
    return f"应于{day}前报送，还没有报送", False
