"""What the case does when core or an app above tells it something."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Model

from core.models import Duty, FactRecord
from enforcement.facts import FACTS
from enforcement.models import (
    Case,
    CollectiveDiscussion,
    Conclusion,
    CorrectionOrder,
    Decision,
    EvidenceAct,
    Hearing,
    Payment,
    RightsAnswer,
    RightsNotice,
    Service,
    Source,
)

# Which of the case's own moments a fact carries, in the order of the procedure.
MOMENTS = {
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
ROWS: dict[str, tuple[type[Model], str | None, str]] = {
    "enforcement.correction_ordered": (CorrectionOrder, "order", "issued_at"),
    "enforcement.correction_verified": (CorrectionOrder, "order", "verified_at"),
    "enforcement.investigation_closed": (Conclusion, None, "concluded_at"),
    "enforcement.rights_notified": (RightsNotice, "notice", "served_at"),
    "enforcement.rights_answered": (RightsAnswer, "answer", "answered_at"),
    "enforcement.hearing_held": (Hearing, "hearing", "held_at"),
    "enforcement.discussion_held": (CollectiveDiscussion, "discussion", "held_at"),
    "enforcement.decision_made": (Decision, None, "decided_at"),
    "enforcement.decision_served": (Service, None, "served_at"),
    "enforcement.fine_paid": (Payment, None, "paid_at"),
}


def follow_correction(correction: FactRecord) -> None:
    """Wired to core.corrected: move the moments that the case and its rows keep of the corrected fact."""
    wrong = correction.corrects
    if wrong is None or wrong.name not in FACTS:
        return
    case = Case.objects.select_for_update(of=("self",)).get(pk=int(wrong.stream.partition(":")[2]))
    replaced = datetime.fromisoformat(correction.payload["replaced"])
    moment = datetime.fromisoformat(correction.payload["replaced_by"])
    field = MOMENTS.get(wrong.name)
    # A case has several notices; its own moment is that of the first.
    if field and getattr(case, field) == replaced:
        setattr(case, field, moment)
    if case.state_since == replaced:
        case.state_since = moment
    if case.last_step_at == replaced or moment > case.last_step_at:
        case.last_step_at = moment
    case.save()
    # The time to ask for a hearing that ended with the corrected fact ended when that really happened.
    Duty.objects.filter(anchor=case.stream, obligation="request_hearing", voided_at=replaced).update(voided_at=moment)
    if wrong.name in ROWS:
        table, key, row_field = ROWS[wrong.name]
        rows = table._default_manager.filter(pk=wrong.payload[key]) if key else table._default_manager.filter(case=case)
        rows.update(**{row_field: moment})
    elif wrong.name == "enforcement.source_registered":
        Source.objects.filter(case=case).update(received_at=moment)
    elif wrong.name == "enforcement.evidence_taken":
        # The act was as long as it was: its start moves with its end.
        EvidenceAct.objects.filter(pk=wrong.payload["act"]).update(
            started_at=F("started_at") + (moment - replaced), ended_at=moment
        )
