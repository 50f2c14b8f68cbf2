"""What legal review does when something happens to its case."""

from __future__ import annotations

from core.models import FactRecord
from legalreview.models import Review
from legalreview.services import end_with_case


def follow_end(record: FactRecord) -> None:
    """A case that ended waits for no opinion: its open round ends with it, and so does the clock."""
    case_id = int(record.stream.partition(":")[2])
    for review in Review.objects.open().filter(case_id=case_id):
        end_with_case(review=review, happened_at=record.happened_at, by=record.recorded_by)
