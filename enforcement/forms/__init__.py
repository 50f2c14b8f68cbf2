"""One form per legal step. The keys of its cleaned data are the keywords of its service."""

from enforcement.forms.decisions import DecideForm, DiscussionForm, DraftForm, RevokeForm
from enforcement.forms.execution import CourtForm, DemandForm, RemediesEndedForm
from enforcement.forms.filing import (
    AcceptForm,
    InitiationForm,
    NotFileForm,
    RegisterForm,
    SupplementForm,
    UrgentStartForm,
)
from enforcement.forms.investigation import (
    ActEndForm,
    ConclusionForm,
    CorrectionForm,
    EvidenceForm,
    ExcludeForm,
    ExtensionForm,
    PreservationForm,
    SettlementForm,
    VerificationForm,
)
from enforcement.forms.outcome import (
    CloseForm,
    DismissForm,
    PaymentForm,
    PerformanceForm,
    ServiceForm,
    SurchargeForm,
)
from enforcement.forms.requests import (
    ApproveMomentForm,
    ApprovePreservationForm,
    ChangeMomentForm,
    ChangePreservationForm,
    MomentForm,
    SendBackForm,
    WithdrawForm,
)
from enforcement.forms.rights import HearingForm, RightsAnswerForm, RightsNoticeForm
from enforcement.forms.steps import RemarksForm, StepForm

__all__ = [
    "AcceptForm",
    "ActEndForm",
    "ApproveMomentForm",
    "ApprovePreservationForm",
    "ChangeMomentForm",
    "ChangePreservationForm",
    "CloseForm",
    "ConclusionForm",
    "CorrectionForm",
    "CourtForm",
    "DecideForm",
    "DemandForm",
    "DiscussionForm",
    "DismissForm",
    "DraftForm",
    "EvidenceForm",
    "ExcludeForm",
    "ExtensionForm",
    "HearingForm",
    "InitiationForm",
    "MomentForm",
    "NotFileForm",
    "PaymentForm",
    "PerformanceForm",
    "PreservationForm",
    "RegisterForm",
    "RemarksForm",
    "RemediesEndedForm",
    "RevokeForm",
    "RightsAnswerForm",
    "RightsNoticeForm",
    "SendBackForm",
    "ServiceForm",
    "SettlementForm",
    "StepForm",
    "SupplementForm",
    "SurchargeForm",
    "UrgentStartForm",
    "VerificationForm",
    "WithdrawForm",
]
