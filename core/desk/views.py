"""The desk's pages: what waits and what is owed, duties, messages, search, the ledger of a file."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core import registry, seen
from core.alerts import close_files, mark_read, midnight
from core.desk import month, selectors
from core.desk.horizon import horizon
from core.models import Alert, Duty
from core.paging import NEWEST_FIRST, page_of
from core.views import OfficialRequest, reads_on_get

HOME_ROWS = 12
WAITING_ROWS = 30
DIGEST_ROWS = 5
URGENCIES = (
    ("", "全部", "all"),
    ("overdue", "逾期", "overdue"),
    ("today", "今天", "today"),
    ("next", "下一工作日", "next"),
    ("week", "本周", "week"),
    ("adopted", "参照", "adopted"),
)
STATES = (("open", "未办结"), ("met", "已办结"), ("met_late", "逾期办结"), ("voided", "已撤销"))


@require_safe
@reads_on_get
def home(request: OfficialRequest) -> HttpResponse:
    """Two lists: what I owe by when, and what waits for me. What is due stands first and stays short."""
    official, now = request.user, timezone.now()
    calendar = selectors.calendar_in_use()
    today, near = timezone.localdate(now), horizon(now)
    owed = selectors.owed(official)
    counts = selectors.urgency_counts(owed, now)
    urgency = request.GET.get("urgency", "")
    page = page_of(
        selectors.by_urgency(owed, urgency, now),
        request.GET.get("cursor", ""),
        by=selectors.NEAREST_FIRST,
        size=HOME_ROWS,
        unit="",
    )
    first = today - timedelta(days=today.weekday() + 7)
    due = selectors.due_days(owed, first, month.STRIP_WEEKS * 7, now)
    waiting = registry.waiting_for(official)
    return render(
        request,
        "desk/home.html",
        {
            "now": now,
            "today": today,
            "is_working_day": calendar.is_working(today),
            "next_working_day": near.next_working_day,
            "waiting": waiting[:WAITING_ROWS],
            "waiting_more": max(len(waiting) - WAITING_ROWS, 0),
            "waiting_count": len(waiting),
            "duties": page.rows,
            "pager": page,
            "urgency": urgency,
            "segments": _segments(reverse("desk:home"), urgency, counts, near.week),
            "counts": counts,
            "weeks": month.weeks(first, month.STRIP_WEEKS, today=today, calendar=calendar, due=due),
            "strip_title": _months(first, first + timedelta(days=month.STRIP_WEEKS * 7 - 1)),
            "files": selectors.nearest_files(owed),
            "digest": close_files(list(selectors.messages_of(official).order_by("-pk")[:DIGEST_ROWS]), official),
            "panels": registry.panels("desk.home", request, official),
        },
    )


def _segments(url: str, current: str, counts: dict[str, int], week: str) -> list[dict[str, object]]:
    return [
        {
            "label": week if key == "week" else label,
            "count": counts[name],
            "url": f"{url}?urgency={key}" if key else url,
            "current": key == current,
        }
        for key, label, name in URGENCIES
    ]


def _months(first: date, last: date) -> str:
    return f"{first.month}月" if first.month == last.month else f"{first.month}月 – {last.month}月"


# --- duties -----------------------------------------------------------------------------------------------------


@require_safe
@reads_on_get
def duties(request: OfficialRequest) -> HttpResponse:
    """Duties of the official's units and files: by whose they are, how they stand, their day or month."""
    official, now = request.user, timezone.now()
    calendar = selectors.calendar_in_use()
    scope, state = request.GET.get("scope", "mine"), request.GET.get("state", "open")
    if state not in dict(STATES):
        state = "open"
    visible = Duty.objects.visible_to(official)
    if scope != "all":
        scope = "mine"
        visible = visible.owed_by_official(official)
    found = visible
    match state:
        case "open":
            found = visible.open()
        case "met":
            found = visible.filter(met_at__isnull=False, voided_at__isnull=True)
        case "met_late":
            found = visible.filter(Duty.overdue_before_met(), voided_at__isnull=True, kind__in=Duty.RED_KINDS)
        case "voided":
            found = visible.filter(voided_at__isnull=False)
    urgency = request.GET.get("urgency", "") if state == "open" else ""
    found = selectors.by_urgency(found, urgency, now)
    shown_month = _month_of(request.GET.get("month", ""), timezone.localdate(now))
    first, count = month.weeks_of_month(*shown_month)
    monday = first - timedelta(days=first.weekday())
    due = selectors.due_days(found, monday, count * 7, now)
    day = _day_of(request.GET.get("day", ""))
    listed = found
    if day is not None:
        listed = found.filter(due_at__gte=midnight(day), due_at__lt=midnight(day + timedelta(days=1)))
    order = selectors.NEAREST_FIRST if state == "open" else selectors.LATEST_FIRST
    page = page_of(listed, request.GET.get("cursor", ""), by=order, unit="")
    return render(
        request,
        "desk/duties.html",
        {
            "now": now,
            "duties": page.rows,
            "pager": page,
            "scope": scope,
            "state": state,
            "states": STATES,
            "urgency": urgency,
            "urgencies": [
                (key, horizon(now).week if key == "week" else label, name) for key, label, name in URGENCIES[1:]
            ],
            "day": day,
            "month_title": f"{shown_month[0]}年{shown_month[1]}月",
            "month_value": f"{shown_month[0]}-{shown_month[1]:02d}",
            "previous_month": f"{first - timedelta(days=1):%Y-%m}",
            "next_month": f"{first + timedelta(days=31):%Y-%m}",
            "weeks": month.weeks(first, count, today=timezone.localdate(now), calendar=calendar, due=due),
            "day_query": _kept(request),
        },
    )


def _kept(request: OfficialRequest) -> str:
    """What a link to a day keeps of the page's address."""
    kept = QueryDict(mutable=True)
    for name in ("scope", "state", "urgency", "month"):
        if value := request.GET.get(name):
            kept[name] = value
    return f"{kept.urlencode()}&" if kept else ""


def _month_of(text: str, today: date) -> tuple[int, int]:
    """YYYY-MM within the calendar's range; this month for anything else."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.year, today.month
    if 2000 < first.year < 2099:
        return first.year, first.month
    return today.year, today.month


def _day_of(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 < day.year < 2099 else None


@require_safe
@reads_on_get
def duty(request: OfficialRequest, pk: int) -> HttpResponse:
    """One duty: by when, why, since what, and who was told."""
    selectors.calendar_in_use()
    found = get_object_or_404(
        Duty.objects.visible_to(request.user).select_related(
            "opened_by__recorded_by", "met_by__recorded_by", "unit", "owner_unit", "explained_by"
        ),
        pk=pk,
    )
    return render(
        request,
        "desk/duty.html",
        {
            "duty": found,
            "told": list(selectors.told_about(found)[:50]),
            "moves": list(found.calendar_moves.select_related("change").order_by("pk")),
            "now": timezone.now(),
        },
    )


# --- messages ---------------------------------------------------------------------------------------------------


@require_safe
@reads_on_get
def messages(request: OfficialRequest) -> HttpResponse:
    """What the official was told, newest first."""
    unread_only = request.GET.get("unread") == "1"
    found = selectors.messages_of(request.user)
    page = page_of(found.unread() if unread_only else found, request.GET.get("cursor", ""), by=NEWEST_FIRST)  # type: ignore[attr-defined]
    close_files(page.rows, request.user)
    return render(request, "desk/messages.html", {"alerts": page.rows, "pager": page, "unread_only": unread_only})


@require_POST
@reads_on_get
def open_message(request: OfficialRequest, pk: int) -> HttpResponse:
    """Mark a message read and go where it points."""
    alert = get_object_or_404(Alert.objects.of(request.user).select_related("duty"), pk=pk)
    close_files([alert], request.user)
    mark_read(alert, request.user)
    return redirect(alert.link or "desk:messages")


@require_POST
@reads_on_get
def read_messages(request: OfficialRequest) -> HttpResponse:
    """Mark one message read, or all that are on record now."""
    if request.POST.get("alert"):
        mark_read(_named_message(request), request.user)
    else:
        Alert.objects.of(request.user).unread().update(read_at=timezone.now())
    return _back_to_messages(request)


@require_POST
@reads_on_get
def note_messages(request: OfficialRequest) -> HttpResponse:
    """Take note of a message (知悉): who was told says so, with the moment. What is owed stays owed."""
    mark_read(_named_message(request), request.user, is_noted=True)
    return _back_to_messages(request)


def _named_message(request: OfficialRequest) -> Alert:
    pk = request.POST.get("alert", "")
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        raise Http404
    return get_object_or_404(Alert.objects.of(request.user), pk=int(pk))


def _back_to_messages(request: OfficialRequest) -> HttpResponse:
    back = reverse("desk:messages")
    return redirect(f"{back}?unread=1" if request.POST.get("unread") == "1" else back)


@require_safe
def told(request: OfficialRequest, token: str) -> HttpResponse:
    """Whoever follows the address in a mail or in a group's message: noted as having seen it, and led to their own list."""
    if request.method == "GET":
        return redirect(seen.follow(token, request.user))
    return redirect("desk:home")


# --- search, ledger ---------------------------------------------------------------------------------------------


@require_safe
@reads_on_get
def search(request: OfficialRequest) -> HttpResponse:
    """Files the official may see that contain the words."""
    query = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    hits = registry.search(request.user, query) if query else []
    return render(request, "desk/search.html", {"query": query, "hits": hits})


@require_safe
@reads_on_get
def ledger(request: OfficialRequest, stream: str) -> HttpResponse:
    """Every line of one file's chain, recomputed; the same answer for a file one may not see as for none."""
    if not selectors.may_read_stream(request.user, stream):
        raise Http404
    lines = selectors.lines_of(stream)
    if not lines:
        raise Http404
    broken = next((line.entry.seq for line in lines if not line.fits), None)
    title, url = next(((line.fact.subject_title, line.fact.subject_url) for line in lines if line.fact), (stream, ""))
    if request.user.is_auditor:
        # The auditor reads the ledger, which names nobody, and not the files.
        title, url = stream, ""
    return render(
        request,
        "desk/ledger.html",
        {
            "stream": stream,
            "title": title,
            "url": url,
            "lines": lines,
            "broken": broken,
            "waiting": sum(not line.is_sealed for line in lines),
            "names_shown": not request.user.is_auditor,
        },
    )
