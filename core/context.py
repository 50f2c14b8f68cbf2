"""What every page of the desk and of the public site needs around its content."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from core import alerts, calendars, registry


def shell(request: HttpRequest) -> dict[str, Any]:
    """Navigation, unread messages, the demonstration banner and what is known of the calendar. Nothing for anonymous pages but the names."""
    context: dict[str, Any] = {
        "demo": settings.DEMO,
        "agency_name": registry.agency().name(),
        "nav": [],
        "public_nav": [
            {"label": item.label, "url": item.url, "current": _is_current(item.url, request.path)}
            for item in registry.public_nav
        ],
        "unread": 0,
        "today": timezone.localdate(),
    }
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not request.path.startswith("/desk/"):
        return context
    # One read for the page: a notice entered in another process shows in every count of working days on it.
    calendars.current()
    official: Any = user
    context["nav"] = [
        {
            "label": item.label,
            "url": item.url,
            "current": _is_current(item.url, request.path),
            "count": item.count(official) if item.count else 0,
        }
        for item in registry.nav
        if item.visible(official)
    ]
    context["unread"] = alerts.unread_count(official)
    return context


def _is_current(url: str, path: str) -> bool:
    return path == url if url in ("/", "/desk/") else path.startswith(url)
