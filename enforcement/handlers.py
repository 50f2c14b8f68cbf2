"""What the case does when core or an app above tells it something."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F
from django.utils import timezone

from core import duties
from core.facts import FactRefused
from core.models import Duty, FactRecord
from enforcement.facts import FACTS
from enforcement.models import Case, DecisionDraft, EvidenceAct, Source
from enforcement.moments import MOMENTS, ROWS


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
    if field == "revoked_at" and case.ended_at == replaced:
        case.ended_at = moment
    if case.state_since == replaced:
        case.state_since = moment
    if case.last_step_at == replaced or moment > case.last_step_at:
        case.last_step_at = moment
    case.save()
    # The time to ask for a hearing that ended with the corrected fact ended when that really happened.
    Duty.objects.filter(anchor=case.stream, obligation="request_hearing", voided_at=replaced).update(voided_at=moment)
    if wrong.name == "enforcement.investigation_extended":
        _extend_on_another_day(case, moment)
    if wrong.name in ROWS:
        table, key, row_field = ROWS[wrong.name]
        rows = table._default_manager.filter(pk=wrong.payload[key]) if key else table._default_manager.filter(case=case)
        rows.update(**{row_field: moment})
    elif wrong.name == "enforcement.source_registered":
        Source.objects.filter(case=case).update(received_at=moment)
    elif wrong.name == "enforcement.urgently_started":
        Case.objects.filter(pk=case.pk).update(urgently_started_at=moment)
    elif wrong.name == "enforcement.act_discovered":
        Case.objects.filter(pk=case.pk, discovered_at=replaced).update(discovered_at=moment)
    elif wrong.name == "enforcement.decision_drafted":
        DecisionDraft.objects.filter(case=case, version=wrong.payload["version"]).update(drafted_at=moment)
    elif wrong.name == "enforcement.decision_sent_back":
        DecisionDraft.objects.filter(case=case, version=wrong.payload["version"]).update(sent_back_at=moment)
    elif wrong.name == "enforcement.evidence_taken":
        # The act was as long as it was: its start moves with its end.
        EvidenceAct.objects.filter(pk=wrong.payload["act"]).update(
            started_at=F("started_at") + (moment - replaced), ended_at=moment
        )


def _extend_on_another_day(case: Case, moment: datetime) -> None:
    """The extension of the investigation was approved on another day than was entered; after the last day it is none."""
    extended = Duty.objects.of_anchor(case.stream).filter(obligation="close_investigation", extended_on__isnull=False)
    for duty in extended:
        try:
            duties.approve_extension_on(duty, timezone.localdate(moment))
        except duties.DutyRefused as refused:
            raise FactRefused(str(refused)) from refused
