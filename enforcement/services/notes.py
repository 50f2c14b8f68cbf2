"""What apps above write down to a case, and corrections of its moments."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from core import facts as core_facts
from core.access import require
from core.models import FactRecord
from enforcement.models import ActRecording, Case
from enforcement.permissions import may_correct

if TYPE_CHECKING:
    from agency.models import Official


@transaction.atomic
def note_review_result(*, case: Case, result: str, text_digest: str, happened_at: datetime, by: Official) -> Case:
    """Legal affairs wrote an opinion on the text with this digest. Only "agree" lets that text be decided.

    Refuses with ValueError a reviewer who handles the case, and a case that is not waiting for its decision.
    """
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if case.handled_by(by):
        raise ValueError("承办人员不得审核自己承办的案件")
    if not case.awaits_decision:
        raise ValueError(f"案件处于“{case.get_state_display()}”，不在法制审核环节")
    case.review_result = result
    case.review_agreed_at = happened_at if result == Case.AGREED else None
    case.review_text_digest = text_digest
    case.save(update_fields=["review_result", "review_agreed_at", "review_text_digest"])
    return case


@transaction.atomic
def note_recording(
    *, act_id: int, recording: str, state: str, gap_seconds: int = 0, explained: bool = False
) -> ActRecording:
    """What became of one recording of an act: `recording` is its stream, `state` one of ActRecording.State."""
    if state not in ActRecording.State.values:
        raise ValueError(f"unknown state of a recording: {state}")
    row, _ = ActRecording.objects.update_or_create(
        stream=recording,
        defaults={"act_id": act_id, "state": state, "gap_seconds": gap_seconds, "explained": explained},
    )
    return row


@transaction.atomic
def correct_moment(
    *, case: Case, record: FactRecord, by: Official, happened_at: datetime, reason: str, approved_by: Official
) -> FactRecord:
    """Correct a wrongly entered moment of this case by a fact of its own; its duties and its own moments move.

    Raises NotPermitted, or FactRefused with what belongs at the field.
    """
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    require(may_correct(by, case))
    if record.stream != case.stream:
        raise core_facts.FactRefused("这条记录不属于本案")
    _between_neighbours(case, record, happened_at)
    return core_facts.correct(record, happened_at=happened_at, reason=reason, by=by, approved_by=approved_by)


def _between_neighbours(case: Case, record: FactRecord, happened_at: datetime) -> None:
    """A corrected step still lies between the steps around it; acts within one state may change places."""
    from enforcement.handlers import MOMENTS

    if record.name not in MOMENTS:
        return
    key = MOMENTS[record.name]
    order = list(dict.fromkeys(MOMENTS.values()))
    place = order.index(key)
    earlier = [getattr(case, name) for name in order[:place] if getattr(case, name)]
    later = [getattr(case, name) for name in order[place + 1 :] if getattr(case, name)]
    if earlier and happened_at < max(earlier):
        raise core_facts.FactRefused("更正后的时间早于前一步骤")
    if later and happened_at > min(later):
        raise core_facts.FactRefused("更正后的时间晚于后一步骤")
