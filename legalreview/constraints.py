"""What holds the rules of legal review where no step is asked: the services and the database that refuse."""

from core.constraints import Checked, Trigger, constraint
from legalreview import permissions, services
from legalreview.models import Review

# Every round names the legal office that reviews it; only that office's own reviewers receive it, answer and sign.
constraint("reviewed_by_the_legal_office", permissions.may_receive)
# Who receives the package declares to have no interest in it; who submitted it never receives it.
constraint("reviewer_without_interest", services.accept_package, Checked(Review, "nobody_reviews_what_they_submitted"))
# The opinion stands in the course of the review itself, with who, when and why; there is no answered review without.
constraint(
    "opinion_in_the_online_course",
    services.issue_opinion,
    Checked(Review, "an_answered_review_has_its_opinion"),
    Trigger("legalreview_review", "legalreview_review_state_edges"),
)
