"""One form per legal step. The keys of its cleaned data are the keywords of its service."""

from enforcement.forms.decisions import DecideForm, DiscussionForm, DraftForm, RevokeForm
from enforcement.forms.filing import AcceptForm, InitiationForm, NotFileForm, RegisterForm, SupplementForm
from enforcement.forms.investigation import (
    ConclusionForm,
    CorrectionForm,
    EvidenceForm,
    ExcludeForm,
    ExtensionForm,
    VerificationForm,
)
from enforcement.forms.outcome import (
    CloseForm,
    CorrectMomentForm,
    DismissForm,
    PaymentForm,
    PerformanceForm,
    ServiceForm,
    SurchargeForm,
)
from enforcement.forms.rights import HearingForm, RightsAnswerForm, RightsNoticeForm
from enforcement.forms.steps import RemarksForm, StepForm

__all__ = [
    "AcceptForm",
    "CloseForm",
    "ConclusionForm",
    "CorrectMomentForm",
    "CorrectionForm",
    "DecideForm",
    "DiscussionForm",
    "DismissForm",
    "DraftForm",
    "EvidenceForm",
    "ExcludeForm",
    "ExtensionForm",
    "HearingForm",
    "InitiationForm",
    "NotFileForm",
    "PaymentForm",
    "PerformanceForm",
    "RegisterForm",
    "RemarksForm",
    "RevokeForm",
    "RightsAnswerForm",
    "RightsNoticeForm",
    "ServiceForm",
    "StepForm",
    "SupplementForm",
    "SurchargeForm",
    "VerificationForm",
]
