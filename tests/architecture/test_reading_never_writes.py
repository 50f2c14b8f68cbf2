"""GET cannot write: whatever a view tries while it answers a reading request is refused, rendering included."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from core.models import NumberSeries
from core.views import WroteOnGet, reads_on_get

pytestmark = pytest.mark.django_db


def run(sql: str) -> Callable[[], None]:
    def execute() -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)

    return execute


WRITES: dict[str, Callable[[], object]] = {
    "create": lambda: NumberSeries.objects.create(series="示例", year=2026),
    "bulk_create": lambda: NumberSeries.objects.bulk_create([NumberSeries(series="示例", year=2026)]),
    "update": lambda: NumberSeries.objects.update(last=9),
    "delete": lambda: NumberSeries.objects.all().delete(),
    "select_for_update": lambda: list(NumberSeries.objects.select_for_update()),
    "insert after comments": run(
        "/* x */ -- y\n INSERT INTO core_numberseries (series, year, last) VALUES ('x', 2026, 0)"
    ),
    "insert below with": run(
        "WITH made AS (INSERT INTO core_numberseries (series, year, last) VALUES ('x', 2026, 0) RETURNING id) SELECT * FROM made"
    ),
    "update below with": run("WITH made AS (UPDATE core_numberseries SET last = 9 RETURNING id) SELECT * FROM made"),
    "delete below with": run("WITH gone AS (DELETE FROM core_numberseries RETURNING id) SELECT * FROM gone"),
    "merge": run(
        "MERGE INTO core_numberseries AS row USING (SELECT 2025 AS year) AS said ON row.year = said.year"
        " WHEN MATCHED THEN UPDATE SET last = 9"
    ),
    "do": run("DO 'BEGIN UPDATE core_numberseries SET last = 9; END'"),
    "truncate": run("TRUNCATE core_numberseries"),
    "select for update": run("SELECT * FROM core_numberseries FOR UPDATE"),
    "select for share": run("SELECT * FROM core_numberseries FOR KEY SHARE"),
    "nextval": run("SELECT nextval('core_numberseries_id_seq')"),
}


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("name", WRITES)
def test_a_view_that_writes_while_reading_is_refused_and_nothing_is_written(name: str, method: str) -> None:
    NumberSeries.objects.create(series="先有", year=2025, last=1)

    @reads_on_get
    def view(request: HttpRequest) -> HttpResponse:
        WRITES[name]()
        return HttpResponse()

    with pytest.raises(WroteOnGet), transaction.atomic():
        view(getattr(RequestFactory(), method)("/"))
    assert list(NumberSeries.objects.values_list("series", "last")) == [("先有", 1)]


@pytest.mark.parametrize(
    "reads", [lambda: NumberSeries.objects.count(), lambda: next(NumberSeries.objects.iterator(), None)]
)
def test_what_follows_a_question_is_refused_too_and_what_follows_the_view_is_not(reads: Callable[[], object]) -> None:
    @reads_on_get
    def view(request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            reads()
        with transaction.atomic():
            WRITES["create"]()
        return HttpResponse()

    with pytest.raises(WroteOnGet), transaction.atomic():
        view(RequestFactory().get("/"))
    WRITES["create"]()
    assert NumberSeries.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_reading_request_takes_one_transaction_and_no_statement_more() -> None:
    @reads_on_get
    def view(request: HttpRequest) -> HttpResponse:
        for _ in range(3):
            NumberSeries.objects.count()
        # A cursor of the server, outside of any test's transaction.
        return HttpResponse(str(len(list(NumberSeries.objects.iterator()))))

    with CaptureQueriesContext(connection) as asked:
        assert view(RequestFactory().get("/")).status_code == 200
    said = [query["sql"].partition(" FROM")[0][:40] for query in asked]
    assert len(said) == 1 + 4 + 1, said
    assert said[0] == "BEGIN"
    assert said[1].startswith("SET TRANSACTION READ ONLY; SELECT")
    assert said[-1] == "COMMIT"
    NumberSeries.objects.create(series="示例", year=2026)


def test_a_template_that_writes_while_it_is_rendered_is_refused() -> None:
    @reads_on_get
    def view(request: HttpRequest) -> HttpResponse:
        template = engines["django"].from_string("{{ write }}")
        return TemplateResponse(request, template, {"write": WRITES["create"]})

    with pytest.raises(WroteOnGet), transaction.atomic():
        view(RequestFactory().get("/"))
    assert not NumberSeries.objects.exists()


def test_a_post_writes() -> None:
    @reads_on_get
    def view(request: HttpRequest) -> HttpResponse:
        WRITES["create"]()
        return HttpResponse()

    assert view(RequestFactory().post("/")).status_code == 200
    assert NumberSeries.objects.count() == 1
