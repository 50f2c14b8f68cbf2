"""`/healthz` counts the rows of a table that a test makes; 503 without a database."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import path


def health(request: HttpRequest) -> HttpResponse:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_tables WHERE tablename = 'kept'")
            (tables,) = cursor.fetchone()
    except DatabaseError as error:
        return HttpResponse(str(error), status=503)
    return HttpResponse(str(tables))


urlpatterns = [path("healthz", health)]
