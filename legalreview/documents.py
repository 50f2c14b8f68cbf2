"""The written opinion (法制审核意见书) as PDF."""

from __future__ import annotations

import io
from typing import Any

from core import jobs, law, store
from core.documents import render_pdf
from core.registry import agency
from legalreview.models import Review


@jobs.job("legalreview.opinion_document")
def render_opinion(payload: dict[str, Any]) -> None:
    """Make the PDF of one opinion. The same opinion is made once."""
    review = (
        Review.objects.select_for_update(of=("self",))
        .select_related("case__party", "reviewer", "unit", "legal_unit")
        .get(pk=payload["review"])
    )
    if review.document_id is not None:
        return
    context = {
        "review": review,
        "case": review.case,
        "agency": agency().name(),
        "points": list(review.points.all()),
        "basis": law.cite_act("WH-MEAS-13", review.unit_id),
    }
    pdf = render_pdf("legalreview/documents/opinion.html", context)
    review.document = store.keep(
        io.BytesIO(pdf),
        name=f"法制审核意见书（{review.case.number} 第{review.round}次）.pdf",
        by=review.reviewer,
        content_type="application/pdf",
    )
    review.save(update_fields=["document"])
