"""Which moments the case and its rows keep of a fact, and between which others a corrected one must lie."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import Model
from django.utils import timezone

from core.facts import FactRefused
from core.models import FactRecord
from enforcement.models import (
    Case,
    CollectiveDiscussion,
    Conclusion,
    CorrectionOrder,
    Decision,
    EvidenceAct,
    Hearing,
    Payment,
    PreservationRequest,
    RightsAnswer,
    RightsNotice,
    Service,
)

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
    "enforcement.decision_revoked": "ended_at",
}

# Which row of the case keeps the same moment as the fact: its table, the payload's key of its id (None: the case has one), its field.
ROWS: Final[dict[str, tuple[type[Model], str | None, str]]] = {
    "enforcement.correction_ordered": (CorrectionOrder, "order", "issued_at"),
    "enforcement.correction_verified": (CorrectionOrder, "order", "verified_at"),
    "enforcement.preservation_requested": (PreservationRequest, "request", "requested_at"),
    "enforcement.preservation_approved": (PreservationRequest, "request", "decided_at"),
    "enforcement.preservation_settled": (EvidenceAct, "act", "settled_at"),
    "enforcement.investigation_closed": (Conclusion, None, "concluded_at"),
    "enforcement.rights_notified": (RightsNotice, "notice", "served_at"),
    "enforcement.rights_answered": (RightsAnswer, "answer", "answered_at"),
    "enforcement.hearing_held": (Hearing, "hearing", "held_at"),
    "enforcement.discussion_held": (CollectiveDiscussion, "discussion", "held_at"),
    "enforcement.decision_made": (Decision, None, "decided_at"),
    "enforcement.decision_served": (Service, None, "served_at"),
    "enforcement.fine_paid": (Payment, None, "paid_at"),
}


def refuse_displaced(case: Case, record: FactRecord, happened_at: datetime) -> None:
    """A corrected step still lies between the steps around it; acts within one state may change places. Raises FactRefused."""
    if record.name in MOMENTS:
        _between_steps(case, MOMENTS[record.name], happened_at)
    elif record.name in ("enforcement.evidence_taken", "enforcement.preservation_approved"):
        _preserved_after_approval(record, happened_at)


def _between_steps(case: Case, moment: str, happened_at: datetime) -> None:
    order = list(dict.fromkeys(MOMENTS.values()))
    place = order.index(moment)
    earlier = [getattr(case, name) for name in order[:place] if getattr(case, name)]
    later = [getattr(case, name) for name in order[place + 1 :] if getattr(case, name)]
    if earlier and happened_at < max(earlier):
        raise FactRefused("更正后的时间早于前一步骤")
    if later and happened_at > min(later):
        raise FactRefused("更正后的时间晚于后一步骤")


def _preserved_after_approval(record: FactRecord, happened_at: datetime) -> None:
    """Approval first, then preservation (Penalty Law 56): neither moment is corrected past the other."""
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
