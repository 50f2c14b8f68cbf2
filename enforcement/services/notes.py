"""What apps above write down to a case."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from enforcement.models import ActRecording, Case

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
def note_review_moment(*, case_id: int, replaced: datetime, moment: datetime) -> None:
    """The day of an opinion was entered wrongly and is put right; where the case rests on that agreement, its moment moves."""
    Case.objects.filter(pk=case_id, review_agreed_at=replaced).update(review_agreed_at=moment)


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
