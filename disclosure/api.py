"""Notices in the API, for officials: the same queryset and steps as the pages. And deadlines, for anybody."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from django.utils.cache import patch_cache_control
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from redis.exceptions import RedisError
from rest_framework import exceptions, permissions, serializers, throttling, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agency.addresses import client_address
from core.api import MomentCursor
from core.calculator import Question, QuestionRefused
from core.middleware import public
from disclosure import selectors
from disclosure.calculator import MAX_AGE
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


class PublicRate(throttling.SimpleRateThrottle):
    """So many questions a minute from one address. Where nobody can count them (no Redis), nobody is turned away."""

    scope = "public"
    rate = "120/min"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return f"public-rate:{client_address(request._request)}"

    def allow_request(self, request: Request, view: Any) -> bool:
        try:
            return super().allow_request(request, view)
        except RedisError:
            return True


QUESTION = {
    "rule": "The rule's id, e.g. WH-MEAS-15b.",
    "at": "The event: a day (2026-02-11) or a moment (2026-02-11T10:30, Asia/Shanghai unless it names its zone).",
    "profile": "The agency's profile; that of the rule's own instrument where none is named.",
    "pause": "FROM..TO, repeated for each pause.",
    "extend_on": "The day on which an extension was approved.",
}


class DeadlineView(APIView):
    """By when a rule demands its act, and why: the JSON of `manage.py deadline --json`, counted with the calendar in use. No login."""

    authentication_classes = ()
    permission_classes = (permissions.AllowAny,)
    throttle_classes = (PublicRate,)

    @extend_schema(
        operation_id="deadline_retrieve",
        parameters=[
            OpenApiParameter(name, str, required=name in ("rule", "at"), many=name == "pause", description=text)
            for name, text in QUESTION.items()
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        try:
            due = _question(request).answer()
        except QuestionRefused as refused:
            raise exceptions.ValidationError({refused.field: [str(refused)]}) from refused
        response = Response(due.as_json())
        patch_cache_control(response, public=True, max_age=MAX_AGE)
        return response


def _question(request: Request) -> Question:
    """The question of an address. A name it does not know is refused: it would be silently ignored in a counted day."""
    asked = request.query_params
    for name in asked:
        if name not in QUESTION:
            raise QuestionRefused(name, "没有这个参数")
        if name != "pause" and len(asked.getlist(name)) > 1:
            raise QuestionRefused(name, "只能给出一次")
    for name in ("rule", "at"):
        if not asked.get(name):
            raise QuestionRefused(name, "必须给出")
    pauses = []
    for text in asked.getlist("pause"):
        start, dots, end = text.partition("..")
        if not dots:
            raise QuestionRefused("pause", "暂停应写作 FROM..TO，例如 2026-03-02..2026-03-06")
        pauses.append((start, end))
    return Question(
        rule=asked["rule"],
        at=asked["at"],
        profile=asked.get("profile") or None,
        pauses=tuple(pauses),
        extend_on=asked.get("extend_on") or None,
    )


urlpatterns = [path("deadline/", public(DeadlineView.as_view()), name="api-deadline")]
