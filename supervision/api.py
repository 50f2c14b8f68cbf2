"""Figures over the API: the board and the plan, as the page shows them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import path
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import calendars
from core.api import Idempotent, form_data
from core.parsers import JSONObject
from supervision import boards, selectors
from supervision.forms import ReportForm
from supervision.models import reporting_units
from supervision.permissions import may_see_board, may_see_plan
from supervision.plan import ReportNotDue, owed
from supervision.services import report_plan_item

YEAR = OpenApiParameter("year", int, description="Four digits; the present year by default.")


class BoardView(APIView):
    """Duties by unit, by article and by month, in the units the official sees."""

    @extend_schema(operation_id="boards_retrieve", parameters=[YEAR], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        official: Any = request.user
        if not may_see_board(official):
            raise PermissionDenied
        now = timezone.now()
        year = boards.year_in(request.query_params.get("year", ""), now)
        return Response(boards.board_of(official, year=year, now=now).as_json())


class PlanView(APIView):
    """The items of the year's plan and what is reported besides, with figures and reports of the units the official sees."""

    @extend_schema(operation_id="plan_retrieve", parameters=[YEAR], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        official: Any = request.user
        if not may_see_plan(official):
            raise PermissionDenied
        now = timezone.now()
        calendars.current()
        year = boards.year_in(request.query_params.get("year", ""), now)
        found = selectors.plan(year)
        states = selectors.items_of(official, year=year, now=now)
        items = [*selectors.planned(states), *(state for part in selectors.besides(states) for state in part.items)]
        return Response(
            {
                "year": year,
                "plan": found.instrument.id if found else None,
                "title": found.instrument.title if found else None,
                # Of every year: what fell due and nobody reported yet. Reported now it is late, and stays so.
                "missing": [_missing(each) for each in selectors.missing_reports(official, now=now)],
                "items": [_item(state) for state in items],
            }
        )


class ReportView(Idempotent, APIView):
    """Report on an item for a period, past ones too: JSON for a nil return, a form with `attachment` for anything else. The answer says
    whether the report met its duty in time or late. 409 with every demand that does not hold, 422 for wrong content or too early.
    """

    parser_classes = (JSONObject, MultiPartParser)

    @extend_schema(operation_id="plan_report", request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, period: str, item: str, unit_id: int) -> Response:
        official: Any = request.user
        if not may_see_plan(official):
            raise PermissionDenied
        try:
            due = owed(unit_id=unit_id, period=period, item=item)
        except ReportNotDue as none:
            raise Http404 from none
        if not reporting_units(official) & {due.unit_id, due.owner_id}:
            raise Http404
        data = {name: value for name, value in request.data.items() if name not in request.FILES}
        form: Any = ReportForm(form_data(data), request.FILES, obj=due, by=official)
        if not form.is_valid():
            raise serializers.ValidationError({name: list(errors) for name, errors in form.errors.items()})
        report = report_plan_item(owed=due, by=official, **form.cleaned_data)
        duty = selectors.duty_of(report)
        body = {
            "id": report.pk,
            "period": report.period,
            "unit": report.unit_id,
            "happened_at": timezone.localtime(report.happened_at).isoformat(),
            "url": report.get_absolute_url(),
            "due_at": timezone.localtime(duty.due_at).isoformat() if duty else None,
            "state": duty.state if duty else None,
        }
        return Response(body, status=201)


def _missing(each: selectors.Missing) -> dict[str, Any]:
    return {
        "item": each.owed.item.key,
        "title": each.duty.title,
        "period": each.owed.period,
        "unit": each.owed.unit_id,
        "owner": each.owed.owner_id,
        "owner_name": each.unit_name,
        "duty": each.duty.pk,
        "due_at": each.duty.due_at,
        "may_report": each.may_report,
        "url": each.owed.url,
    }


def _item(state: selectors.ItemState) -> dict[str, Any]:
    body: dict[str, Any] = {
        "key": state.item.key,
        # Null for what is reported besides the plan.
        "number": state.item.number,
        "profile": state.item.profile,
        "instrument": state.item.instrument,
        "article": state.item.article,
        "title": state.item.title,
        "schedule": state.item.schedule,
        "summary": state.article.summary,
        "shows": state.item.shows,
        "continued": state.continued,
        "deadline_precedes_rule": state.deadline_precedes_rule,
        "rules": [line.rule.id for line in state.rules],
        "figures": [
            {"rule": line.rule.id, "adopted": line.citation.adopted, **(line.figures.as_json() if line.figures else {})}
            for line in state.counted
        ],
    }
    if state.item.shows == "reports":
        body["reports"] = [
            {
                "unit": each.owed.unit_id,
                # Who reports: another than the unit where the agency's office acts for units with rules of their own.
                "owner": each.owed.owner_id,
                "period": each.owed.period,
                "unit_name": each.unit_name,
                "due_at": each.duty.due_at if each.duty else None,
                "state": each.duty.state if each.duty else None,
                # Where there is no duty: the unit's first day with this system, before which this fell due.
                "in_use_from": each.in_use_from if each.duty is None else None,
                "may_be_entered": each.may_report and each.is_open,
                "reports": [
                    {"id": row.pk, "happened_at": row.happened_at, "is_nil": row.is_nil} for row in each.reports
                ],
            }
            for each in state.units
        ]
    if state.disagreement is not None:
        body["disagreement"] = {
            "matter": state.disagreement.matter,
            "rules": [
                {"rule": rule.id, "article": citation.text, "term": term}
                for rule, citation, term in state.disagreement.lines
            ],
        }
    if state.reviews is not None:
        body["major_decisions"] = {"decided": state.reviews.decided, "reviewed_before": state.reviews.agreed}
    return body


urlpatterns = [
    path("boards/", BoardView.as_view(), name="api-boards"),
    path("plan/", PlanView.as_view(), name="api-plan"),
    path("plan/<period:period>/<str:item>/<int:unit_id>/", ReportView.as_view(), name="api-plan-report"),
]
