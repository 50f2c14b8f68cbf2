"""Cases over the API: read what one may see, take steps with the same forms, permits and guards as the pages."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import registry
from core.api import Idempotent, MomentCursor, demand_body, form_data
from core.lifecycle import StepNotOpen
from enforcement import selectors
from enforcement.models import Case, CaseState
from enforcement.procedure import PENALTY
from enforcement.selectors.lists import LATEST_STEP_FIRST


class LatestStepFirst(MomentCursor):
    """By the moment of the last step."""

    ordering = LATEST_STEP_FIRST


class CaseSerializer(serializers.ModelSerializer[Case]):
    """One case. Complainants never leave through the API."""

    party = serializers.CharField(source="party.name", read_only=True)
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Case
        fields: tuple[str, ...] = (
            "id",
            "number",
            "title",
            "unit",
            "act_kind",
            "party",
            "violation",
            "state",
            "is_major",
            "major_grounds",
            "registered_at",
            "filed_at",
            "concluded_at",
            "notified_at",
            "decided_at",
            "served_at",
            "performed_at",
            "ended_at",
            "revoked_at",
            "act_end",
            "act_ended_on",
            "grave_harm",
            "discovered_at",
            "last_step_at",
            "review_result",
            "url",
        )
        read_only_fields: tuple[str, ...] = fields


class CaseDetailSerializer(CaseSerializer):
    """One case with every next step as its page lists them: open, or what is missing with its articles. `url` is the page of the step."""

    next_steps = serializers.SerializerMethodField()

    class Meta(CaseSerializer.Meta):
        fields = (*CaseSerializer.Meta.fields, "next_steps")
        read_only_fields = fields

    @extend_schema(responses=list[dict[str, Any]])
    def get_next_steps(self, case: Case) -> list[dict[str, Any]]:
        request = self.context["request"]
        file = selectors.open_file(request.user, case.pk)
        return [
            {
                "key": next_step.step.key,
                "label": next_step.step.label,
                "url": next_step.url or case.step_url(next_step.step.key),
                "open": next_step.is_open,
                "reason": next_step.permit.reason,
                "demands": [demand_body(demand) for demand in next_step.unmet],
            }
            for next_step in selectors.next_steps(file, request.user, registry.panels("case", request, file))
        ]


class CaseViewSet(viewsets.ReadOnlyModelViewSet[Case]):
    """Cases that the signed-in official may see; any other id answers like an absent one."""

    queryset = Case.objects.none()
    pagination_class = LatestStepFirst
    filterset_fields = ("state", "unit", "is_major")

    def get_serializer_class(self) -> type[CaseSerializer]:
        return CaseDetailSerializer if self.action == "retrieve" else CaseSerializer

    def get_queryset(self) -> Any:
        return selectors.cases_visible_to(self.request.user).select_related("party")  # type: ignore[arg-type]


class TakeStep(Idempotent, APIView):
    """Take one legal step. 409 with every unmet demand and its articles when the law forbids it; 422 for wrong content."""

    @extend_schema(request=dict[str, Any], responses={201: CaseSerializer})
    def post(self, request: Request, pk: int, key: str) -> Response:
        official: Any = request.user
        case = get_object_or_404(selectors.cases_visible_to(official).select_related("party", "source"), pk=pk)
        if key not in PENALTY:
            raise Http404
        step = PENALTY[key]
        if case.state not in step.sources:
            raise StepNotOpen(step, CaseState(case.state).label)
        form_class: Any = step.form_class
        form = form_class(form_data(request.data), None, obj=case, by=official)
        if not form.is_valid():
            raise serializers.ValidationError({name: list(errors) for name, errors in form.errors.items()})
        case = step.take(case=case, by=official, **form.cleaned_data)
        return Response(CaseSerializer(case).data, status=201)


routes = [("cases", CaseViewSet, "case")]
urlpatterns = [path("cases/<int:pk>/steps/<slug:key>/", TakeStep.as_view(), name="api-case-step")]
