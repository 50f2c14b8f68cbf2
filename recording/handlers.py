"""What a recording does when core tells it something."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from core.facts import FactRefused
from core.models import FactRecord
from recording.daily import WorkEndRefused, refuse_work_end
from recording.models import Recording
from recording.services import find_pauses

# Which moment of a recording a fact carries: those that somebody enters, and may enter wrongly.
MOMENTS: Final = {
    "recording.made": "made_at",
    "recording.work_ended": "work_ended_at",
    "recording.returned": "work_ended_at",
    "recording.handed_over": "handed_over_at",
}


def follow_correction(correction: FactRecord) -> None:
    """Wired to core.corrected: the recording was as long as it was, so its start moves with its end; breaks are found anew."""
    wrong = correction.corrects
    if wrong is None or wrong.name not in MOMENTS:
        return
    recording = Recording.objects.select_for_update(of=("self",)).get(pk=int(wrong.stream.partition(":")[2]))
    moment = datetime.fromisoformat(correction.payload["replaced_by"])
    if wrong.name != "recording.made":
        if wrong.name == "recording.work_ended":
            _refuse(recording, moment)
        setattr(recording, MOMENTS[wrong.name], moment)
        recording.save(update_fields=[MOMENTS[wrong.name]])
        return
    recording.started_at += moment - recording.made_at
    recording.made_at = moment
    recording.save(update_fields=["started_at", "made_at"])
    find_pauses(recording.act_id, by=correction.recorded_by)


def _refuse(recording: Recording, moment: datetime) -> None:
    """What nobody may state, nobody may correct to. Raises FactRefused."""
    try:
        refuse_work_end(work=recording.work, made_at=recording.made_at, work_ended_at=moment)
    except WorkEndRefused as refused:
        raise FactRefused(str(refused)) from refused


def out_of_order(case_id: int) -> dict[tuple[str, int], str]:
    """Recordings of the case that ended before their act began, or after they were handed in."""
    found = {}
    for row in Recording.objects.filter(case_id=case_id).select_related("act"):
        if row.made_at < row.act.started_at:
            found["act", row.pk] = "录制结束不能早于取证开始"
        if row.stored_at is not None and row.made_at > row.stored_at:
            found["stored", row.pk] = "录制结束不能晚于入库"
    return found
