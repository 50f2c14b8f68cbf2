"""Lists of cases: by keyset, by state, by what waits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.safestring import SafeString

from agency.roles import Role
from core import law
from core.access import Permit
from core.alerts import midnight
from core.models import Duty
from core.paging import Page, count_text, page_of
from core.registry import SearchHit, WaitingStep
from enforcement.models import (
    Case,
    CaseOfficer,
    CaseQuerySet,
    CaseState,
    DecisionDraft,
    Hearing,
    RightsAnswer,
    RightsNotice,
)
from enforcement.procedure import PENALTY

if TYPE_CHECKING:
    from agency.models import Official

LATEST_STEP_FIRST: Final = ("-last_step_at", "-pk")
MOST_WAITING: Final = 100


def cases_visible_to(official: Official) -> CaseQuerySet:
    """The one queryset behind every list and object of cases."""
    return CaseQuerySet(Case).visible_to(official)


def cases_with_words(query: str) -> QuerySet[Case, dict[str, Any]]:
    """The keys of all cases with these words, for the search in what hangs on cases; who may see is for the asker to say."""
    return CaseQuerySet(Case).with_words(query).order_by().values("pk")


@dataclass(frozen=True, slots=True)
class Line:
    """One case in the list, with its most pressing duty. Plain values: a row shows no more of a case."""

    pk: int
    url: str
    title: str
    label: str
    unit: str
    state: str
    is_ended: bool
    lead: str
    last_step_at: datetime
    duty: Duty | None


def filtered(
    official: Official, *, state: str = "", query: str = "", mine: bool = False, overdue: bool = False
) -> CaseQuerySet:
    """Cases the official may see, as the list's filter asks."""
    found = cases_visible_to(official)
    if state == "under_way":
        found = found.under_way()
    elif state in CaseState.values:
        found = found.filter(state=state)
    if query.strip():
        found = found.with_words(query)
    if mine:
        found = found.of_officer(official)
    if overdue:
        stream = Concat(Value("case:"), Cast(OuterRef("pk"), CharField()), output_field=CharField())
        found = found.filter(Exists(Duty.objects.red(timezone.now()).filter(file_stream=stream)))
    return found


def case_page(cases: CaseQuerySet, cursor: str = "") -> Page[Line]:
    """The page a cursor names, the latest step first, each case with its most pressing duty."""
    # Only what a line shows, and no instances: a case's long texts and its duties' explanations would cost more than all the rest.
    leads = CaseOfficer.objects.filter(case=OuterRef("pk"), part=CaseOfficer.Part.LEAD)
    listed = cases.annotate(lead=Subquery(leads.values("official__name")[:1])).values_list(
        "pk", "number", "title", "state", "last_step_at", "source__number", "unit__short_name", "lead", named=True
    )
    # Counted without the columns: what they join would be walked for a thousand cases.
    page = replace(page_of(listed, cursor, by=LATEST_STEP_FIRST, unit=""), count_text=count_text(cases, "件"))
    duties = _nearest_duties([Case.stream_of(row.pk) for row in page.rows])
    return page.showing([_line(row, duties.get(Case.stream_of(row.pk))) for row in page.rows])


def _line(row: Any, duty: Duty | None) -> Line:
    return Line(
        pk=row.pk,
        url=SafeString(Case.url_of(row.pk)),
        title=row.title,
        label=row.number or row.source__number,
        unit=row.unit__short_name,
        state=_STATES[row.state],
        is_ended=row.state in Case.ENDED,
        lead=row.lead or "",
        last_step_at=row.last_step_at,
        duty=duty,
    )


_STATES: Final = {state.value: SafeString(state.label) for state in CaseState}
# What the chip and the words beside it are made of.
_SHOWN_OF_A_DUTY: Final = (
    "file_stream",
    "title",
    "kind",
    "owed_by",
    "due_at",
    "met_at",
    "voided_at",
    "paused_from",
    "provisional",
    "adopted",
    "deadline_precedes_rule",
)


def _nearest_duties(streams: list[str]) -> dict[str, Duty]:
    """The most pressing open duty of each file that somebody inside owes."""
    open_ones = (
        Duty.objects.open()
        .filter(file_stream__in=streams, kind__in=Duty.RED_KINDS)
        .exclude(owed_by__in=Duty.NEVER_RED_OWERS)
        .only(*_SHOWN_OF_A_DUTY)
        .order_by("file_stream", "due_at")
        .distinct("file_stream")
    )
    return {duty.file_stream: duty for duty in open_ones}


def search_hits(official: Official, query: str) -> list[SearchHit]:
    """Cases by number, party, document number, for the desk's search."""
    found = (
        cases_visible_to(official)
        .with_words(query)
        .select_related("party", "source")
        .order_by("-last_step_at", "-pk")[:20]
    )
    return [
        SearchHit(
            title=case.title,
            url=case.get_absolute_url(),
            kind="案卷",
            detail=f"{case.label}　{case.get_state_display()}",
        )
        for case in found
    ]


def waiting_steps(official: Official) -> list[WaitingStep]:
    """Steps on cases that wait for this official, longest waiting first."""
    found: list[tuple[Case, str]] = []
    works, heads, leads = (
        official.units_as(Role.SECTION_STAFF, Role.SECTION_HEAD),
        official.units_as(Role.SECTION_HEAD),
        official.units_as(Role.LEADER, Role.CHIEF),
    )
    cases = Case.objects.select_related("source").order_by("last_step_at", "pk")
    if works:
        new = cases.filter(unit__in=works, state=CaseState.REGISTERED)[:MOST_WAITING]
        found += [(case, "propose_initiation") for case in new]
        own = cases.of_officer(official).filter(unit__in=works, state__in=_OFFICERS_TURN).annotate(**_progress())
        own = own.exclude(state=CaseState.SERVED, awaits_payment=True)
        found += [(case, key) for case in own[:MOST_WAITING] if (key := _officers_step(case))]
    own_ids = CaseOfficer.objects.filter(official=official).values("case")
    foreign = cases.exclude(pk__in=own_ids).exclude(proposed_by=official)
    if heads:
        approvals = {CaseState.PROPOSED: "accept", CaseState.PERFORMED: "close"}
        waiting = foreign.filter(unit__in=heads, state__in=approvals)[:MOST_WAITING]
        found += [(case, approvals[CaseState(case.state)]) for case in waiting]
    if leads:
        ready = foreign.filter(unit__in=leads, state=CaseState.NOTIFIED).annotate(**_progress())
        ready = ready.filter(has_draft=True, hearing_is_due=False)
        reviewed = ready.filter(Q(is_major=False) | Q(review_agreed_at__isnull=False))[:MOST_WAITING]
        found += [(case, "decide") for case in reviewed]
    return [
        WaitingStep(
            label=_SEVERAL_STEPS.get(key, PENALTY[key].label),
            title=case.title,
            url=case.get_absolute_url() if key in _SEVERAL_STEPS else case.step_url(key),
            since=case.last_step_at,
            number=case.label,
            article=law.short_of_act(PENALTY[key].article, case.unit_id) or Permit.HOUSE_RULE,
        )
        for case, key in found
    ]


def cases_awaiting_review(official: Official) -> CaseQuerySet:
    """Major cases this official handles whose standing draft has no opinion of the legal office yet, longest waiting first."""
    works = official.units_as(Role.SECTION_STAFF, Role.SECTION_HEAD)
    own = cases_visible_to(official).of_officer(official).filter(unit__in=works, state=CaseState.NOTIFIED)
    undecided = own.filter(is_major=True, review_result="").annotate(**_progress()).filter(has_draft=True)
    waiting: CaseQuerySet = undecided.select_related("source").order_by("last_step_at", "pk")
    return waiting


# Where several steps may come next the line opens the case; the article is that of the step they lead to.
_SEVERAL_STEPS: Final = {"close_investigation": "调查取证", "pay": "登记缴款、履行"}
_OFFICERS_TURN = (CaseState.INVESTIGATING, CaseState.CONCLUDED, CaseState.NOTIFIED, CaseState.DECIDED, CaseState.SERVED)


def _progress() -> dict[str, Any]:
    drafts = DecisionDraft.objects.filter(case=OuterRef("pk"))
    newer = DecisionDraft.objects.filter(case=OuterRef("case"), version__gt=OuterRef("version"))
    # As Case.awaits_hearing: asked on the latest notice, and not held since.
    asked = RightsAnswer.objects.filter(notice__case=OuterRef("pk"), kind=RightsAnswer.Kind.HEARING)
    of_notice = RightsNotice.objects.filter(case=OuterRef("notice__case"))
    later = Q(served_at__gt=OuterRef("notice__served_at"))
    newer_notice = of_notice.filter(later | Q(served_at=OuterRef("notice__served_at"), pk__gt=OuterRef("notice")))
    held_since = Hearing.objects.filter(case=OuterRef("notice__case"), held_at__gte=OuterRef("answered_at"))
    present = drafts.filter(~Exists(newer), sent_back_at__isnull=True)
    return {
        "has_draft": Exists(present),
        "is_answered": Exists(RightsAnswer.objects.filter(notice__case=OuterRef("pk"))),
        "awaits_payment": Exists(_payable_after_today(OuterRef("pk"))),
        "hearing_is_due": Exists(asked.filter(~Exists(newer_notice), ~Exists(held_since))),
    }


def _payable_after_today(case: OuterRef) -> QuerySet[Duty]:
    """The party's duty to pay while its last day is still to come: until then the case waits for the party, not for an official."""
    stream = Concat(Value("case:"), Cast(case, CharField()), output_field=CharField())
    tomorrow = midnight(timezone.localdate() + timedelta(days=1))
    return Duty.objects.open().filter(anchor=stream, obligation="pay_fine", due_at__gte=tomorrow)


def _officers_step(case: Any) -> str:
    """The step that the officers of the case take next, empty while it is with others: in SQL what PENALTY.waiting_for would say of each."""
    match case.state:
        case CaseState.INVESTIGATING:
            return "close_investigation"
        case CaseState.CONCLUDED:
            return "notify"
        case CaseState.NOTIFIED if case.hearing_is_due:
            return "record_hearing"
        case CaseState.NOTIFIED if not case.is_answered and not case.has_draft:
            return "answer_rights"
        case CaseState.NOTIFIED if not case.has_draft or case.review_result not in ("", Case.AGREED):
            return "draft_decision"
        case CaseState.DECIDED:
            return "serve"
        case CaseState.SERVED:
            return "pay"
    return ""
