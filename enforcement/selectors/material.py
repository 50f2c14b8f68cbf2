"""What a case consists of, for reviews, publication and the party's file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from enforcement.models import Case, CaseDocument, Decision, EvidenceAct


@dataclass(frozen=True, slots=True)
class Material:
    """Everything a reviewer reads of one case."""

    case: Case
    draft: Any
    conclusion: Any
    notice: Any
    answers: list[Any]
    acts: list[EvidenceAct]
    corrections: list[Any]
    hearings: list[Any]
    discussions: list[Any]
    documents: list[CaseDocument]


def case_for_review(case: Case) -> Material:
    """The package a reviewer reads: evidence, notice and answers, the draft, the papers. Without the complainant."""
    case = Case.objects.select_related("party", "source", "unit", "conclusion").get(pk=case.pk)
    notice = case.notice
    return Material(
        case=case,
        draft=case.draft,
        conclusion=getattr(case, "conclusion", None),
        notice=notice,
        answers=list(notice.answers.select_related("file")) if notice else [],
        acts=list(evidence_of(case)),
        corrections=list(case.corrections.all()),
        hearings=list(case.hearings.select_related("presider", "file")),
        discussions=list(case.discussions.all()),
        documents=list(case.documents.select_related("file")),
    )


def evidence_of(case: Case) -> QuerySet[EvidenceAct]:
    """Acts of evidence-taking with officers and what is known of their recordings, in order."""
    return case.acts.select_related("note", "approved_by").prefetch_related("officers__official", "recordings")


def decision_of(case: Case) -> Decision | None:
    return Decision.objects.select_related("signed_by").filter(case=case).first()


def decision_for_publication(case_id: int) -> Decision:
    """The decision with its case and party. Raises Decision.DoesNotExist before there is one."""
    return Decision.objects.select_related("case__party", "case__source", "case__unit").get(case=case_id)


def protected_names(case_id: int) -> list[str]:
    """Names that must not leave the file: who complained or reported (inspection regulation 9)."""
    case = Case.objects.select_related("source").get(pk=case_id)
    return [case.source.complainant_name] if case.source.complainant_name else []
