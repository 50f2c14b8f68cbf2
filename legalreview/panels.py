"""What legal review shows on a case's page: its lines of the timeline, and where the review stands."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from core import law
from core.lifecycle import NextStep
from core.registry import Panel
from legalreview import selectors
from legalreview.permissions import may_submit
from legalreview.procedure import SUBMIT


def case_timeline(request: HttpRequest, case: Any) -> Panel | None:
    """Every review act, as timeline entries."""
    reviews = selectors.reviews_of(case.pk)
    return Panel(template="", context={"entries": selectors.entries_of(reviews)}) if reviews else None


def case_step(request: HttpRequest, case: Any) -> Panel | None:
    """To submit, among the case's next steps, where that is what comes next."""
    if not selectors.is_submission_expected(case):
        return None
    official: Any = request.user
    step = NextStep(
        step=SUBMIT,
        permit=may_submit(official, case),
        unmet=(),
        citation=law.cite(SUBMIT.article, case.unit_id),
        url=reverse("legalreview:submit", args=[case.pk]),
    )
    return Panel(template="", context={"step": step})


def case_aside(request: HttpRequest, case: Any) -> Panel | None:
    """The rounds, and the way to submit where a draft may be submitted."""
    reviews = selectors.reviews_of(case.pk)
    official: Any = request.user
    may_begin = not selectors.obstacle_to_submission(case)
    if not reviews and not may_begin:
        return None
    offers = may_begin and bool(may_submit(official, case))
    clocks = selectors.clocks_of(reviews)
    return Panel(
        template="legalreview/_case_panel.html",
        context={"case": case, "rows": [(review, clocks.get(review.stream)) for review in reviews], "offers": offers},
    )
