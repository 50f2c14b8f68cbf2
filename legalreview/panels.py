"""What legal review shows on a case's page: its lines of the timeline, and where the review stands."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from core.registry import Panel
from legalreview import selectors
from legalreview.permissions import may_submit


def case_timeline(request: HttpRequest, case: Any) -> Panel | None:
    """Every review act, as timeline entries."""
    reviews = selectors.reviews_of(case.pk)
    return Panel(template="", context={"entries": selectors.entries_of(reviews)}) if reviews else None


def case_aside(request: HttpRequest, case: Any) -> Panel | None:
    """The rounds, and the way to submit where that is the next thing to do."""
    reviews = selectors.reviews_of(case.pk)
    official: Any = request.user
    offers = bool(may_submit(official, case)) and not selectors.obstacle_to_submission(case)
    if not reviews and not offers:
        return None
    clocks = selectors.clocks_of(reviews)
    return Panel(
        template="legalreview/_case_panel.html",
        context={"case": case, "rows": [(review, clocks.get(review.stream)) for review in reviews], "offers": offers},
    )
