"""What holds the rules of a case where no step is asked: the forms and the database that refuse."""

from core.constraints import Trigger, constraint
from enforcement.forms.outcome import DismissForm
from enforcement.forms.steps import PenaltyFields

# Every form that names a sum is one of these, for pages and API alike; the range is that of enforcement/violations.toml.
constraint("fine_within_range", PenaltyFields)
# An investigated case ends in a decision, or in one of the endings that the form lists; the database knows no other way.
constraint("settled_by_result", DismissForm, Trigger("enforcement_case", "enforcement_case_state_edges"))
