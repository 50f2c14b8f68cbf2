"""The desk's pages of notices: the list, one notice beside its decision, its steps, the export."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core import spreadsheets
from core.stepping import step_view
from core.views import OfficialRequest, reads_on_get
from disclosure import exchange, selectors
from disclosure.models import Notice, NoticeState
from disclosure.procedure import NOTICE

SEGMENTS = (
    ("", "全部"),
    (NoticeState.DRAFT, "待送审"),
    (NoticeState.IN_REVIEW, "待公示审核"),
    (NoticeState.EXCLUSION_REVIEW, "待审核不予公开"),
    (NoticeState.PUBLISHED, "已公示"),
    (NoticeState.WITHHELD, "不予公开"),
    (NoticeState.WITHDRAWN, "已撤回"),
)


@require_safe
@reads_on_get
def notices(request: OfficialRequest) -> HttpResponse:
    """Notices of my sections, and those that wait for my review; newest first."""
    state = request.GET.get("state", "")
    page = selectors.page_of_notices(request.user, state=state, cursor=request.GET.get("cursor", ""))
    counts = selectors.counts_of_unsettled(request.user)
    segments = [
        {"label": label, "url": selectors.list_url(key), "current": key == state, "count": counts.get(key, 0)}
        for key, label in SEGMENTS
    ]
    context = {"rows": selectors.with_duties(page.rows), "pager": page, "segments": segments, "state": state}
    return render(request, "disclosure/list.html", context)


@require_safe
@reads_on_get
def notice(request: OfficialRequest, pk: int) -> HttpResponse:
    """One notice: next steps, decision and public text side by side, what happened."""
    found = get_object_or_404(selectors.visible(request.user), pk=pk)
    return render(
        request,
        "disclosure/detail.html",
        {
            "notice": found,
            "steps": selectors.next_steps(found, request.user),
            "comparison": selectors.comparison(found),
            "redactions": selectors.redaction_lines(found),
            "edits": found.edits.select_related("edited_by"),
            "duties": selectors.duties_of(found),
            "entries": selectors.timeline(found, request.user),
            "day_changed": timezone.localdate(found.decided_at) != found.decided_on,
            "case_url": selectors.case_url(request.user, found),
            "correction": selectors.correction_of(request.user, found),
        },
    )


@reads_on_get
def take_step(request: OfficialRequest, pk: int, key: str) -> HttpResponse:
    """One legal step on a notice."""
    found = get_object_or_404(selectors.visible(request.user), pk=pk)
    context = {"notice": found, "comparison": selectors.comparison(found)}
    return step_view(
        request, obj=found, name="notice", lifecycle=NOTICE, key=key, template="disclosure/step.html", context=context
    )


def _published(official: OfficialRequest) -> Iterator[Notice]:
    """Every published notice the official may see, read in portions."""
    rows = Notice.objects.visible_to(official.user).published().order_by("-pk")
    return rows.iterator(chunk_size=500)


@require_safe
@reads_on_get
def export(request: OfficialRequest, kind: str) -> HttpResponseBase:
    """The published notices in the fields of the exchange, as CSV or as a workbook."""
    return spreadsheets.answer(exchange.table(_published(request), timezone.localdate()), kind)
