"""What holds the rules of publication where no step is asked: the service and the database that refuse."""

from core.constraints import Checked, Trigger, constraint
from disclosure import services
from disclosure.models import Notice

# Another person than those who prepared a text reviews it before anybody outside can read it.
constraint(
    "publication_reviewed",
    services.approve_and_publish,
    Checked(Notice, "nothing_is_published_unreviewed"),
    Checked(Notice, "nobody_reviews_what_they_prepared"),
    Trigger("disclosure_notice", "disclosure_notice_state_edges"),
)
