"""Every role walks every link of the demonstration bureau: nothing breaks, nothing is dead, and what lists show objects show too."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from agency.models import Official
from config.demo.bureau import build
from config.demo.people import PEOPLE

pytestmark = pytest.mark.django_db

LINK = re.compile(r'<a\b[^>]*?\bhref="([^"#]*)', re.S)
NUMBER = re.compile(r"\d+")
MOST_PAGES = 90
NOUNS = ("cases", "recordings", "reviews", "notices", "duties")


@pytest.fixture(scope="module")
def demonstration(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The whole demonstration bureau, once for this module, taken back at its end."""
    from django.test import override_settings

    store: Path = tmp_path_factory.mktemp("store")
    with django_db_blocker.unblock(), override_settings(STORE_DIR=store), transaction.atomic():
        build(timezone.localdate())
        yield
        transaction.set_rollback(True)


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


@pytest.mark.usefixtures("demonstration")
@pytest.mark.parametrize("noun", NOUNS)
def test_a_list_and_its_single_objects_agree_for_every_role(noun: str) -> None:
    everything: set[int] = set()
    seen: dict[str, set[int]] = {}
    for person in PEOPLE:
        client = signed_in(person.username)
        found: set[int] = set()
        page: str | None = f"/api/v1/{noun}/?page_size=200"
        while page:
            body = client.get(page).json()
            found |= {row["id"] for row in body["results"]}
            page = body["next"]
        seen[person.username] = found
        everything |= found
    if noun != "recordings":
        assert everything, noun
    sample = sorted(everything)[:: max(1, len(everything) // 12)]
    for person in PEOPLE:
        client = signed_in(person.username)
        for number in sample:
            expected = 200 if number in seen[person.username] else 404
            assert client.get(f"/api/v1/{noun}/{number}/").status_code == expected, (
                f"{person.username}: {noun} {number}"
            )


@pytest.mark.usefixtures("demonstration")
@pytest.mark.parametrize("username", ["system", "security", "auditor"])
def test_administrators_read_no_case(username: str) -> None:
    client = signed_in(username)
    for noun in NOUNS:
        assert client.get(f"/api/v1/{noun}/").json()["results"] == [], noun
    assert "示例劳务服务有限公司" not in client.get("/desk/search/?q=示例劳务").content.decode()


@pytest.mark.usefixtures("demonstration")
def test_the_demonstration_leaves_no_list_and_no_colour_empty() -> None:
    from core.models import Duty
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
