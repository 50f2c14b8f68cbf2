"""What is answered when a request could not be served at all."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.views.decorators.csrf import requires_csrf_token

from core.middleware import API

# Long enough for a database that is restarted, short enough for whoever waits.
RETRY_AFTER = 5


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """500 for a fault of ours; 503 with Retry-After where the database was away or broke off: nothing was written, trying again is safe.

    Needs no database. An API client reads the same as application/problem+json.
    """
    away = _is_outage(sys.exc_info()[1])
    status, title = (503, "数据库暂时不能用") if away else (500, "系统暂时不能处理")
    response: HttpResponse
    if request.path.startswith(API):
        body = {"title": f"{title}，刚才的操作没有写入任何记录", "status": status}
        response = JsonResponse(body, status=status, content_type="application/problem+json")
    else:
        response = HttpResponse(loader.render_to_string("503.html" if away else "500.html"), status=status)
    if away:
        response["Retry-After"] = str(RETRY_AFTER)
    return response


def _is_outage(error: BaseException | None) -> bool:
    """Whether the database broke off: it says so itself, or what happened left a connection that is of no more use."""
    if connection.connection is not None and not connection.is_usable():
        return True
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError):
            return True
        error = error.__cause__ or error.__context__
    return False
