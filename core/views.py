"""What all views share: reading never writes, and a refused step is answered the same way everywhere."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar, cast

from django.db import InternalError, connection, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from psycopg2.errors import ReadOnlySqlTransaction

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


class WroteOnGet(RuntimeError):
    """A view tried to write while answering a reading request."""


class _SaysSoFirst:
    """Makes the transaction read-only together with its first statement, in one trip to the database."""

    SQL: Final = "SET TRANSACTION READ ONLY"

    def __init__(self) -> None:
        self.has_said = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not self.has_said:
            self.has_said = True
            if context["cursor"].cursor.name is None:
                sql = f"{self.SQL}; {sql}"
            else:  # a cursor of the server is declared for one SELECT
                with connection.cursor() as cursor:
                    cursor.execute(self.SQL)
        return execute(sql, params, many, context)


@contextmanager
def reading_only() -> Iterator[None]:
    """Whatever the block asks of the default connection is one read-only transaction: PostgreSQL itself refuses to write or lock rows in it.

    Raises WroteOnGet. Inside another transaction the block is a savepoint of it, and what follows the block may write again.
    """
    try:
        with transaction.atomic(), connection.execute_wrapper(_SaysSoFirst()):
            yield
    except InternalError as error:
        if isinstance(error.__cause__, ReadOnlySqlTransaction):
            raise WroteOnGet(str(error).strip()) from error
        raise


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

    # The mark names the view that bears it: functools.wraps copies it to whatever decorates this view, and there it is untrue.
    wrapped.reads_on_get = wrapped  # type: ignore[attr-defined]
    return cast("View[R, P]", wrapped)


def cannot_write_on_get(view: Callable[..., Any]) -> bool:
    """Whether all of the view runs below `reads_on_get`. A decorator around it is not vouched for."""
    return getattr(view, "reads_on_get", None) is view
