"""What stands before every view: login by default, and which face this process serves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

if TYPE_CHECKING:
    Handler = Callable[[HttpRequest], HttpResponse]

DESK = "/desk/"
API = "/api/"
# Served by every process, whatever its face.
NEUTRAL = ("/healthz", "/static/")


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view as readable by anybody. A test holds the list of such addresses."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


class ClosedByDefault:
    """Everything needs a login except views marked `public`; SERVE=desk|public|both hides the other face."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        is_public = bool(
            getattr(view, "is_public", False) or getattr(getattr(view, "view_class", None), "is_public", False)
        )
        # What the API tells anybody, each face tells.
        for_both = request.path.startswith(NEUTRAL) or (is_public and request.path.startswith(API))
        if not for_both:
            desk_side = request.path.startswith((DESK, API))
            if (settings.SERVE == "public" and desk_side) or (
                settings.SERVE == "desk" and not desk_side and request.path != "/"
            ):
                raise Http404
        if is_public:
            return None
        if request.user.is_authenticated:
            return None
        if request.path.startswith(API):
            return JsonResponse(
                {"title": "请先登录", "status": 401}, status=401, content_type="application/problem+json"
            )
        return redirect_to_login(request.get_full_path())
