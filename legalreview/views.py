"""Pages of legal review: the list, the submission, the reading room, its steps."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.files import file_answer
from core.paging import NEWEST_FIRST, page_of
from core.stepping import attempt, step_view
from core.views import OfficialRequest, reads_on_get
from enforcement.selectors import cases_visible_to, evidence_of
from legalreview import selectors
from legalreview.forms import SubmitForm
from legalreview.package import changes_since, frozen_papers
from legalreview.permissions import may_correct, may_submit
from legalreview.procedure import REVIEW
from legalreview.services import submit_for_review


@reads_on_get
def reviews(request: OfficialRequest) -> HttpResponse:
    """All reviews the official may see, by state."""
    rows = selectors.visible_reviews(request.user)
    wanted = request.GET.get("state", "open")
    states = {key: values for key, _, values in selectors.STATES_IN_LISTS}
    page = page_of(
        rows.filter(state__in=states[wanted]) if wanted in states else rows,
        request.GET.get("cursor", ""),
        by=NEWEST_FIRST,
        unit="件",
    )
    clocks = selectors.clocks_of(page.rows)
    context = {
        "pager": page,
        "rows": [(review, clocks.get(review.stream)) for review in page.rows],
        "wanted": wanted,
        "tabs": [(key, label) for key, label, _ in selectors.STATES_IN_LISTS],
    }
    return render(request, "legalreview/reviews.html", context)


@reads_on_get
def submit(request: OfficialRequest, pk: int) -> HttpResponse:
    """Submit the present draft of a case with its package."""
    case = get_object_or_404(cases_visible_to(request.user), pk=pk)
    permit = may_submit(request.user, case)
    form = SubmitForm(request.POST or None, obj=case, by=request.user)
    if request.method == "POST" and form.is_valid():
        review = attempt(form, submit_for_review, case=case, by=request.user)
        if review is not None:
            messages.success(request, "已送法制审核")
            return redirect(review)
    context = {
        "case": case,
        "draft": case.draft,
        "form": form,
        "permit": permit,
        "earlier": selectors.reviews_of(case.pk),
    }
    return render(request, "legalreview/submit.html", context, status=form.http_status)


@reads_on_get
def review(request: OfficialRequest, pk: int) -> HttpResponse:
    """The reading room: the package as submitted, the text under review, the points, the opinion, the clock.

    Once the round is over the legal office's sight of the case has ended: then nothing of the case is shown but what was submitted.
    """
    row = get_object_or_404(selectors.visible_reviews(request.user), pk=pk)
    may_open = cases_visible_to(request.user).filter(pk=row.case_id).exists()
    reads = may_open and row.is_open
    context = {
        "review": row,
        "case": row.case,
        "may_open": may_open,
        "papers": frozen_papers(row, linked=may_open),
        "changes": changes_since(row) if reads else [],
        "acts": list(evidence_of(row.case)) if reads else None,
        # A side step that is somebody else's is no news.
        "steps": [step for step in REVIEW.next_steps(row, request.user) if step.permit or step.step.primary],
        "steps_url": f"{row.get_absolute_url()}steps/",
        "clock": selectors.clock_of(row),
        "is_timed": selectors.is_timed(row),
        "rounds": selectors.reviews_of(row.case_id),
        "entries": selectors.entries_of(
            selectors.course_of_one(row), linked=False, corrects=bool(may_correct(request.user, row))
        ),
        "points": list(row.points.all()),
        "days_taken": selectors.days_taken(row),
        "now": timezone.now(),
    }
    return render(request, "legalreview/review.html", context)


@reads_on_get
def take_step(request: OfficialRequest, pk: int, key: str) -> HttpResponse:
    """Take one step of a review."""
    row = get_object_or_404(selectors.visible_reviews(request.user), pk=pk)
    template = "legalreview/points.html" if key == "answer" else "legalreview/step.html"
    return step_view(
        request,
        obj=row,
        name="review",
        lifecycle=REVIEW,
        key=key,
        template=template,
        context={"review": row, "case": row.case, "draft": row.draft, "points": list(row.points.all())},
    )


@reads_on_get
def document(request: OfficialRequest, pk: int) -> HttpResponseBase:
    """The written opinion as PDF."""
    row = get_object_or_404(selectors.visible_reviews(request.user), pk=pk)
    if row.document is None:
        raise Http404
    return file_answer(row.document)
