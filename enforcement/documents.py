"""The documents of a case: which are made, from what, and how they become PDF."""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from agency import selectors as agency
from core import jobs, store
from core.documents import printed
from enforcement import terms
from enforcement.models import (
    Case,
    CaseDocument,
    Conclusion,
    CorrectionOrder,
    Decision,
    RightsNotice,
    Service,
)

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from agency.models import Official
    from core.models import StoredFile

RENDER = "enforcement.render_document"
TEMPLATES = {
    CaseDocument.Kind.INITIATION: "enforcement/documents/initiation_form.html",
    CaseDocument.Kind.CORRECTION: "enforcement/documents/correction_order.html",
    CaseDocument.Kind.CONCLUSION: "enforcement/documents/conclusion_report.html",
    CaseDocument.Kind.NOTICE: "enforcement/documents/rights_notice.html",
    CaseDocument.Kind.DECISION: "enforcement/documents/penalty_decision.html",
    CaseDocument.Kind.RECEIPT: "enforcement/documents/service_receipt.html",
}


def attach(case: Case, kind: str, *, title: str, upload: UploadedFile, at: datetime, by: Official) -> StoredFile:
    """Keep a file that was handed in, and list it in the case."""
    stored = store.keep(upload, name=upload.name or title, by=by, content_type=upload.content_type or "")
    CaseDocument.objects.create(case=case, kind=kind, title=title, made_at=at, made_by=by, file=stored)
    return stored


def order(case: Case, kind: CaseDocument.Kind, *, row: int, number: str, at: datetime, by: Official) -> CaseDocument:
    """List a document and have its PDF made once the act is committed."""
    document = CaseDocument.objects.create(
        case=case, kind=kind, title=str(kind.label), number=number, row_id=row, made_at=at, made_by=by
    )
    jobs.enqueue(RENDER, key=f"document:{document.pk}", document=document.pk)
    return document


@jobs.job(RENDER)
def render_document(payload: dict[str, Any]) -> None:
    """Make the PDF of one document. The same document is made once."""
    document = CaseDocument.objects.select_for_update(of=("self",)).get(pk=payload["document"])
    if document.is_ready:
        return
    paper = printed(TEMPLATES[CaseDocument.Kind(document.kind)], context_of(document))
    name = f"{document.title}{document.number}.pdf"
    document.file = store.keep(io.BytesIO(paper.pdf), name=name, by=document.made_by, content_type="application/pdf")
    document.pages = paper.pages
    document.save(update_fields=["file", "pages"])


def context_of(document: CaseDocument) -> dict[str, Any]:
    """What a document's template says: the row it is made of, as it stood when the act was taken."""
    case = Case.objects.select_related("party", "source", "unit", "proposed_by", "filed_by").get(pk=document.case_id)
    context: dict[str, Any] = {
        "document": document,
        "case": case,
        "party": case.party,
        "violation": case.suspected,
        "established": case.punished,
        "letterhead": agency.letterhead(),
        "agency_name": agency.agency_name(),
        "officers": list(case.officers.select_related("official")),
    }
    row = document.row_id or 0
    match document.kind:
        case CaseDocument.Kind.CORRECTION:
            context["order"] = CorrectionOrder.objects.get(pk=row)
        case CaseDocument.Kind.CONCLUSION:
            context["conclusion"] = Conclusion.objects.select_related("concluded_by").get(pk=row)
            context["acts"] = case.acts.relied_on().prefetch_related("officers__official")
        case CaseDocument.Kind.NOTICE:
            notice = RightsNotice.objects.get(pk=row)
            period = terms.hearing_period(case, timezone.localdate(notice.served_at))
            context |= {"notice": notice, "hearing_period": terms.in_words(period) if period else ""}
        case CaseDocument.Kind.DECISION:
            context["decision"] = Decision.objects.get(pk=row)
        case CaseDocument.Kind.RECEIPT:
            context["service"] = Service.objects.select_related("served_by").get(pk=row)
            context["decision"] = case.decision
    return context
