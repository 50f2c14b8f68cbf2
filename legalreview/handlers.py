"""What legal review does when something happens to its case."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import F

from core.models import FactRecord
from enforcement.services import note_review_moment
from legalreview.models import Review
from legalreview.services import end_with_case

# Which moment of a review a fact carries: those that somebody may find entered wrongly. A pause counts by its days in the clock itself.
MOMENTS: Final = {
    "legalreview.submitted": "submitted_at",
    "legalreview.package_accepted": "accepted_at",
    "legalreview.opinion_issued": "opinion_at",
}


def follow_end(record: FactRecord) -> None:
    """A case that ended waits for no opinion: its open round ends with it, and so does the clock."""
    case_id = int(record.stream.partition(":")[2])
    for review in Review.objects.open().filter(case_id=case_id):
        end_with_case(review=review, happened_at=record.happened_at, by=record.recorded_by)


def follow_correction(correction: FactRecord) -> None:
    """Wired to core.corrected: move the moments that the review keeps of the corrected fact, and the agreement its case rests on."""
    wrong = correction.corrects
    if wrong is None or wrong.name not in MOMENTS:
        return
    review = Review.objects.select_for_update(of=("self",)).get(pk=int(wrong.stream.partition(":")[2]))
    replaced = datetime.fromisoformat(correction.payload["replaced"])
    moment = datetime.fromisoformat(correction.payload["replaced_by"])
    setattr(review, MOMENTS[wrong.name], moment)
    if review.state_since == replaced:
        review.state_since = moment
    if review.last_step_at == replaced or moment > review.last_step_at:
        review.last_step_at = moment
    review.save(update_fields=[MOMENTS[wrong.name], "state_since", "last_step_at"])
    if wrong.name == "legalreview.opinion_issued":
        note_review_moment(case_id=review.case_id, replaced=replaced, moment=moment)


def out_of_order(case_id: int) -> dict[tuple[str, int], str]:
    """Rounds of the case that were submitted before their draft was written."""
    reviews = Review.objects.filter(case_id=case_id, submitted_at__lt=F("draft__drafted_at"))
    return {("submitted", pk): "送审不能早于拟稿" for pk in reviews.values_list("pk", flat=True)}
