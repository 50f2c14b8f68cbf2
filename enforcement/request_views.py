"""Pages of what is asked on a case and approved by somebody else."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core import registry
from core.models import FactRecord
from core.stepping import attempt, step_view
from core.views import OfficialRequest, reads_on_get
from enforcement import selectors, services
from enforcement.forms import MomentForm
from enforcement.models import Case, CaseRequest, MomentCorrection
from enforcement.moments import has_typed_moment, is_of_case
from enforcement.permissions import may_ask_correction
from enforcement.procedure import REQUESTS


def _visible(request: OfficialRequest, pk: int) -> Case:
    cases = selectors.cases_visible_to(request.user).select_related("party", "source", "unit")
    found: Case = get_object_or_404(cases.prefetch_related("officers__official"), pk=pk)
    return found


@reads_on_get
def ask_correction(request: OfficialRequest, pk: int, record_pk: int) -> HttpResponse:
    """Ask that the legal moment of a wrongly entered fact be put right. A fact has one open request at a time."""
    record = get_object_or_404(_records(), pk=record_pk)
    found = _case_of(request, pk, record.stream)
    if not is_of_case(record, found) or not has_typed_moment(record):
        raise Http404
    under_way = MomentCorrection.objects.open().filter(record=record).first()
    if under_way is not None:
        messages.warning(request, "这条记录已有一份更正申请在办理")
        return redirect(under_way)
    initial = {"happened_at": timezone.localtime(record.effective_happened_at)}
    form = MomentForm(request.POST or None, obj=found, by=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, services.request_moment_correction, case=found, record=record, by=request.user)
        if made is not None:
            messages.success(request, "已提出更正申请，批准后期限才会移动；结果会通知您")
            return redirect(made)
    context = {
        "case": found,
        "record": record,
        "form": form,
        "permit": may_ask_correction(request.user, found, record),
        "may_open": _may_open(request, found),
        "opened": record.opened_duties.all(),
    }
    return render(request, "enforcement/correct.html", context, status=form.http_status)


def _records() -> Any:
    found = FactRecord.objects.filter(corrects__isnull=True)
    return found.select_related("recorded_by").prefetch_related("corrections")


def _case_of(request: OfficialRequest, pk: int, stream: str) -> Case:
    """The case, for whoever sees the file in whose chain the fact stands: the case itself, or one of an app above; or 404.

    Sight of a review or of a recording is no sight of its case: nothing is shown of that but what the file's own page shows.
    """
    found: Case = get_object_or_404(_cases(), pk=pk)
    if stream == found.stream:
        return _visible(request, pk)
    if not registry.sees_stream(request.user, stream):
        raise Http404
    return found


def _may_open(request: OfficialRequest, case: Case) -> bool:
    return selectors.cases_visible_to(request.user).filter(pk=case.pk).exists()


def _cases() -> Any:
    return Case.objects.select_related("party", "source", "unit").prefetch_related("officers__official")


@reads_on_get
def show(request: OfficialRequest, pk: int, kind: str, request_pk: int) -> HttpResponse:
    """One request: what is asked, what an approval would move, and what can be done now."""
    asked = _asked(request, pk, kind, request_pk)
    context = {
        **_about(request, asked),
        # A side step that is somebody else's is no news.
        "steps": [step for step in REQUESTS[kind].next_steps(asked, request.user) if step.permit or step.step.primary],
        "steps_url": f"{asked.get_absolute_url()}steps/",
    }
    return render(request, "enforcement/request.html", context)


@reads_on_get
def take_step(request: OfficialRequest, pk: int, kind: str, request_pk: int, key: str) -> HttpResponse:
    """Approve a request, send it back, change it or take it back."""
    asked = _asked(request, pk, kind, request_pk)
    return step_view(
        request,
        obj=asked,
        name="request",
        lifecycle=REQUESTS[kind],
        key=key,
        template="enforcement/request_step.html",
        context=_about(request, asked),
    )


def _asked(request: OfficialRequest, pk: int, kind: str, request_pk: int) -> CaseRequest:
    """The request on a file that may be seen, or 404."""
    if kind not in REQUESTS:
        raise Http404
    asked: CaseRequest = get_object_or_404(selectors.requests_of(pk, kind), pk=request_pk)
    if isinstance(asked, MomentCorrection):
        asked.case = _case_of(request, pk, asked.record.stream)
    else:
        asked.case = _visible(request, pk)
    return asked


def _about(request: OfficialRequest, asked: CaseRequest) -> dict[str, Any]:
    corrects = isinstance(asked, MomentCorrection)
    return {
        "asked": asked,
        "case": asked.case,
        "may_open": _may_open(request, asked.case),
        "corrects": corrects,
        "previews": selectors.previews_of(asked) if isinstance(asked, MomentCorrection) else [],
        "outdated": selectors.is_outdated(asked) if isinstance(asked, MomentCorrection) else False,
    }
