"""What all views share: reading never writes, and a refused step is answered the same way everywhere."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse

if TYPE_CHECKING:
    from agency.models import Official

    class OfficialRequest(HttpRequest):
        """A request of a signed-in official; ClosedByDefault lets no other through."""

        user: Official

else:
    OfficialRequest = HttpRequest

P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)
View = Callable[Concatenate[R, P], HttpResponseBase]

_WRITES = re.compile(
    r"^\s*(?:/\*.*?\*/\s*)?(insert|update|delete|truncate|alter|create|drop|copy|merge|select\b.*\bfor\s+(?:no\s+key\s+)?update)\b",
    re.I | re.S,
)


class WroteOnGet(RuntimeError):
    """A view tried to write while answering a reading request."""


@contextmanager
def reading_only() -> Iterator[None]:
    """Refuse every write statement on the default connection inside the block."""

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if _WRITES.match(sql):
            raise WroteOnGet(sql[:120])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


def reads_on_get(view: View[R, P]) -> View[R, P]:
    """Run the view's body, rendering included, so that GET and HEAD cannot write. Other methods pass."""

    @functools.wraps(view)
    def wrapped(request: R, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return view(request, *args, **kwargs)
        with reading_only():
            response = view(request, *args, **kwargs)
            if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
                response.render()
            return response

    wrapped.reads_on_get = True  # type: ignore[attr-defined]
    return cast("View[R, P]", wrapped)
