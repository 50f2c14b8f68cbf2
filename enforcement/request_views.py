"""Pages of what is asked on a case and approved by somebody else."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.access import NotPermitted
from core.facts import FactRefused
from core.models import FactRecord
from core.stepping import step_view
from core.views import OfficialRequest, reads_on_get
from enforcement import selectors, services
from enforcement.facts import FACTS
from enforcement.forms import MomentForm
from enforcement.models import Case, CaseRequest, MomentCorrection
from enforcement.permissions import may_ask_correction
from enforcement.procedure import REQUESTS


def _visible(request: OfficialRequest, pk: int) -> Case:
    cases = selectors.cases_visible_to(request.user).select_related("party", "source", "unit")
    found: Case = get_object_or_404(cases.prefetch_related("officers__official"), pk=pk)
    return found


@reads_on_get
def ask_correction(request: OfficialRequest, pk: int, record_pk: int) -> HttpResponse:
    """Ask that the legal moment of a wrongly entered fact be put right. A fact has one open request at a time."""
    found = _visible(request, pk)
    record = get_object_or_404(_correctable(found), pk=record_pk)
    under_way = MomentCorrection.objects.open().filter(record=record).first()
    if under_way is not None:
        messages.warning(request, "这条记录已有一份更正申请在办理")
        return redirect(under_way)
    initial = {"happened_at": timezone.localtime(record.effective_happened_at)}
    form = MomentForm(request.POST or None, obj=found, by=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.request_moment_correction(case=found, record=record, by=request.user, **form.cleaned_data)
        except FactRefused as refused:
            form.refuse_field("happened_at", str(refused))
        except NotPermitted as refused:
            form.refuse_field(None, refused.permit.reason)
        else:
            messages.success(request, "已提出更正申请，批准后期限才会移动；结果会通知您")
            return redirect(made)
    context = {
        "case": found,
        "record": record,
        "form": form,
        "permit": may_ask_correction(request.user, found),
        "opened": record.opened_duties.all(),
    }
    return render(request, "enforcement/correct.html", context, status=form.http_status)


def _correctable(found: Case) -> Any:
    """Facts of the case whose moment somebody entered."""
    clerical = [name for name, fact in FACTS.items() if fact.is_clerical]
    return (
        FactRecord.objects.filter(stream=found.stream, corrects__isnull=True)
        .exclude(name__in=clerical)
        .select_related("recorded_by")
        .prefetch_related("corrections")
    )


@reads_on_get
def show(request: OfficialRequest, pk: int, kind: str, request_pk: int) -> HttpResponse:
    """One request: what is asked, what an approval would move, and what can be done now."""
    asked = _asked(request, pk, kind, request_pk)
    context = {
        **_about(asked),
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
        context=_about(asked),
    )


def _asked(request: OfficialRequest, pk: int, kind: str, request_pk: int) -> CaseRequest:
    """The request of a case that may be seen, or 404."""
    if kind not in REQUESTS:
        raise Http404
    found = _visible(request, pk)
    asked: CaseRequest = get_object_or_404(selectors.requests_of(found, kind), pk=request_pk)
    asked.case = found
    return asked


def _about(asked: CaseRequest) -> dict[str, Any]:
    corrects = isinstance(asked, MomentCorrection)
    return {
        "asked": asked,
        "case": asked.case,
        "corrects": corrects,
        "previews": selectors.previews_of(asked) if isinstance(asked, MomentCorrection) else [],
        "outdated": selectors.is_outdated(asked) if isinstance(asked, MomentCorrection) else False,
    }
