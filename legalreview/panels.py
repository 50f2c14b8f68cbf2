"""What legal review shows on a case's page: its lines of the timeline, and where the review stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.urls import reverse

from core import law
from core.lifecycle import NextStep
from core.registry import Panel
from enforcement.permissions import may_ask_correction
from legalreview import selectors
from legalreview.models import Review
from legalreview.permissions import may_submit
from legalreview.procedure import SUBMIT

if TYPE_CHECKING:
    from core.access import Permit
    from enforcement.models import Case
    from enforcement.selectors import CaseFile


def case_panel(request: HttpRequest, file: CaseFile) -> Panel | None:
    """Every review act in the course; to submit, among the next steps, where that is what comes next; the rounds, and the way to submit where a draft may be submitted."""
    case = file.case
    course = selectors.course_of(case.pk)
    official: Any = request.user
    may_begin = not selectors.obstacle_to_submission(case, course.reviews)
    if not course.reviews and not may_begin:
        return None
    permit = may_submit(official, case)
    corrects = request.GET.get("show") == "correct" and bool(may_ask_correction(official, case))
    clocks = {duty.anchor: duty for duty in file.duties if duty.obligation == Review.CLOCK}
    rows = [(review, clocks.get(review.stream)) for review in course.reviews]
    steps = (_submission(case, permit),) if selectors.is_submission_expected(case, course.reviews) else ()
    return Panel(
        template="legalreview/_case_panel.html",
        context={"case": case, "rows": rows, "offers": may_begin and bool(permit)},
        entries=tuple(selectors.entries_of(course, corrects=corrects)),
        steps=steps,
    )


def _submission(case: Case, permit: Permit) -> NextStep:
    return NextStep(
        step=SUBMIT,
        permit=permit,
        unmet=(),
        citation=law.cite_act(SUBMIT.article, case.unit_id),
        url=reverse("legalreview:submit", args=[case.pk]),
    )
