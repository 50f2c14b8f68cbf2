"""A list is cut by keyset, forwards and back, whatever columns it stands by; a forged place is no error."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agency.models import AuditEvent, Official, Unit
from core import paging
from core.models import Duty, Job
from core.paging import page_of
from tests.alerts.conftest import moment, owe

ORDERS = [("pk",), ("-pk",), ("run_after", "pk"), ("-run_after", "-pk"), ("attempts", "-run_after", "pk"), ("-attempts", "run_after", "-pk")]  # fmt: skip
FORGED = [
    "x", "after", "after-", "before--", "after-x-1", "after_1_1", "after-1-2-3-4", "after-1e9-1", "after-nan-1", "AFTER-1-1",
    "after-١-1", "after-1-99999999999999999999999", "after-1-1\n", "after-1-1\x00", "cD00ODY=", "' OR 1=1",
    "after-999999999999999999-1", "before--999999999999999999-1", "after--1-0", "before-0-0", "after-253402300799999999-1",
    "after--62135596800000000-1", "after-1--999999999999999999", "after-999999999999999999", "before--5",
]  # fmt: skip


@pytest.fixture
def jobs(db: None) -> list[Job]:
    """Twenty-three rows; many share a moment and a number of attempts, so that only the key tells them apart."""
    chance = random.Random(7)
    start = datetime(2026, 3, 1, tzinfo=UTC)
    return [
        Job.objects.create(
            name="example",
            run_after=start + timedelta(microseconds=chance.randrange(4), days=chance.randrange(-1, 2)),
            attempts=chance.randrange(3),
        )
        for _ in range(23)
    ]


@pytest.mark.parametrize("by", ORDERS)
def test_every_row_is_met_once_forwards_and_once_back(jobs: list[Job], by: tuple[str, ...]) -> None:
    expected = list(Job.objects.order_by(*by))
    page = page_of(Job.objects.all(), "", by=by, size=5)
    forwards, pages = list(page.rows), [page.rows]
    assert page.previous is None
    while page.next:
        page = page_of(Job.objects.all(), page.next, by=by, size=5)
        forwards += page.rows
        pages.append(page.rows)
    assert forwards == expected
    for earlier in reversed(pages[:-1]):
        page = page_of(Job.objects.all(), page.previous or "", by=by, size=5)
        assert page.rows == earlier
        assert page.next
    assert page.previous is None


def test_a_page_costs_one_statement_and_its_count_one_more(jobs: list[Job]) -> None:
    second = page_of(Job.objects.all(), "", by=("run_after", "pk"), size=5, unit="").next or ""
    with CaptureQueriesContext(connection) as asked:
        page = page_of(Job.objects.all(), second, by=("run_after", "pk"), size=5, unit="")
    assert (len(asked), page.count_text) == (1, "")
    with CaptureQueriesContext(connection) as asked:
        page = page_of(Job.objects.all(), second, by=("run_after", "pk"), size=5)
    assert (len(asked), page.count_text) == (2, "共23条")


def test_the_count_ends_where_nobody_waits_for_it(jobs: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    assert paging.COUNTED_TO == 1000
    monkeypatch.setattr(paging, "COUNTED_TO", 22)
    assert page_of(Job.objects.all(), "", unit="件").count_text == "超过22件"


@pytest.mark.parametrize("cursor", FORGED)
@pytest.mark.parametrize("by", [("-pk",), ("run_after", "pk")])
def test_a_forged_cursor_is_a_page_and_never_an_error(jobs: list[Job], cursor: str, by: tuple[str, ...]) -> None:
    page = page_of(Job.objects.all(), cursor, by=by, size=5)
    place = paging.Place.read(cursor, Job, by)
    if place is None:
        assert page.rows == list(Job.objects.order_by(*by)[:5])
    else:
        assert set(page.rows) <= set(jobs)


def test_a_column_that_is_no_moment_and_no_number_is_refused(jobs: list[Job]) -> None:
    with pytest.raises(TypeError, match=r"Job\.name"):
        page_of(Job.objects.all(), "after-1-1", by=("name", "pk"))


LISTS = ["/api/v1/duties/", "/api/v1/cases/", "/api/v1/notices/", "/api/v1/recordings/", "/api/v1/reviews/"]


@pytest.mark.parametrize("cursor", FORGED)
def test_a_forged_cursor_in_the_api_is_absent_or_a_page(clerk: Official, client: Client, cursor: str) -> None:
    client.force_login(clerk)
    for address in LISTS:
        assert client.get(address, {"cursor": cursor}).status_code in (200, 404)
    assert client.get(LISTS[0], {"cursor": "rubbish"}).status_code == 404


def test_the_api_walks_rows_of_one_moment_forwards_and_back(clerk: Official, client: Client, section: Unit) -> None:
    for _ in range(7):
        owe(section, moment("2026-03-03T23:59:59"))
    client.force_login(clerk)
    seen, address, last = [], "/api/v1/duties/?page_size=3&scope=mine", None
    while address:
        last = client.get(address).json()
        seen.append([row["id"] for row in last["results"]])
        address = last["next"]
    assert [pk for page in seen for pk in page] == list(
        Duty.objects.order_by("due_at", "pk").values_list("pk", flat=True)
    )
    assert last is not None
    back = client.get(last["previous"]).json()
    assert [row["id"] for row in back["results"]] == seen[-2]
    assert "page_size=3" in back["previous"]


def test_the_audit_trail_still_reads_its_old_cursors(clerk: Official) -> None:
    events = [AuditEvent.objects.create(action=AuditEvent.Action.SIGNED_IN, actor=clerk) for _ in range(3)]
    page = page_of(AuditEvent.objects.all(), f"after-{events[2].pk}", by=paging.NEWEST_FIRST)
    assert page.rows[:2] == [events[1], events[0]]
