"""What a case consists of, for reviews, publication and the party's file."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import CharField, QuerySet, Value

from enforcement.models import (
    Case,
    CaseDocument,
    CorrectionOrder,
    Decision,
    EvidenceAct,
    RightsNotice,
    Service,
)


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


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a file names beside its party, as typed: who complained, who was present, who signed for what was served."""

    complainants: str
    present: tuple[str, ...]
    recipients: tuple[str, ...]


def named_in(case: Case) -> Named:
    """Everybody the file names, excluded evidence too: what proves nothing is no less private (inspection regulation 9)."""
    acts = EvidenceAct.objects.filter(case=case).exclude(persons="")
    asked = acts.annotate(part=Value("present", CharField())).values_list("part", "persons")
    signed = [
        model._default_manager.filter(case=case)
        .exclude(recipient="")
        .annotate(part=Value("recipient", CharField()))
        .values_list("part", "recipient")
        for model in (RightsNotice, CorrectionOrder, Service)
    ]
    found = sorted(asked.union(*signed))
    return Named(
        complainants=case.source.complainant_name,
        present=tuple(text for part, text in found if part == "present"),
        recipients=tuple(text for part, text in found if part == "recipient"),
    )
