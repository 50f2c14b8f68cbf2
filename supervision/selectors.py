"""Reading the plan: its items, what each section reported, how reviews precede decisions, what waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, DateTimeField, Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from agency import selectors as agency
from agency.roles import Role
from core import calendars, law
from core.alerts import midnight
from core.duties import SHOW_PERIODIC_BEFORE, fell_due_before, period_anchor
from core.models import Duty, FactRecord
from core.models.duties import DutyQuerySet
from core.registry import WaitingStep
from rulebook import deadlines
from rulebook.deadlines import Due
from rulebook.model import Article, Citation, PlanItem, Rule
from supervision import figures
from supervision.figures import Figures
from supervision.models import PlanReport, reporting_units
from supervision.permissions import may_report
from supervision.plan import Owed, Plan, ReportNotDue, owed, plan_of
from supervision.procedure import REPORT

if TYPE_CHECKING:
    from agency.models import Official

DECISION = "enforcement.decision_made"
OPINION = "legalreview.opinion_issued"


@dataclass(frozen=True, slots=True)
class UnitReport:
    """How one unit stands on one dated item: its duty, what it reported, newest first."""

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
    """One item of the plan as its page shows it."""

    year: int
    item: PlanItem
    article: Article
    rules: list[RuleLine]
    counted: list[RuleLine] = field(default_factory=list)
    units: list[UnitReport] = field(default_factory=list)
    reviews: Reviews | None = None
    continued: bool = False
    deadline_precedes_rule: bool = False

    @property
    def year_text(self) -> str:
        """For addresses."""
        return str(self.year)

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


def years_of_plan(today: date) -> list[int]:
    """The years the plan's page offers: from the plan's own to this one, and the next once its reports are in sight."""
    this_year = plan(today.year)
    first = this_year.instrument.effective_from.year if this_year else today.year
    last = today.year + (date(today.year + 1, 1, 31) - today <= SHOW_PERIODIC_BEFORE)
    return list(range(first, last + 1))


def items_of(found: Plan, official: Official, *, year: int, now: datetime) -> list[ItemState]:
    """The items with what the official may see of them: four reads, however many units there are."""
    counted = figures.by_rule(figures.groups(figures.duties_of(official), year=year, now=now))
    reports = unit_reports(found, official, year=year)
    reviews = reviews_of(official, year=year)
    profile_id = profile()
    day = date(year, 12, 31) if year < timezone.localdate(now).year else timezone.localdate(now)
    states = []
    for item in found.items:
        rules = [RuleLine(rule, law.rulebook().cite(rule.id, profile_id)) for rule in found.rules(item)]
        states.append(
            ItemState(
                year=year,
                item=item,
                article=found.article(item),
                rules=rules,
                counted=[
                    RuleLine(
                        law.rulebook().rule(rule_id),
                        law.rulebook().cite(rule_id, profile_id),
                        counted.get(rule_id, Figures()),
                    )
                    for rule_id in item.counts
                ],
                units=[each for each in reports if each.owed.item.number == item.number],
                reviews=reviews if item.shows == "reviews" else None,
                continued=any(
                    law.rulebook().is_continued(line.rule.id, profile_id, max(day, date(year, 1, 1))) for line in rules
                ),
                deadline_precedes_rule=bool(item.report) and _precedes_rule(item.report, year, profile_id),
            )
        )
    return states


def _precedes_rule(rule_id: str, year: int, profile_id: str) -> bool:
    """Whether the day the rule names had passed when its instrument was issued (counting 14)."""
    return _counted(rule_id, year, profile_id).state == "deadline_precedes_rule"


def _end_of(rule_id: str, year: int, profile_id: str) -> datetime:
    """The last moment of what a rule names for a year."""
    return _counted(rule_id, year, profile_id).due


def _counted(rule_id: str, year: int, profile_id: str) -> Due:
    return deadlines.due(
        rule_id, date(year, 1, 1), calendar=calendars.seen(), rulebook=law.rulebook(), profile=profile_id
    )


def unit_reports(found: Plan, official: Official, *, year: int) -> list[UnitReport]:
    """Every report that the units the official sees owe for the year."""
    names, this_year = unit_names(), timezone.localdate().year
    due: list[Owed] = []
    for item in found.items:
        if item.report:
            rule = law.rulebook().rule(item.report)
            owing = agency.owing_units(rule.owed_by)
            due += [Owed(unit_id, year, item, rule) for unit_id in owing if unit_id in reporting_units(official)]
    anchors = {each.anchor for each in due}
    duties = {
        (duty.anchor, duty.obligation): duty
        for duty in Duty.objects.filter(anchor__in=anchors, obligation__in={each.rule.obligation for each in due})
    }
    ends = {each.rule.id: _end_of(each.rule.id, year, profile()) for each in due}
    handed_in: dict[tuple[int, int], list[PlanReport]] = {}
    for report in visible_reports(official).filter(year=year).order_by("-pk"):
        handed_in.setdefault((report.unit_id, report.item), []).append(report)
    return [
        UnitReport(
            owed=each,
            unit_name=names.get(each.unit_id, ""),
            duty=duties.get((each.anchor, each.rule.obligation)),
            reports=handed_in.get((each.unit_id, each.item.number), []),
            may_report=bool(may_report(official, each)),
            in_use_from=_in_use_after(ends[each.rule.id], each.unit_id) if year == this_year else None,
        )
        for each in due
    ]


def _in_use_after(end: datetime, unit_id: int) -> date | None:
    """The first day of a unit here, where it lies after the end of what is owed."""
    first_day = agency.in_use_from(unit_id)
    return first_day if fell_due_before(end, first_day) else None


def visible_reports(official: Official) -> QuerySet[PlanReport]:
    """Reports of the units whose files the official sees."""
    return PlanReport.objects.visible_to(official).select_related("unit", "attachment", "reported_by", "replaced_by")


def reports_in_chain(report: PlanReport, official: Official) -> list[PlanReport]:
    """All reports of the same unit, year and item, newest first."""
    same = visible_reports(official).filter(unit=report.unit_id, year=report.year, item=report.item)
    return list(same.order_by("-pk"))


def duty_of(report: PlanReport) -> Duty | None:
    """The yearly duty that the report is about."""
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


def decided_in_year(unit_id: int, year: int) -> int:
    """How many penalty decisions a unit made in a year, for the analysis it reports."""
    found = FactRecord.objects.filter(name=DECISION, unit=unit_id).annotate(at=_effective())
    return found.filter(at__gte=midnight(date(year, 1, 1)), at__lt=midnight(date(year + 1, 1, 1))).count()


# --- what waits -------------------------------------------------------------------------------------------------


def waiting_steps(official: Official) -> Iterable[WaitingStep]:
    """Dated items of the plan that the official's sections have not reported yet."""
    units = official.units_as(Role.SECTION_STAFF, Role.SECTION_HEAD, Role.LEGAL_REVIEWER)
    found = plan(timezone.localdate().year)
    if not units or found is None:
        return
    book = law.rulebook()
    items = {book.rule(item.report).obligation: item for item in found.items if item.report}
    open_duties: DutyQuerySet = Duty.objects.open()
    waiting = open_duties.filter(unit__in=units, obligation__in=items, deadline_precedes_rule=False).exclude(
        period_key=""
    )
    names = unit_names()
    for duty in waiting.order_by("due_at")[:50]:
        item = items[duty.obligation]
        try:
            each = owed(unit_id=duty.unit_id, year=int(duty.period_key), item=item.number)
        except ReportNotDue:
            continue
        yield WaitingStep(
            label=REPORT.label,
            title=f"{duty.title}（{duty.period_key}年度）{names.get(duty.unit_id, '')}",
            url=each.url,
            since=duty.opened_at,
            article=duty.citation.short,
        )
