"""Around every request: the agency's structure, and that whoever must change the password changes it first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from agency import passwords
from agency.models import Official


class KnownStructure:
    """The agency's structure is read once while a request is answered, and anew for the next one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        connection.agency_request = request  # type: ignore[attr-defined]
        try:
            return self.get_response(request)
        finally:
            connection.agency_request = None  # type: ignore[attr-defined]


class PasswordFirst:
    """A one-time password, or one that has run out, opens the page where it is changed and no other of the desk or the API."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not request.path.startswith(("/desk/", "/api/")):
            return None
        official = request.user
        if not isinstance(official, Official) or not passwords.must_be_changed(official, timezone.now()):
            return None
        if request.path in (reverse("agency:password"), reverse("agency:sign_out")):
            return None
        if request.path.startswith("/api/"):
            body = {"title": "请先登录工作台修改密码", "status": 403}
            return JsonResponse(body, status=403, content_type="application/problem+json")
        return redirect("agency:password")
