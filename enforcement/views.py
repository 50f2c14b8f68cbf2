"""Pages of the cases. A view fetches what may be seen, asks, acts, redirects."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from agency.roles import Role
from core import registry
from core.files import file_answer
from core.models import Duty
from core.stepping import attempt, step_view
from core.views import OfficialRequest, reads_on_get
from enforcement import selectors, services
from enforcement.forms import RegisterForm
from enforcement.models import Case, CaseState
from enforcement.permissions import may_ask_correction, may_see_complainant
from enforcement.procedure import PENALTY
from enforcement.selectors import CaseFile
from enforcement.selectors.course import stages_of, timeline_of
from enforcement.selectors.lists import filtered

# What the course of a case can be narrowed to.
KINDS = (("", "全部"), ("act", "行为"), ("review", "审核"), ("recording", "录像"), ("notice", "公示"), ("duty", "期限"))


def _visible(request: OfficialRequest, pk: int) -> Case:
    """The case, or 404: an id one may not see answers like an absent one."""
    cases = selectors.cases_visible_to(request.user).select_related(
        "party", "source", "unit", "filed_by", "conclusion", "decision__signed_by", "service", "payment"
    )
    found: Case = get_object_or_404(cases.prefetch_related("officers__official__certificates"), pk=pk)
    return found


@reads_on_get
def cases(request: OfficialRequest) -> HttpResponse:
    """The list of cases, the latest step first."""
    state = request.GET.get("state", "under_way")
    query = request.GET.get("q", "")
    mine, overdue = "mine" in request.GET, "overdue" in request.GET
    found = filtered(request.user, state=state, query=query, mine=mine, overdue=overdue)
    context = {
        "pager": selectors.case_page(found, request.GET.get("cursor", "")),
        "states": CaseState.choices,
        "state": state,
        "query": query,
        "mine": mine,
        "overdue": overdue,
        "is_filtered": bool(query or mine or overdue or state != "under_way"),
        "may_register": request.user.has_role(Role.SECTION_STAFF, Role.SECTION_HEAD),
    }
    return render(request, "enforcement/cases.html", context)


@reads_on_get
def register(request: OfficialRequest) -> HttpResponse:
    """Take down a source."""
    form = RegisterForm(request.POST or None, by=request.user)
    if not form.fields["unit"].queryset.exists():  # type: ignore[attr-defined]
        messages.warning(request, "案源由承办科室的人员登记")
        return redirect("enforcement:cases")
    if request.method == "POST" and form.is_valid():
        registered = attempt(form, services.register_source, by=request.user)
        if registered is not None:
            messages.success(request, f"已登记案源 {registered.source.number}，接下来可以呈报立案")
            return redirect(registered)
    return render(request, "enforcement/register.html", {"form": form}, status=form.http_status)


@reads_on_get
def case(request: OfficialRequest, pk: int) -> HttpResponse:
    """The case: stages, next steps, why the nearest date is what it is, its course."""
    try:
        file = selectors.open_file(request.user, pk)
    except Case.DoesNotExist:
        raise Http404 from None
    return render(request, "enforcement/case.html", _case_context(request, file))


def _case_context(request: OfficialRequest, file: CaseFile) -> dict[str, Any]:
    found, duties = file.case, file.duties
    panels = registry.panels("case", request, file)
    shown = request.GET.get("show", "")
    may = may_ask_correction(request.user, found)
    entries = timeline_of(file, corrects=bool(may) and shown == "correct")
    for panel in panels:
        entries.extend(panel.entries)
    now = timezone.now()
    # What one can be late with comes first, then limits and rights of the bureau, then what the party owes.
    running = sorted(
        (duty for duty in duties if duty.is_open),
        key=lambda duty: (not duty.can_be_red, duty.owed_by in Duty.NEVER_RED_OWERS, duty.due_at),
    )
    decision = getattr(found, "decision", None)
    return {
        "case": found,
        "party": found.party,
        "decision": decision,
        "stages": stages_of(found, duties),
        "steps": selectors.next_steps(file, request.user, panels, now),
        "requests": selectors.open_requests(found, file.records, duties, request.user),
        "steps_url": f"{found.get_absolute_url()}steps/",
        "nearest": running[0] if running else None,
        "entries": [entry for entry in entries if shown in ("", "correct") or entry.kind == shown],
        "show": shown,
        "kinds": [(kind, label) for kind, label in KINDS if kind == "" or any(entry.kind == kind for entry in entries)]
        + ([("correct", "更正")] if may else []),
        "duties": sorted(duties, key=lambda duty: (not duty.is_open, duty.due_at)),
        "officers": list(found.officers.all()),
        "documents": file.documents,
        "may_see_complainant": may_see_complainant(request.user, found),
        "panels": [panel for panel in panels if panel.template],
        "ledger_lines": file.ledger_lines,
    }


@reads_on_get
def take_step(request: OfficialRequest, pk: int, key: str) -> HttpResponse:
    """One legal step on a case."""
    found = _visible(request, pk)
    return step_view(
        request,
        obj=found,
        name="case",
        lifecycle=PENALTY,
        key=key,
        template="enforcement/step.html",
        context={"case": found},
    )


@reads_on_get
def document(request: OfficialRequest, pk: int, document_pk: int) -> HttpResponseBase:
    """A document of a case that may be seen; while its PDF is being made, a page that says so."""
    found = _visible(request, pk)
    paper = get_object_or_404(found.documents.select_related("file"), pk=document_pk)
    if paper.file is None:
        return render(request, "enforcement/document.html", {"case": found, "document": paper})
    return file_answer(paper.file, always_download=paper.row_id is None)
