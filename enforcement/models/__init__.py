"""Enforcement's tables, split by noun."""

from enforcement.models.cases import Case, CaseOfficer, CaseQuerySet, CaseState
from enforcement.models.decisions import (
    CollectiveDiscussion,
    Decision,
    DecisionDraft,
    Payment,
    PenaltyKind,
    Service,
)
from enforcement.models.documents import CaseDocument
from enforcement.models.evidence import (
    ActOfficer,
    ActRecording,
    Conclusion,
    CorrectionOrder,
    EvidenceAct,
    InvestigationExtension,
)
from enforcement.models.requests import OPEN, CaseRequest, MomentCorrection, PreservationRequest, RequestState
from enforcement.models.rights import Hearing, RightsAnswer, RightsNotice
from enforcement.models.sources import Party, Source, SourceEdit

__all__ = [
    "OPEN",
    "ActOfficer",
    "ActRecording",
    "Case",
    "CaseDocument",
    "CaseOfficer",
    "CaseQuerySet",
    "CaseRequest",
    "CaseState",
    "CollectiveDiscussion",
    "Conclusion",
    "CorrectionOrder",
    "Decision",
    "DecisionDraft",
    "EvidenceAct",
    "Hearing",
    "InvestigationExtension",
    "MomentCorrection",
    "Party",
    "Payment",
    "PenaltyKind",
    "PreservationRequest",
    "RequestState",
    "RightsAnswer",
    "RightsNotice",
    "Service",
    "Source",
    "SourceEdit",
]
