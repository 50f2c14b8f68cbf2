"""Which moments the case and its rows keep of a fact, and what a corrected one must still satisfy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone

from core import duties, law, registry
from core import facts as core_facts
from core.facts import FactRefused
from core.lifecycle import Attempt, Unmet
from core.models import FactRecord
from enforcement.facts import FACTS
from enforcement.models import (
    Case,
    CollectiveDiscussion,
    Conclusion,
    CorrectionOrder,
    CourtApplication,
    Decision,
    EvidenceAct,
    Hearing,
    InvestigationExtension,
    Payment,
    PerformanceDemand,
    PreservationRequest,
    RightsAnswer,
    RightsNotice,
    Service,
)
from enforcement.procedure import PENALTY

if TYPE_CHECKING:
    from agency.models import Official

# Which of the case's own moments a fact carries, in the order of the procedure.
MOMENTS: Final = {
    "enforcement.source_registered": "registered_at",
    "enforcement.initiation_proposed": "proposed_at",
    "enforcement.case_filed": "filed_at",
    "enforcement.investigation_closed": "concluded_at",
    "enforcement.rights_notified": "notified_at",
    "enforcement.decision_made": "decided_at",
    "enforcement.decision_served": "served_at",
    "enforcement.fine_paid": "performed_at",
    "enforcement.penalty_performed": "performed_at",
    "enforcement.case_closed": "ended_at",
    "enforcement.decision_revoked": "revoked_at",
}

# Which row of the case keeps the same moment as the fact: its table, the payload's key of its id (None: the case has one), its field.
ROWS: Final[dict[str, tuple[type[Model], str | None, str]]] = {
    "enforcement.correction_ordered": (CorrectionOrder, "order", "issued_at"),
    "enforcement.correction_verified": (CorrectionOrder, "order", "verified_at"),
    "enforcement.preservation_requested": (PreservationRequest, "request", "requested_at"),
    "enforcement.preservation_approved": (PreservationRequest, "request", "decided_at"),
    "enforcement.preservation_settled": (EvidenceAct, "act", "settled_at"),
    "enforcement.evidence_excluded": (EvidenceAct, "act", "excluded_at"),
    "enforcement.investigation_extended": (InvestigationExtension, None, "approved_at"),
    "enforcement.investigation_closed": (Conclusion, None, "concluded_at"),
    "enforcement.rights_notified": (RightsNotice, "notice", "served_at"),
    "enforcement.rights_answered": (RightsAnswer, "answer", "answered_at"),
    "enforcement.hearing_held": (Hearing, "hearing", "held_at"),
    "enforcement.discussion_held": (CollectiveDiscussion, "discussion", "held_at"),
    "enforcement.decision_made": (Decision, None, "decided_at"),
    "enforcement.decision_served": (Service, None, "served_at"),
    "enforcement.performance_demanded": (PerformanceDemand, "demand", "served_at"),
    "enforcement.court_asked": (CourtApplication, None, "applied_at"),
    "enforcement.fine_paid": (Payment, None, "paid_at"),
}


# What moves a case on; acts between two of these may be entered in any order.
STEPS: Final = frozenset(MOMENTS) | {"enforcement.initiation_sent_back"}
TIMELESS: Final = frozenset(name for name, fact in FACTS.items() if fact.is_clerical)


def is_of_case(record: FactRecord, case: Case) -> bool:
    """Whether the fact stands in the case's own chain, or in that of a file of an app above that belongs to the case."""
    if record.stream == case.stream:
        return True
    return registry.correctable(record.name) is not None and record.payload["case"] == case.pk


def has_typed_moment(record: FactRecord) -> bool:
    """Whether somebody entered the moment of the fact, so that it can stand wrong; else it is the system's own."""
    if fact := FACTS.get(record.name):
        return not fact.is_clerical
    return record.name == core_facts.CORRECTED or registry.correctable(record.name) is not None


def refuse_displaced(case: Case, record: FactRecord, *, happened_at: datetime, by: Official) -> None:
    """A corrected moment still satisfies what the law demands of the steps: those around it, and those that rest on it.

    The correction is made, looked at and taken back. What was out of order before it is not held against it. Raises FactRefused.
    """
    if record.stream == case.stream:
        notices = FactRecord.objects.filter(stream=case.stream, name="enforcement.rights_notified").order_by("pk")
        later_notices = set(notices.values_list("pk", flat=True)[1:])

        def is_step(each: FactRecord) -> bool:
            # A second notice is given within the state that the first began.
            return each.name in STEPS and each.pk not in later_notices

        core_facts.refuse_disorder(record, happened_at=happened_at, is_step=is_step, timeless=TIMELESS)
    else:
        names = registry.correctable_names()
        core_facts.refuse_disorder(record, happened_at=happened_at, is_step=lambda each: each.name in names)
    if record.name in ("enforcement.evidence_taken", "enforcement.preservation_approved"):
        _preserved_after_approval(record, happened_at)
    stood = _out_of_order(case.pk)
    try:
        with transaction.atomic():
            _follow(record, happened_at=happened_at, by=by)
            found = _out_of_order(case.pk)
            transaction.set_rollback(True)
    except IntegrityError as refused:
        raise FactRefused("更正后的时间与案卷中的其他时间矛盾") from refused
    new = [sentence for place, sentence in found.items() if place not in stood]
    if new:
        raise FactRefused("；".join(new))


def _follow(record: FactRecord, *, happened_at: datetime, by: Official) -> None:
    """What the correction would move: the rows that keep the moment, and the duties."""
    correction = FactRecord(
        name=core_facts.CORRECTED,
        label=record.label,
        stream=record.stream,
        anchor=record.anchor,
        unit_id=record.unit_id,
        corrects=record,
        happened_at=timezone.now(),
        payload={
            "replaced": timezone.localtime(record.effective_happened_at).isoformat(),
            "replaced_by": timezone.localtime(happened_at).isoformat(),
        },
        recorded_by=by,
    )
    duties.recompute_after_correction(record, happened_at=happened_at)
    for handler in registry.handlers_of(core_facts.CORRECTED):
        handler(correction)


def _out_of_order(case_id: int) -> dict[Any, str]:
    """Every demand on the moments of the case that does not hold, by its place: a sentence with its articles."""
    case = Case.objects.select_related("party", "source").get(pk=case_id)
    found = {place: _cited(unmet) for place, unmet in _unmet(case) if unmet}
    found |= {place: f"{later}不能早于{earlier}{article}" for place, earlier, later, article in _reversed(case)}
    return found | registry.out_of_order(case_id)


def _unmet(case: Case) -> Iterator[tuple[Any, tuple[Unmet, ...]]]:
    """The demands of the steps that were taken, asked again at the moments of those steps."""
    if decision := getattr(case, "decision", None):
        attempt = Attempt(by=decision.signed_by, happened_at=decision.decided_at, content={"sealed": decision.sealed})
        for demand in PENALTY["decide"].demands:
            yield demand, _asked(case, demand, attempt)
    if asked := getattr(case, "court_application", None):
        attempt = Attempt(by=asked.signed_by, happened_at=asked.applied_at)
        for demand in ("court_asked_in_time", "demanded_before_court"):
            yield demand, _asked(case, demand, attempt)
    for hearing in case.hearings.all():
        attempt = Attempt(by=hearing.presider, happened_at=hearing.held_at, content={"called_at": hearing.called_at})
        yield ("hearing", hearing.pk), _asked(case, "hearing_called_in_time", attempt)
    for act in case.acts.filter(excluded_at__isnull=True).prefetch_related("officers__official__certificates"):
        officers = [row.official for row in act.officers.all()]
        content = {"started_at": act.started_at, "officers": officers}
        attempt = Attempt(by=officers[0], happened_at=act.ended_at, content=content)
        yield ("officers", act.pk), _asked(case, "two_certified_officers", attempt)


def _asked(case: Case, demand: str, attempt: Attempt) -> tuple[Unmet, ...]:
    return PENALTY.unmet(replace(PENALTY["decide"], demands=(demand,)), case, attempt)


def _cited(unmet: tuple[Unmet, ...]) -> str:
    articles = dict.fromkeys(citation.short for each in unmet for citation in each.citations)
    return "；".join(each.text for each in unmet) + (f"（{'、'.join(articles)}）" if articles else "")


def _reversed(case: Case) -> Iterator[tuple[Any, str, str, str]]:
    """Pairs of acts of which the second rests on the first and yet stands before it: place, the first, the second, the article."""
    for place, (earlier, before), (later, after), rule in _pairs(case):
        if before is not None and after is not None and after < before:
            article = f"，{law.cite(rule, case.unit_id).short}" if rule else ""
            yield place, f"{earlier}（{_clock(before)}）", f"{later}（{_clock(after)}）", article


def _pairs(case: Case) -> Iterator[tuple[Any, tuple[str, datetime | None], tuple[str, datetime | None], str]]:
    for notice in case.notices.all():
        for answer in notice.answers.all():
            told, said = ("告知", notice.served_at), ("当事人答复", answer.answered_at)
            yield ("answer", answer.pk), told, said, "CN-PENALTY-44"
    asked = [a for n in case.notices.all() for a in n.answers.all() if a.kind == RightsAnswer.Kind.HEARING]
    for hearing in case.hearings.all() if asked else ():
        first = ("当事人要求听证", min(answer.answered_at for answer in asked))
        yield ("held", hearing.pk), first, ("听证", hearing.held_at), "CN-PENALTY-63"
    for order in case.corrections.all():
        yield ("order", order.pk), ("责令改正", order.issued_at), ("核查改正情况", order.verified_at), ""
    for act in case.acts.select_related("preservation"):
        yield ("settled", act.pk), ("登记保存", act.ended_at), ("对证据的处理", act.settled_at), "CN-PENALTY-56"
    for request in case.preservationrequests.all():
        wanted = ("申请先行登记保存", request.requested_at)
        yield ("approved", request.pk), wanted, ("批准", request.decided_at), "CN-PENALTY-56a"
    drafts = {draft.text_digest: draft for draft in case.drafts.all()}
    for discussion in case.discussions.all():
        if draft := drafts.get(discussion.text_digest):
            held = ("集体讨论", discussion.held_at)
            yield ("discussion", discussion.pk), ("拟稿", draft.drafted_at), held, "CN-PENALTY-57"
    if draft := drafts.get(case.review_text_digest):
        yield "review", ("拟稿", draft.drafted_at), ("法制审核同意", case.review_agreed_at), "CN-PENALTY-58"
    due = next((duty.due_at for duty in case.duties_of_its_own("pay_fine") if duty.voided_at is None), None)
    added = FactRecord.objects.filter(stream=case.stream, name="enforcement.surcharge_imposed")
    for record in added.prefetch_related("corrections"):
        yield ("surcharge", record.pk), ("缴款期届满", due), ("加处罚款", record.effective_happened_at), "CN-PENALTY-72"


def _preserved_after_approval(record: FactRecord, happened_at: datetime) -> None:
    """Approval first, then preservation (Penalty Law 56). The database holds to it too, so this is asked before the attempt."""
    approves = record.name == "enforcement.preservation_approved"
    wanted = {"preservation": record.payload["request"]} if approves else {"pk": record.payload["act"]}
    act = EvidenceAct.objects.select_related("preservation").filter(preservation__isnull=False, **wanted).first()
    if act is None or act.preservation is None or act.preservation.decided_at is None:
        return
    approved = happened_at if approves else act.preservation.decided_at
    # The act was as long as it was: its start moves with its end.
    started = act.started_at if approves else act.started_at + (happened_at - act.ended_at)
    if started < approved:
        raise FactRefused(
            f"先行登记保存（{_clock(started)}开始）不能早于批准（{_clock(approved)}），行政处罚法第五十六条"
        )


def _clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y年%-m月%-d日%H:%M}"
