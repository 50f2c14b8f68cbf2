"""Notices in the API, for officials: the same queryset and steps as the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets

from core.api import MomentCursor
from disclosure import selectors
from disclosure.models import Notice, NoticeState


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    """One notice. `text` is the public text by the codes of the credit-information exchange."""

    url = serializers.CharField(source="get_absolute_url", read_only=True)
    text = serializers.DictField(source="exchange_fields", child=serializers.CharField(), read_only=True)
    text_sha256 = serializers.CharField(source="text_digest", read_only=True)

    class Meta:
        model = Notice
        fields = (
            "id",
            "case_id",
            "unit",
            "kind",
            "state",
            "title",
            "number",
            "url",
            "text",
            "text_sha256",
            "redactions",
            "decided_at",
            "drafted_at",
            "submitted_at",
            "reviewed_at",
            "published_at",
            "exclusion_ground",
            "withdrawn_at",
            "withdrawal_reason",
            "replaces",
            "correction_reason",
        )
        read_only_fields = fields


class NoticeViewSet(viewsets.ReadOnlyModelViewSet[Notice]):
    """Notices of the official's sections and those opened for review. Steps are taken on the notice's page."""

    serializer_class = NoticeSerializer
    pagination_class = MomentCursor
    filterset_fields = ("state", "unit")
    queryset = Notice.objects.none()

    def get_queryset(self) -> QuerySet[Notice]:
        return selectors.visible(self.request.user)  # type: ignore[arg-type]

    @extend_schema(parameters=[OpenApiParameter("state", str, enum=NoticeState.values)])
    def list(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return super().list(request, *args, **kwargs)


routes = [("notices", NoticeViewSet, "notice")]
