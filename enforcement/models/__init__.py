"""Enforcement's tables, split by noun."""

from enforcement.models.cases import ActEnd, Case, CaseOfficer, CaseQuerySet, CaseState, GraveHarm
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
from enforcement.models.execution import CourtApplication, PerformanceDemand
from enforcement.models.requests import OPEN, CaseRequest, MomentCorrection, PreservationRequest, RequestState
from enforcement.models.rights import Hearing, RightsAnswer, RightsNotice
from enforcement.models.sources import Party, Source, SourceEdit

__all__ = [
    "OPEN",
    "ActEnd",
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
    "CourtApplication",
    "Decision",
    "DecisionDraft",
    "EvidenceAct",
    "GraveHarm",
    "Hearing",
    "InvestigationExtension",
    "MomentCorrection",
    "Party",
    "Payment",
    "PenaltyKind",
    "PerformanceDemand",
    "PreservationRequest",
    "RequestState",
    "RightsAnswer",
    "RightsNotice",
    "Service",
    "Source",
    "SourceEdit",
]
