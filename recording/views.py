"""Pages of recordings. A view fetches what may be seen, asks, acts, redirects."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from agency.roles import Role
from core import store
from core.access import NotPermitted, Permit, sees
from core.forms import StepForm
from core.paging import NEWEST_FIRST, page_of
from core.stepping import attempt, step_view
from core.views import OfficialRequest, reads_on_get
from enforcement.permissions import may_ask_correction
from recording import selectors, services
from recording.daily import hand_over, may_hand_over, may_state_work_end, state_work_end, terms_of
from recording.forms import (
    CustodyForm,
    DeviceForm,
    ExplainForm,
    HandInForm,
    RegisterForm,
    RequestAccessForm,
    StoreForm,
    WorkEndForm,
)
from recording.models import Recording
from recording.permissions import may_hand_in, may_hand_in_for, may_register_device, may_view_content
from recording.procedure import ACCESS, RECORDING
from recording.ranges import range_answer
from recording.receiving import refusal_of, takes_large_files
from recording.strip import lay_out


def _visible(request: OfficialRequest, pk: int) -> Recording:
    """The recording, or 404: an id one may not see answers like an absent one."""
    return get_object_or_404(selectors.visible_recordings(request.user).prefetch_related("case__officers"), pk=pk)


def _about(request: OfficialRequest, row: Recording) -> dict[str, Any]:
    """The recording with its act and case; sight of one recording may outlive that of its case, whose page and act are closed then."""
    return {"recording": row, "case": row.case, "act": row.act, "may_open_case": sees(request.user, row.case)}


@reads_on_get
def recordings(request: OfficialRequest) -> HttpResponse:
    """All recordings the official may see, by what is still to be done."""
    wanted = request.GET.get("show", "todo")
    rows = selectors.filtered(selectors.visible_recordings(request.user), wanted)
    page = page_of(rows, request.GET.get("cursor", ""), by=NEWEST_FIRST, unit="段")
    context = {
        "rows": selectors.rows_of(page.rows),
        "pager": page,
        "wanted": wanted,
        "tabs": selectors.FILTERS,
    }
    return render(request, "recording/recordings.html", context)


# --- handing in ---------------------------------------------------------------------------------------------


@reads_on_get
@takes_large_files
def upload(request: OfficialRequest, act_pk: int) -> HttpResponse:
    """Hand in a recording of an act: registered and stored in one go."""
    act = selectors.visible_act(request.user, act_pk)
    parts = selectors.parts_of(act.pk, request.user)
    form = HandInForm(_sent(request), request.FILES or None, obj=act, by=request.user, parts=parts)
    return _receive(
        request, form, act=act, parts=parts, title="上传录像", service=services.hand_in, arguments={"act": act}
    )


def _store(request: OfficialRequest, recording: Recording) -> HttpResponse:
    """Hand in the file of a recording that was registered before."""
    if recording.is_stored:
        messages.warning(request, "原始录像已经入库，不得替换")
        return redirect(recording)
    parts = [part for part in selectors.parts_of(recording.act_id, request.user) if part.pk != recording.pk]
    form = StoreForm(_sent(request), request.FILES or None, obj=recording, by=request.user)
    return _receive(
        request,
        form,
        act=recording.act,
        parts=parts,
        title=f"上传录像 片段{recording.sequence}",
        service=services.store_recording,
        arguments={"recording": recording},
        recording=recording,
    )


def _sent(request: OfficialRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _receive(
    request: OfficialRequest,
    form: StepForm,
    *,
    act: Any,
    parts: list[Recording],
    title: str,
    service: Callable[..., Recording],
    arguments: dict[str, Any],
    recording: Recording | None = None,
) -> HttpResponse:
    refusal = refusal_of(request) if request.method == "POST" else None
    if refusal is not None:
        form.is_valid()
        form.errors.pop("file", None)
        form.refuse_field("file", str(refusal), status=refusal.status)
    elif request.method == "POST" and form.is_valid():
        stored = attempt(form, service, by=request.user, **arguments)
        if stored is not None:
            messages.success(request, "录像已经入库，接下来编制索引")
            return redirect(stored)
    context = {
        "act": act,
        "case": act.case,
        "form": form,
        "title": title,
        "recording": recording,
        "waiting": [part for part in parts if not part.is_stored],
        "parts": parts,
        "permit": may_hand_in_for(request.user, act.case),
    }
    return render(request, "recording/upload.html", context, status=form.http_status)


@reads_on_get
def register(request: OfficialRequest, act_pk: int) -> HttpResponse:
    """Write down that an act was recorded, so that the clock of its hand-in runs and is seen."""
    act = selectors.visible_act(request.user, act_pk)
    parts = selectors.parts_of(act.pk, request.user)
    form = RegisterForm(request.POST or None, obj=act, by=request.user, parts=parts)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, services.register_recording, act=act, by=request.user)
        if made is not None:
            messages.success(request, f"已登记录像，{selectors.what_is_next(made)}")
            return redirect(made)
    context = {
        "act": act,
        "case": act.case,
        "form": form,
        "parts": parts,
        "permit": may_hand_in_for(request.user, act.case),
    }
    return render(request, "recording/register.html", context, status=form.http_status)


# --- one recording ------------------------------------------------------------------------------------------


@reads_on_get
def recording(request: OfficialRequest, pk: int) -> HttpResponse:
    """One recording: the picture for those who may see it, what it is, what is owed, what happened."""
    row = _visible(request, pk)
    parts = selectors.parts_of(row.act_id, request.user)
    duties = selectors.duties_of(row, request.user)
    context = {
        **_about(request, row),
        "parts": parts,
        "strip": lay_out(parts),
        "steps": RECORDING.next_steps(row, request.user),
        "steps_url": f"{row.get_absolute_url()}steps/",
        "may_view": may_view_content(request.user, row),
        "may_hand_in": may_hand_in(request.user, row),
        "asked": selectors.open_request(request.user, row),
        "terms": terms_of(row.unit_id, timezone.localdate(row.made_at)),
        "after_return": selectors.time_after_return(row),
        "discrepancies": selectors.discrepancies_of(row),
        "duties": duties,
        "entries": selectors.course_of(row, duties, corrects=bool(may_ask_correction(request.user, row.case))),
    }
    return render(request, "recording/recording.html", context)


@reads_on_get
@takes_large_files
def take_step(request: OfficialRequest, pk: int, key: str) -> HttpResponse:
    """One step of a recording: its file, or its index."""
    row = _visible(request, pk)
    if key == "store":
        return _store(request, row)
    return step_view(
        request,
        obj=row,
        name="recording",
        lifecycle=RECORDING,
        key=key,
        template="recording/step.html",
        context=_about(request, row),
    )


@reads_on_get
def explain(request: OfficialRequest, pk: int) -> HttpResponse:
    """Give the technical reason of a break or a faulty file."""
    row = _visible(request, pk)
    form = ExplainForm(request.POST or None, obj=row, by=request.user)
    if request.method == "POST" and form.is_valid():
        explained = attempt(form, services.explain_fault, recording=row, by=request.user)
        if explained is not None:
            messages.success(request, "已说明原因")
            return redirect(row)
    parts = selectors.parts_of(row.act_id, request.user)
    context = {
        **_about(request, row),
        "form": form,
        "permit": may_hand_in(request.user, row),
        "strip": lay_out(parts),
    }
    return render(request, "recording/explain.html", context, status=form.http_status)


@reads_on_get
def work_end(request: OfficialRequest, pk: int) -> HttpResponse:
    """Say when one was back at the unit, or that the day's work went on past midnight."""
    row = _visible(request, pk)
    form = WorkEndForm(request.POST or None, obj=row, by=request.user)
    title, done = ("登记返回时间", "已登记返回时间") if row.is_away else ("登记收工时间", "已登记收工时间")
    permit = may_state_work_end(request.user, row)
    return _say(request, row, form, permit, state_work_end, title=title, done=done)


@reads_on_get
def custody(request: OfficialRequest, pk: int) -> HttpResponse:
    """Write down that a custodian took the recording into keeping."""
    row = _visible(request, pk)
    form = CustodyForm(request.POST or None, obj=row, by=request.user)
    permit, done = may_hand_over(request.user, row), "已登记交专人保管，录像还要上传入库"
    return _say(request, row, form, permit, hand_over, title="交专人保管", done=done)


def _say(
    request: OfficialRequest,
    row: Recording,
    form: StepForm,
    permit: Permit,
    act: Callable[..., Recording],
    *,
    title: str,
    done: str,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        said = attempt(form, act, recording=row, by=request.user)
        if said is not None:
            messages.success(request, done)
            return redirect(said)
    context = {**_about(request, row), "form": form, "title": title, "permit": permit}
    return render(request, "recording/say.html", context, status=form.http_status)


def _records_access(view: Callable[[OfficialRequest, Recording], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """No record, no content: the viewing is written down in a transaction of its own before the view that only reads begins."""

    @functools.wraps(view)
    def wrapped(request: OfficialRequest, pk: int) -> HttpResponseBase:
        row = _visible(request, pk)
        if not row.is_stored:
            raise Http404
        try:
            services.record_access(recording=row, by=request.user)
        except NotPermitted as refused:
            return render(request, "recording/closed.html", {"recording": row, "permit": refused.permit}, status=403)
        return view(request, row)

    return wrapped


@_records_access
@reads_on_get
def content(request: OfficialRequest, row: Recording) -> HttpResponseBase:
    """The bytes as received, in the ranges a player asks for; downloaded where a browser may not be trusted with them."""
    if row.file is None:
        raise Http404
    try:
        source = store.open_stored(row.file)
    except FileNotFoundError as lost:
        raise Http404 from lost
    plays = row.is_playable
    answer = range_answer(
        source,
        size=row.size or 0,
        asked=request.headers.get("Range", ""),
        content_type=row.content_type if plays else "application/octet-stream",
    )
    if not plays or "download" in request.GET:
        name = f"recording-{row.pk}.bin" if not plays else f"recording-{row.pk}.{row.content_type.rpartition('/')[2]}"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; media-src 'self'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer


# --- who may see, and the devices ---------------------------------------------------------------------------


@reads_on_get
def request_access(request: OfficialRequest, pk: int) -> HttpResponse:
    """Ask to see a recording of a case one does not handle."""
    row = _visible(request, pk)
    form = RequestAccessForm(request.POST or None, obj=row, by=request.user)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, services.request_access, recording=row, by=request.user)
        if made is not None:
            messages.success(request, "已提出调阅申请，审批后会通知您")
            return redirect(made)
    context = {**_about(request, row), "form": form}
    return render(request, "recording/request_access.html", context, status=form.http_status)


@reads_on_get
def access_request(request: OfficialRequest, pk: int) -> HttpResponse:
    """One request to see a recording."""
    row = get_object_or_404(selectors.visible_requests(request.user), pk=pk)
    context = {
        "asked": row,
        "recording": row.recording,
        "steps": ACCESS.next_steps(row, request.user),
        "steps_url": f"{row.get_absolute_url()}steps/",
    }
    return render(request, "recording/access.html", context)


@reads_on_get
def access_step(request: OfficialRequest, pk: int, key: str) -> HttpResponse:
    """Approve or refuse a request."""
    row = get_object_or_404(selectors.visible_requests(request.user), pk=pk)
    return step_view(
        request,
        obj=row,
        name="request",
        lifecycle=ACCESS,
        key=key,
        template="recording/access_step.html",
        context={"asked": row, "recording": row.recording},
    )


@reads_on_get
def devices(request: OfficialRequest) -> HttpResponse:
    """The register of recording devices, and a new line of it."""
    units = request.user.units_as(Role.SECTION_HEAD, Role.RECORDS_CUSTODIAN)
    form = DeviceForm(request.POST or None, units=units) if units else None
    status = 200
    if request.method == "POST":
        status = 422
        if form is None:
            raise Http404
        if form.is_valid():
            services.register_device(by=request.user, **form.cleaned_data)
            messages.success(request, "已登记设备")
            return redirect("recording:devices")
    context = {
        "devices": selectors.devices_of(request.user),
        "form": form,
        "permit": may_register_device(request.user, request.user.unit_id),
    }
    return render(request, "recording/devices.html", context, status=status)
