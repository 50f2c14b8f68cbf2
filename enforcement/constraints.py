"""What holds the rules of a case where no step is asked: the forms and the database that refuse."""

from core.constraints import Checked, Trigger, constraint
from enforcement.forms.investigation import EvidenceForm
from enforcement.forms.outcome import DismissForm, PaymentForm, PerformanceForm, ServiceForm
from enforcement.forms.rights import HearingForm
from enforcement.forms.steps import PenaltyFields
from enforcement.models import EvidenceAct, Payment, Service

# Every form that names a sum is one of these, for pages and API alike; the range is that of enforcement/violations.toml.
constraint("fine_within_range", PenaltyFields)
# An investigated case ends in a decision, or in one of the endings that the form lists; the database knows no other way.
constraint("settled_by_result", DismissForm, Trigger("enforcement_case", "enforcement_case_state_edges"))
# Evidence is only taken by officers who showed who they are.
constraint("certificates_shown", EvidenceForm, Checked(EvidenceAct, "certificates_are_shown_penalty_law_55"))
constraint(
    "electronic_service_consented",
    ServiceForm,
    Checked(Service, "electronic_service_needs_signed_consent_penalty_law_61"),
)
# The form offers nobody who investigates the case.
constraint("hearing_presided_by_another", HearingForm)
# A payment is taken only with exactly what was added by its day, and that never passes the fine itself.
constraint("added_fine_capped", PaymentForm, Checked(Payment, "a_surcharge_is_at_most_the_fine_penalty_law_72"))
# Only a performed decision can be closed: by its payment, or by what the form asks of any other performance.
constraint("performance_recorded", PerformanceForm, Trigger("enforcement_case", "enforcement_case_state_edges"))
