"""What all API endpoints share: cursors, problem bodies, idempotency."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.datastructures import MultiValueDict
from rest_framework import exceptions, status
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import exception_handler

from core.access import NotPermitted
from core.duties import DutyRefused
from core.facts import FactRefused
from core.lifecycle import ActRefused, MomentRefused, StepNotOpen, StepRefused, Unmet
from core.models import IdempotentAnswer
from core.paging import NEWEST_FIRST, Page, Place, page_of


class MomentCursor(CursorPagination):
    """Pages by keyset as everywhere (core.paging), newest first; nothing is counted. An unknown cursor answers 404."""

    ordering: Any = NEWEST_FIRST
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any]:
        cursor = request.query_params.get(self.cursor_query_param, "")
        if cursor and Place.read(cursor, queryset.model, self.ordering) is None:
            raise exceptions.NotFound("没有这一页")
        self.address = request.build_absolute_uri()
        size = self.get_page_size(request) or self.page_size
        self.shown: Page[Any] = page_of(queryset, cursor, by=self.ordering, size=size, unit="")
        return self.shown.rows

    def get_next_link(self) -> str | None:
        return self._address(self.shown.next)

    def get_previous_link(self) -> str | None:
        return self._address(self.shown.previous)

    def _address(self, cursor: str | None) -> str | None:
        return replace_query_param(self.address, self.cursor_query_param, cursor) if cursor else None


def form_data(body: Mapping[str, Any]) -> MultiValueDict[str, str]:
    """The body as a form reads it: each value a text, or a list of texts. Anything nested deeper answers 422 at its field; null is no value."""
    given = {name: value if isinstance(value, list) else [value] for name, value in body.items() if value is not None}
    wrong = [name for name, values in given.items() if any(isinstance(each, dict | list | NoneType) for each in values)]
    if wrong:
        raise exceptions.ValidationError({name: ["应为一个值，或者一列值"] for name in wrong})
    return MultiValueDict({name: [str(each) for each in values] for name, values in given.items()})


def demand_body(demand: Unmet) -> dict[str, Any]:
    """One unmet demand as the API says it."""
    return {
        "text": demand.text,
        "fix": demand.fix,
        "articles": [
            {"rule": c.rule_id, "text": c.text, "quote": c.quote, "adopted": c.adopted} for c in demand.citations
        ],
    }


def problem(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal as application/problem+json: 409 with the demands for a step the law forbids, 403 with the reason for a permit."""
    code: int
    body: dict[str, Any]
    headers: dict[str, str] = {}
    match exc:
        case StepRefused():
            code = status.HTTP_409_CONFLICT
            body = {
                "title": f"不能办理“{exc.step.label}”",
                "step": exc.step.key,
                "demands": [demand_body(d) for d in exc.demands],
            }
        case StepNotOpen():
            code, body = status.HTTP_409_CONFLICT, {"title": str(exc), "step": exc.step.key, "demands": []}
        case NotPermitted():
            code, body = status.HTTP_403_FORBIDDEN, {"title": exc.permit.reason, "article": exc.permit.source}
        case MomentRefused() | FactRefused() | DutyRefused():
            code, body = (
                status.HTTP_422_UNPROCESSABLE_ENTITY,
                {"title": str(exc), "fields": {"happened_at": [str(exc)]}},
            )
        case ActRefused():
            code, body = (
                status.HTTP_422_UNPROCESSABLE_ENTITY,
                {"title": str(exc), "fields": {exc.field or "__all__": [str(exc)]}},
            )
        case exceptions.ValidationError():
            code, body = status.HTTP_422_UNPROCESSABLE_ENTITY, {"title": "内容有误", "fields": exc.detail}
        case Http404() | PermissionDenied():
            # An id one may not see answers like an absent one.
            code, body = status.HTTP_404_NOT_FOUND, {"title": "没有找到"}
        case _:
            response = exception_handler(exc, context)
            if response is None:
                return None
            code = response.status_code
            detail = response.data.get("detail", "") if isinstance(response.data, dict) else ""
            body = {"title": str(detail) or "请求有误"}
            if "Retry-After" in response:
                headers["Retry-After"] = response["Retry-After"]
    return Response({**body, "status": code}, status=code, headers=headers, content_type="application/problem+json")


class Idempotent:
    """Mixin of views whose POST may be repeated: the same `Idempotency-Key` by the same official gets the first answer again.

    The key is claimed in the same transaction as the act, so that of twenty parallel posts one acts and the others wait for its answer.
    """

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key", "")
        if request.method != "POST" or not key:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        if len(key) > 100:
            return Response({"title": "Idempotency-Key 过长", "status": 400}, status=400)
        try:
            with transaction.atomic():
                claim = IdempotentAnswer.objects.create(official=request.user, key=key, path=request.path[:300])
                response = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
                if response.status_code >= 400:
                    transaction.set_rollback(True)
                    return response
                claim.status, claim.body = response.status_code, getattr(response, "data", None)
                claim.save(update_fields=["status", "body"])
                return response
        except IntegrityError:
            earlier = IdempotentAnswer.objects.filter(official=request.user, key=key, path=request.path[:300]).first()
            if earlier is None:
                raise
            answer = Response(earlier.body, status=earlier.status)
            self.headers = getattr(self, "default_response_headers", {})
            drf_request: Request = self.initialize_request(request)  # type: ignore[attr-defined]
            return self.finalize_response(drf_request, answer, *args, **kwargs)  # type: ignore[attr-defined]
