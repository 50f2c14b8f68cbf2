"""Every role walks every link of the demonstration bureau: nothing breaks, nothing is dead, and what lists show objects show too."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agency.models import Official
from config.demo.people import PEOPLE
from core.models import Duty, FactRecord
from disclosure.models import Notice
from enforcement.models import Case, CaseDocument, MomentCorrection, PreservationRequest
from legalreview.models import Review
from recording.models import AccessRequest, Recording
from supervision.models import PlanReport

pytestmark = pytest.mark.django_db

LINK = re.compile(r'<a\b[^>]*?\bhref="([^"#]*)', re.S)
NUMBER = re.compile(r"\d+")
MOST_PAGES = 90
NOUNS = ("cases", "recordings", "reviews", "notices", "duties")


def signed_in(username: str) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(Official.objects.get(username=username))
    return client


def links(html: str) -> Iterator[str]:
    for address in LINK.findall(html):
        found = unescape(address)
        if found.startswith(("/desk/", "/notices/")) and "logout" not in found:
            yield found


@pytest.mark.usefixtures("demonstration")
@pytest.mark.parametrize("username", [person.username for person in PEOPLE if person.says])
def test_no_link_that_a_role_is_shown_is_dead(username: str) -> None:
    client = signed_in(username)
    queue, seen, shapes = deque([("the start", "/desk/")]), {"/desk/"}, set()
    visited = 0
    while queue and visited < MOST_PAGES:
        shown_on, address = queue.popleft()
        shape = NUMBER.sub("#", address)
        # Two of each shape of page are enough: the second may be in another state.
        if (shape, 2) in shapes:
            continue
        shapes.add((shape, 2) if (shape, 1) in shapes else (shape, 1))
        answer = client.get(address)
        visited += 1
        assert answer.status_code in (200, 302), f"{username}: {address} on {shown_on} answers {answer.status_code}"
        if answer.status_code != 200 or not answer.headers.get("Content-Type", "").startswith("text/html"):
            if answer.streaming:
                # The test client closes it at its end, without ending the surrounding transaction.
                b"".join(answer.streaming_content)  # type: ignore[arg-type]
            continue
        for found in links(answer.content.decode()):
            if found not in seen:
                seen.add(found)
                queue.append((address, found))
    assert visited > 3


# Noun -> the pages of the desk that list all of them, and the address of one.
LISTS = {
    "cases": (["/desk/cases/?state="], "/desk/cases/{}/"),
    "recordings": (["/desk/recordings/?show=all"], "/desk/recordings/{}/"),
    "reviews": (["/desk/reviews/?state=all"], "/desk/reviews/{}/"),
    "notices": (["/desk/disclosure/"], "/desk/disclosure/{}/"),
    "duties": (
        [f"/desk/duties/?scope=all&state={state}" for state in ("open", "met", "met_late", "voided")],
        "/desk/duties/{}/",
    ),
}
NEXT_PAGE = re.compile(r'rel="next" href="([^"]*)"')


def in_api(client: Client, noun: str) -> set[int]:
    found: set[int] = set()
    page: str | None = f"/api/v1/{noun}/?page_size=200"
    while page:
        body = client.get(page).json()
        found |= {row["id"] for row in body["results"]}
        page = body["next"]
    return found


def on_pages(client: Client, noun: str) -> set[int]:
    lists, one = LISTS[noun]
    link = re.compile('href="' + one.replace("{}", r"(\d+)") + '"')
    found: set[int] = set()
    for address in lists:
        page: str | None = address
        while page:
            html = client.get(page).content.decode()
            found |= {int(number) for number in link.findall(html)}
            following = NEXT_PAGE.search(html)
            page = address.partition("?")[0] + unescape(following[1]) if following else None
    return found


def sample(rows: Iterable[Any], size: int = 6) -> list[Any]:
    """Some of many, spread over all of them."""
    rows = list(rows)
    assert rows
    return rows[:: max(1, len(rows) // size)]


Seen = dict[str, dict[str, set[int]]]


@pytest.fixture(scope="module")
def asked(demonstration: None) -> Seen:
    return {}


@pytest.fixture
def seen(asked: Seen) -> Seen:
    """Official -> noun -> what the API lists to them; asked once for the module."""
    for person in PEOPLE if not asked else ():
        asked[person.username] = {noun: in_api(signed_in(person.username), noun) for noun in NOUNS}
    return asked


@pytest.mark.parametrize("noun", NOUNS)
def test_the_pages_and_the_api_list_the_same_to_every_role(seen: Seen, noun: str) -> None:
    assert any(of[noun] for of in seen.values())
    assert not all(of[noun] == seen["zheng"][noun] for of in seen.values())
    for username, of in seen.items():
        assert on_pages(signed_in(username), noun) == of[noun], username


def single_objects() -> list[tuple[str, str, int]]:
    """Addresses of single objects and of what hangs on them: each is there for exactly those to whom its file is listed."""
    everything = [
        (template.format(row.pk), noun, row.pk)
        for noun, model in {
            "cases": Case, "recordings": Recording, "reviews": Review, "notices": Notice, "duties": Duty,
        }.items()
        for row in sample(model.objects.order_by("pk"))
        for template in (LISTS[noun][1], f"/api/v1/{noun}/{{}}/")
    ]  # fmt: skip
    everything += [(f"/desk/ledger/{row.stream}/", "cases", row.pk) for row in sample(Case.objects.all(), 4)]
    everything += [(f"/desk/ledger/{row.stream}/", "recordings", row.pk) for row in sample(Recording.objects.all(), 4)]
    everything += [(f"/desk/ledger/{row.stream}/", "reviews", row.pk) for row in sample(Review.objects.all(), 4)]
    everything += [(f"/desk/ledger/{row.stream}/", "notices", row.pk) for row in sample(Notice.objects.all(), 4)]
    everything += [
        (row.get_absolute_url(), "cases", row.case_id)
        for model in (CaseDocument, MomentCorrection, PreservationRequest)
        for row in sample(model.objects.all(), 4)
    ]
    everything += [
        (f"/desk/cases/{row.pk}/facts/{record.pk}/correct/", "cases", row.pk)
        for row in sample(Case.objects.all(), 2)
        for record in FactRecord.objects.filter(stream=row.stream, name="enforcement.source_registered")
    ]
    everything += [
        (f"/desk/reviews/{row.pk}/opinion.pdf", "reviews", row.pk)
        for row in sample(Review.objects.filter(document__isnull=False), 3)
    ]
    return everything


def test_a_single_object_answers_exactly_those_to_whom_its_list_shows_it(seen: Seen) -> None:
    addresses = single_objects()
    wrong = []
    for username, of in seen.items():
        client = signed_in(username)
        reads_every_chain = client.get("/desk/").wsgi_request.user.is_auditor  # type: ignore[union-attr]
        for address, noun, pk in addresses:
            shown = pk in of[noun] or (reads_every_chain and "/ledger/" in address)
            if (status(client, address) != 404) != shown:
                wrong.append((username, address, "shown" if shown else "not shown"))
    assert wrong == []


def status(client: Client, address: str) -> int:
    answer = client.get(address)
    if answer.streaming:
        # The test client closes it at its end, without ending the surrounding transaction.
        b"".join(answer.streaming_content)  # type: ignore[arg-type]
    return answer.status_code


@pytest.mark.usefixtures("demonstration")
def test_a_report_its_attachment_and_its_chain_answer_exactly_those_whose_plan_links_it() -> None:
    reports = list(PlanReport.objects.filter(attachment__isnull=False, replaced_by__isnull=True))
    counts = set()
    for person in PEOPLE:
        client = signed_in(person.username)
        linked = {pk for year in {row.year for row in reports} for pk in plan_of(client, year)}
        counts.add(len(linked))
        for row in reports:
            own = row.get_absolute_url()
            chain = status(client, f"/desk/ledger/{row.stream}/")
            found = [status(client, own), status(client, f"{own}attachment/")]
            assert found == [200 if row.pk in linked else 404] * 2, f"{person.username}: {own}"
            assert chain == (200 if row.pk in linked or person.username == "auditor" else 404), person.username
    assert len(counts) > 1


def plan_of(client: Client, year: int) -> set[int]:
    html = client.get(f"/desk/supervision/plan/?year={year}").content.decode()
    return {int(number) for number in re.findall(r'href="/desk/supervision/reports/(\d+)/"', html)}


@pytest.mark.usefixtures("demonstration")
def test_a_request_to_see_a_recording_answers_its_asker_and_the_units_of_the_case_alone() -> None:
    requests = list(AccessRequest.objects.all())
    assert requests
    for person in PEOPLE:
        official, client = Official.objects.get(username=person.username), signed_in(person.username)
        for row in requests:
            shown = row.requester_id == official.pk or row.unit_id in official.unit_ids
            assert status(client, row.get_absolute_url()) == (200 if shown else 404), f"{person.username}: {row}"


@pytest.mark.usefixtures("demonstration")
@pytest.mark.parametrize("username", ["system", "security", "auditor"])
def test_administrators_read_no_case(username: str) -> None:
    client = signed_in(username)
    for noun in NOUNS:
        assert client.get(f"/api/v1/{noun}/").json()["results"] == [], noun
    assert "示例劳务服务有限公司" not in client.get("/desk/search/?q=示例劳务").content.decode()


@pytest.mark.usefixtures("demonstration")
def test_the_demonstration_leaves_no_list_and_no_colour_empty() -> None:
    from enforcement.models import CaseState
    from enforcement.selectors import cases_visible_to

    now = timezone.now()
    chief = Official.objects.get(username="zheng")
    states = set(cases_visible_to(chief).values_list("state", flat=True))
    assert states >= set(CaseState.values) - {CaseState.REVOKED}
    colours = {duty.state_at(now) for duty in Duty.objects.all()}
    assert colours >= {"overdue", "open", "met", "met_late", "paused"}
    assert any(duty.provisional for duty in Duty.objects.all())
    soon = now + timedelta(days=4)
    assert Duty.objects.open().filter(due_at__range=(now, soon)).exists()
