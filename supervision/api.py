"""Figures over the API: the board and the plan, as the page shows them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.urls import path
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import calendars
from supervision import boards, selectors
from supervision.permissions import may_see_board, may_see_plan

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
                "items": [_item(state) for state in items],
            }
        )


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
                "period": each.owed.period,
                "unit_name": each.unit_name,
                "due_at": each.duty.due_at if each.duty else None,
                "state": each.duty.state if each.duty else None,
                # Where there is no duty: the unit's first day with this system, before which this fell due.
                "in_use_from": each.in_use_from if each.duty is None else None,
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
]
