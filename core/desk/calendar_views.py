"""Pages of the working-day calendar: which years stand on which notice, entering a notice, and what it moved."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from core import calendars, noticing, registry, spreadsheets
from core.access import NotPermitted
from core.desk import calendar_years
from core.desk.calendar_forms import NoticeForm, UndoForm
from core.models import CalendarChange
from core.noticing import Foreseen, NoticeRefused, Overtaken
from core.paging import page_of
from core.spreadsheets import Table
from core.views import OfficialRequest, reads_on_get
from rulebook.workdays import FIRST_DAY, LAST_DAY

PAGE = 50
READ_AND_SEND = require_http_methods(("GET", "HEAD", "POST"))


@require_safe
@reads_on_get
def years(request: OfficialRequest) -> HttpResponse:
    """The calendars in force: year, notice, who entered it, when; provisional years."""
    calendar, today = calendars.current(), timezone.localdate()
    return render(
        request,
        "desk/calendars.html",
        {
            "years": calendar_years.years(calendar, today),
            "calendar_id": calendar.id,
            "permit": registry.agency().may_keep_calendar(request.user),
            "missing": calendar_years.missing(calendar, today),
            "unfinished": CalendarChange.objects.filter(finished_at__isnull=True).first(),
        },
    )


@READ_AND_SEND
@reads_on_get
def enter(request: OfficialRequest) -> HttpResponseBase:
    """Paste a notice, see what it would move (all of it as a table too), enter it. Whatever is refused, what was pasted stays."""
    permit = registry.agency().may_keep_calendar(request.user)
    today = timezone.localdate()
    wanted = calendar_years.missing(calendars.current(), today) or today.year + 1
    form = NoticeForm(request.POST or None, request.FILES or None, initial={"year": wanted})
    foreseen: Foreseen | None = None
    page = _page(request.POST.get("page", ""))
    if request.method == "POST" and not permit:
        form.refuse_field(None, permit.reason, status=403)
    elif request.method == "POST" and form.is_valid():
        if "apply" in request.POST and (change := _entered(request, form)) is not None:
            done = f"，{change.moved}项期限改变" if change.finished_at else "，正在分批重新计算期限"
            messages.success(request, f"已录入{change.year}年放假安排{done}")
            return redirect(change)
        if "download" in request.POST and (table := _whole_list(request, form)) is not None:
            return spreadsheets.answer(table, "csv")
        foreseen = _foreseen(form, page)
    shown = calendar_years.foreseen_rows(foreseen.preview.rows, request.user) if foreseen else []
    return render(
        request,
        "desk/calendar_enter.html",
        {
            "form": form,
            "permit": permit,
            "foreseen": foreseen,
            "holidays": calendar_years.holidays_of(foreseen.reading.notice) if foreseen else [],
            "rows": shown,
            "owners": _owners(foreseen),
            "kept": list(foreseen.preview.kept.items()) if foreseen else [],
            "page": page,
            "pages": min(-(-foreseen.preview.total // PAGE), LAST_PAGE) if foreseen else 0,
        },
        status=form.http_status,
    )


LAST_PAGE = 20


def _page(text: str) -> int:
    return min(int(text), LAST_PAGE) if text.isascii() and text.isdigit() and 0 < len(text) < 4 and int(text) else 1


def _entered(request: OfficialRequest, form: NoticeForm) -> CalendarChange | None:
    """Enter what was previewed, and nothing else; None where it was refused, and the form says why."""
    reading, cleaned = form.reading, form.cleaned_data
    if reading is None or cleaned["seen"] is None or cleaned["previewed"] != reading.notice.digest:
        form.refuse_field("text", "内容在预览之后改过，请核对下面新的预览，再录入")
        return None
    if reading.missing and not cleaned["incomplete"]:
        form.refuse_field("incomplete", f"没有列出{'、'.join(reading.missing)}；确实如此的，请在这里确认")
        return None
    try:
        return noticing.enter(reading, by=request.user, seen=cleaned["seen"])
    except NotPermitted as refused:
        form.refuse_field(None, refused.permit.reason, status=403)
    except Overtaken as refused:
        form.refuse_field(None, str(refused), status=409)
    except NoticeRefused as refused:
        form.refuse_field(None, str(refused))
    return None


def _foreseen(form: NoticeForm, page: int) -> Foreseen | None:
    if form.reading is None:
        return None
    try:
        return noticing.foresee(form.reading, size=PAGE, offset=(page - 1) * PAGE)
    except NoticeRefused as refused:
        # Said already where entering it was refused for the same reason.
        if not form.non_field_errors():
            form.refuse_field(None, str(refused))
        return None


def _whole_list(request: OfficialRequest, form: NoticeForm) -> Table | None:
    """Everything that entering the notice would move; None where it was refused, which the page then says."""
    if form.reading is None:
        return None
    try:
        parts = noticing.every_move(form.reading)
    except NoticeRefused:
        return None
    name = f"{form.reading.notice.year}年放假安排将要改变的期限"
    return Table(name, "期限", calendar_years.moves_as_rows(parts, request.user))


def _owners(foreseen: Foreseen | None) -> list[tuple[str, int]]:
    if foreseen is None:
        return []
    names = calendar_years.names_of(foreseen.preview.by_owner)
    return [(names[unit], count) for unit, count in foreseen.preview.by_owner.most_common()]


@READ_AND_SEND
@reads_on_get
def year(request: OfficialRequest, year: int) -> HttpResponse:
    """One year: its holidays, what changed them and what moved; undoing an entry before its first effect."""
    if not FIRST_DAY.year <= year <= LAST_DAY.year:
        raise Http404
    calendar, now = calendars.current(), timezone.now()
    changes = calendar_years.changes_of(year)
    notice = calendar.notice(year)
    if notice is None and not changes and abs(year - timezone.localdate(now).year) > 1:
        raise Http404
    permit = registry.agency().may_keep_calendar(request.user)
    form = UndoForm(request.POST or None)
    if request.method == "POST" and _is_undone(request, form, year):
        messages.success(request, f"已撤销{year}年放假安排的录入")
        return redirect("desk:calendar", year)
    change = _chosen(changes, request.GET.get("change", ""))
    mine = request.GET.get("mine") == "1"
    moves = calendar_years.moves_shown_to(change, request.user, mine=mine) if change else None
    pager = page_of(moves, request.GET.get("cursor", ""), by=calendar_years.MOST_URGENT_FIRST, unit="项") if moves is not None else None  # fmt: skip
    undoable, why_not = _undoable(year, changes, permit=bool(permit))
    return render(
        request,
        "desk/calendar.html",
        {
            "year": year,
            "notice": notice,
            "holidays": calendar_years.holidays_of(notice)
            if notice
            else calendar_years.statutory_holidays(calendar, year),
            "entered": calendar_years.entered_for(year),
            "changes": changes,
            "stream": f"calendar:{year}",
            "change": change,
            "mine": mine,
            "rows": calendar_years.moved_rows(pager.rows, request.user) if pager else [],
            "pager": pager,
            "permit": permit,
            "form": form,
            "undoable": undoable,
            "why_not": why_not,
        },
        status=form.http_status,
    )


def _is_undone(request: OfficialRequest, form: UndoForm, year: int) -> bool:
    if not form.is_valid():
        return False
    try:
        noticing.undo(year, reason=form.cleaned_data["reason"], by=request.user)
    except NotPermitted as refused:
        form.refuse_field(None, refused.permit.reason, status=403)
    except NoticeRefused as refused:
        form.refuse_field(None, str(refused))
    else:
        return True
    return False


def _chosen(changes: list[CalendarChange], pk: str) -> CalendarChange | None:
    """The change that the address names; the latest otherwise."""
    return next((each for each in changes if str(each.pk) == pk), changes[0] if changes else None)


def _undoable(year: int, changes: list[CalendarChange], *, permit: bool) -> tuple[CalendarChange | None, str]:
    """The entry that may be undone, or why it may not; neither where there is none in force or the reader has no say."""
    if not permit or not any(each.notice.in_force for each in changes):
        return None, ""
    try:
        return noticing.undoable(year, timezone.now()), ""
    except NoticeRefused as refused:
        return None, str(refused)
