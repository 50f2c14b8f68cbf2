"""What a case consists of, for reviews, publication and the party's file."""

from __future__ import annotations

from django.db.models import QuerySet

from enforcement.models import Case, CaseDocument, Decision, EvidenceAct


def papers_of(case: Case) -> list[CaseDocument]:
    """Every document of the case with its file, the latest first."""
    return list(case.documents.select_related("file"))


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
