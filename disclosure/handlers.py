"""What this app does when something happens below it. Named in config/wiring.py; runs in the same transaction."""

from __future__ import annotations

from datetime import datetime

from core.models import FactRecord
from disclosure import services


def _case_of(record: FactRecord) -> int:
    return int(record.stream.removeprefix("case:"))


def draft_notice(record: FactRecord) -> None:
    """enforcement.decision_made: the notice drafts itself. If it cannot, there is no decision either."""
    services.draft_notice(case_id=_case_of(record), happened_at=record.happened_at, by=record.recorded_by)


def note_service(record: FactRecord) -> None:
    """enforcement.decision_served: where that is when publication begins to be owed, what was done before counts."""
    services.note_service(case_id=_case_of(record), happened_at=record.happened_at)


def note_revocation(record: FactRecord) -> None:
    """enforcement.decision_revoked: nothing more is published, and what was published is due to be withdrawn."""
    services.note_revocation(case_id=_case_of(record), happened_at=record.happened_at)


def follow_correction(record: FactRecord) -> None:
    """core.corrected: where the day of a decision was entered wrongly, its notice follows."""
    if record.corrects is not None and record.corrects.name == "enforcement.decision_made":
        decided_at = datetime.fromisoformat(record.payload["replaced_by"])
        services.note_decision_day(case_id=_case_of(record), decided_at=decided_at)
