"""Pages of supervision: the year's plan, a report, the board, and the lists behind every figure."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core import calendars, law, spreadsheets
from core.desk.selectors import LATEST_FIRST, NEAREST_FIRST
from core.files import file_answer
from core.paging import NEWEST_FIRST, page_of
from core.stepping import attempt
from core.views import OfficialRequest, reads_on_get
from supervision import boards, exports, figures, selectors, whatif
from supervision.forms import ReportForm, WhatIfForm
from supervision.models import reporting_units
from supervision.permissions import may_report, may_see_board, may_see_plan
from supervision.plan import ReportNotDue, disagreement_of, owed, profiles_of
from supervision.procedure import REPORT
from supervision.services import report_plan_item


@require_safe
@reads_on_get
def home(request: OfficialRequest) -> HttpResponse:
    """The board for whoever has one, else the plan."""
    return redirect("supervision:board" if may_see_board(request.user) else "supervision:plan")


# --- the plan ---------------------------------------------------------------------------------------------------


@require_safe
@reads_on_get
def plan(request: OfficialRequest) -> HttpResponse:
    """The items of the year's plan, and what is reported besides, with what became of them."""
    _require(may_see_plan(request.user))
    now = timezone.now()
    today = timezone.localdate(now)
    calendars.current()
    years = selectors.years_of_plan(request.user, today)
    year = boards.year_in(request.GET.get("year", ""), now)
    if year not in years:
        year = today.year
    found = selectors.plan(year)
    items = selectors.items_of(request.user, year=year, now=now)
    context = {
        "plan": found,
        "year": year,
        "years": years,
        "items": selectors.planned(items),
        "besides": selectors.besides(items),
        "missing": selectors.missing_reports(request.user, now=now),
        "closing": [(a, law.rulebook().cite(rule.id)) for a, rule in found.closing_words()] if found else [],
        "may_see_board": may_see_board(request.user),
        "states": figures.STATES,
        "now": now,
    }
    return render(request, "supervision/plan.html", context)


@reads_on_get
def report_item(request: OfficialRequest, period: str, item: str, unit_id: int) -> HttpResponse:
    """Report on an item for one's own unit; a unit one does not see answers as if it did not exist."""
    _require(may_see_plan(request.user))
    try:
        due = owed(unit_id=unit_id, period=period, item=item)
    except ReportNotDue as none:
        raise Http404 from none
    if not reporting_units(request.user) & {due.unit_id, due.owner_id}:
        raise Http404
    form = ReportForm(request.POST or None, request.FILES or None, obj=due, by=request.user)
    if request.method == "POST" and form.is_valid():
        handed_in = attempt(form, report_plan_item, owed=due, by=request.user)
        if handed_in is not None:
            said = f"已报送：{due.rule.title}（{due.period_in_words}）"
            duty = selectors.duty_of(handed_in)
            if duty is not None and duty.state == "met_late":
                said += f"。最迟应于{timezone.localtime(duty.due_at):%Y年%-m月%-d日}报送，记为逾期"
            messages.success(request, said)
            return redirect(handed_in)
    shown = next(
        (each for each in selectors.unit_reports(request.user, year=due.year, now=timezone.now()) if each.owed == due),
        None,
    )
    if shown is None:
        raise Http404
    offered = selectors.periods_of(due, request.user, now=timezone.now())
    context = {
        "shown": shown,
        "due": due,
        "form": form,
        "step": REPORT,
        "permit": may_report(request.user, due),
        "citations": [law.cite(rule.id, unit_id) for rule in due.rules],
        "disagreement": disagreement_of(due.item, due.year),
        "draft_key": f"plan-report:{due.pk}",
        "periods": [line for line in offered if not line.is_old],
        "older": [line for line in offered if line.is_old],
    }
    return render(request, "supervision/report_item.html", context, status=form.http_status)


@require_safe
@reads_on_get
def report(request: OfficialRequest, pk: int) -> HttpResponse:
    """One report, with those it replaced or that replaced it."""
    row = get_object_or_404(selectors.visible_reports(request.user), pk=pk)
    try:
        due = owed(unit_id=row.unit_id, period=row.period, item=row.item)
    except ReportNotDue:
        # Its rules have changed since: it stays to be read.
        due = None
    context = {
        "report": row,
        "chain": selectors.reports_in_chain(row, request.user),
        "duty": selectors.duty_of(row),
        "citation": law.cite(row.rule_id, row.unit_id),
        "due": due,
        "permit": due is not None and may_report(request.user, due),
    }
    return render(request, "supervision/report.html", context)


@require_safe
@reads_on_get
def attachment(request: OfficialRequest, pk: int) -> HttpResponseBase:
    """What was handed in with a report."""
    row = get_object_or_404(selectors.visible_reports(request.user), pk=pk)
    if row.attachment is None:
        raise Http404
    return file_answer(row.attachment)


# --- the board --------------------------------------------------------------------------------------------------


@require_safe
@reads_on_get
def board(request: OfficialRequest) -> HttpResponse:
    """How sections stand and how each article is kept."""
    _require(may_see_board(request.user))
    now = timezone.now()
    calendars.current()
    year = boards.year_in(request.GET.get("year", ""), now)
    shown = boards.board_of(request.user, year=year, now=now)
    red = boards.red_duties(request.user, year=year, now=now)
    context = {
        "board": shown,
        "red": boards.lines_of(request.user, red),
        "year": year,
        "years": boards.years_offered(now),
        "is_this_year": year == timezone.localdate(now).year,
        "states": figures.STATES,
        "trend": figures.TREND,
        "now": now,
    }
    return render(request, "supervision/board.html", context)


@require_safe
@reads_on_get
def what_if(request: OfficialRequest) -> HttpResponse:
    """A year's duties counted again under a changed period; a page that only reads."""
    _require(may_see_board(request.user))
    now = timezone.now()
    form = WhatIfForm(request.GET or None, profiles=profiles_of(request.user), now=now)
    answer = whatif.what_if(request.user, now=now, **form.cleaned_data) if form.is_valid() else None
    return render(request, "supervision/what_if.html", {"form": form, "answer": answer, "now": now})


@require_safe
@reads_on_get
def export(request: OfficialRequest, kind: str) -> HttpResponseBase:
    """The board's figures as CSV or as a workbook."""
    _require(may_see_board(request.user))
    now = timezone.now()
    year = boards.year_in(request.GET.get("year", ""), now)
    return spreadsheets.answer(exports.table(boards.board_of(request.user, year=year, now=now)), kind)


@require_safe
@reads_on_get
def duties(request: OfficialRequest) -> HttpResponse:
    """The duties behind one figure."""
    _require(may_see_plan(request.user))
    now = timezone.now()
    calendars.current()
    wanted = _filter(request)
    found = boards.filtered(request.user, wanted, now)
    order = NEAREST_FIRST if wanted.state in ("open", "overdue", "running") else LATEST_FIRST
    page = page_of(found.select_related("owner_unit"), request.GET.get("cursor", ""), by=order, unit="件")
    context = {
        "lines": boards.lines_of(request.user, page.rows),
        "pager": page,
        "wanted": wanted,
        "states": figures.TREND if wanted.month else figures.STATES,
        "unit_name": boards.name_of(wanted.unit),
        "citation": law.rulebook().cite(wanted.rule) if wanted.rule else None,
        "rule": law.rulebook().rule(wanted.rule) if wanted.rule else None,
        "now": now,
    }
    return render(request, "supervision/duties.html", context)


def _filter(request: OfficialRequest) -> boards.Filter:
    """What the address asks for. A unit or rule that cannot exist answers 404, anything else that is odd its default."""
    year = boards.year_in(request.GET.get("year", ""), timezone.now())
    month_text, unit, rule, state = (request.GET.get(name, "") for name in ("month", "unit", "rule", "state"))
    month = int(month_text) if month_text in boards.MONTHS else None
    if unit not in ("", "outside") and not (unit.isascii() and unit.isdigit() and len(unit) < 10):
        raise Http404
    if rule and all(rule != known.id for known in law.rulebook().rules):
        raise Http404
    if month is None:
        return boards.Filter(year, state if state in figures.STATES else "opened", unit, rule)
    return boards.Filter(year, state if state in figures.TREND else "", unit, rule, month)


@require_safe
@reads_on_get
def decisions(request: OfficialRequest) -> HttpResponse:
    """Major decisions of the year, each with whether a review agreed before."""
    _require(may_see_plan(request.user))
    year = boards.year_in(request.GET.get("year", ""), timezone.now())
    found = selectors.major_decisions(request.user, year=year)
    if request.GET.get("without") == "1":
        found = found.filter(was_agreed=False)
    page = page_of(found.select_related("unit"), request.GET.get("cursor", ""), by=NEWEST_FIRST, unit="件")
    context = {"pager": page, "year": year, "without": request.GET.get("without") == "1"}
    return render(request, "supervision/decisions.html", context)


def _require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied
