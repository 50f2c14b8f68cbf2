"""The real steps of a review, with lawful values."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from enforcement.models import Case
from legalreview import services
from legalreview.forms import items_of
from legalreview.models import Review
from tests.enforcement.factories import Bureau, at


def package(case: Case, **present: bool) -> dict[str, dict[str, Any]]:
    items = items_of("review_package_complete", case)
    return {item.key: {"label": item.label, "present": present.get(item.key, True), "note": ""} for item in items}


def submit(bureau: Bureau, case: Case, **changes: Any) -> Review:
    values = {
        "by": bureau.lead,
        "happened_at": at("2026-02-03 16:00"),
        "explanation": "拟罚款20000元",
        "package": package(case),
    }
    return services.submit_for_review(case=case, **(values | changes))


def accept(bureau: Bureau, review: Review, **changes: Any) -> Review:
    values = {"by": bureau.reviewer, "happened_at": review.submitted_at + timedelta(hours=1), "no_conflict": True}
    return services.accept_package(review=review, **(values | changes))


def points(review: Review, **answers: tuple[str, bool, str]) -> list[dict[str, Any]]:
    rows = []
    for item in items_of("review_points_answered", review):
        answer, grave, remark = answers.get(item.key, ("sound", False, ""))
        rows.append({"key": item.key, "label": item.label, "answer": answer, "is_grave": grave, "remark": remark})
    return rows


def answer_points(bureau: Bureau, review: Review, **answers: tuple[str, bool, str]) -> Review:
    return services.answer_points(
        review=review,
        by=bureau.reviewer,
        happened_at=review.last_step_at + timedelta(minutes=5),
        points=points(review, **answers),
    )


def issue(bureau: Bureau, review: Review, opinion: str = "agree", **changes: Any) -> Review:
    values = {
        "by": bureau.reviewer,
        "happened_at": review.last_step_at + timedelta(minutes=10),
        "opinion_text": "经审核，同意。",
    }
    return services.issue_opinion(review=review, opinion=opinion, **(values | changes))
