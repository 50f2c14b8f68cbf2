"""Duties in the API: what is owed by when, each with the full explanation."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets

from core.api import MomentCursor
from core.desk import selectors
from core.models import Duty
from core.models.duties import DutyQuerySet


class DutySerializer(serializers.ModelSerializer[Duty]):
    """One duty. `explanation` is the JSON of one deadline, the same as on the page and the command line."""

    state = serializers.CharField(read_only=True)
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Duty
        fields = (
            "id",
            "obligation",
            "title",
            "kind",
            "state",
            "rule_id",
            "bases",
            "adopted",
            "provisional",
            "unit",
            "owner_unit",
            "owed_by",
            "file_stream",
            "subject_title",
            "subject_url",
            "opened_at",
            "day_zero",
            "nominal_day",
            "due_at",
            "alert_from",
            "paused_from",
            "pauses",
            "extended_on",
            "met_at",
            "voided_at",
            "void_reason",
            "explanation",
            "url",
        )
        read_only_fields = fields


class DutyCursor(MomentCursor):
    """Nearest end first."""

    ordering = selectors.NEAREST_FIRST


class DutyViewSet(viewsets.ReadOnlyModelViewSet[Duty]):
    """Duties the official may see."""

    serializer_class = DutySerializer
    pagination_class = DutyCursor
    queryset = Duty.objects.none()

    def get_queryset(self) -> QuerySet[Duty]:
        official: Any = self.request.user
        if not official.is_authenticated:
            return Duty.objects.none()
        selectors.calendar_in_use()
        found: DutyQuerySet = Duty.objects.visible_to(official).select_related("explained_by")
        if self.action == "list":
            if self.request.query_params.get("scope") == "mine":
                found = found.owed_by_official(official)
            match self.request.query_params.get("state"):
                case "open":
                    found = found.open()
                case "overdue":
                    found = found.red(timezone.now())
                case "met":
                    found = found.filter(met_at__isnull=False)
        return found

    @extend_schema(
        parameters=[
            OpenApiParameter("state", str, enum=["open", "overdue", "met"], description="only duties that stand so"),
            OpenApiParameter("scope", str, enum=["mine", "all"], description="mine: owed by the official's own units"),
        ]
    )
    def list(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return super().list(request, *args, **kwargs)


routes = [("duties", DutyViewSet, "duty")]
