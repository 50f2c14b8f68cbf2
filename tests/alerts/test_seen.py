"""What was sent outside leads back into the product; who follows it first is noted, if it was meant for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from agency import telling
from agency.models import Official, Unit
from core import alerts, deliveries, jobs, seen
from core.models import Alert, Delivery, Duty
from tests.alerts.conftest import moment

pytestmark = pytest.mark.django_db
MakeDuty = Callable[..., Duty]
NOW = moment("2026-03-03T08:30")


def opened(address: str, by: Official | None, method: str = "get") -> str:
    """Where the address leads."""
    client = Client()
    if by is not None:
        client.force_login(by, backend=settings.AUTHENTICATION_BACKENDS[-1])
    answer = getattr(client, method)(address.removeprefix("http://localhost:8000"))
    assert answer.status_code == 302
    return str(answer["Location"])


def course() -> tuple[str, str]:
    """How the one message stands, and who saw it."""
    [row] = Delivery.objects.with_course().select_related("seen_by")
    return row.standing, row.seen_by.name if row.seen_by else ""  # type: ignore[attr-defined]


@pytest.fixture
def said(section: Unit, duty: MakeDuty, settings: Any) -> str:
    """The address in a robot's message of the day, which is on its way."""
    web_address = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=00000000-example"
    robot = telling.register_robot(by=None, unit=section, kind="wecom", name="监察科群", web_address=web_address)
    duty("2026-03-03")
    deliveries.compose(NOW)
    delivery = Delivery.objects.get()
    delivery.note_sent(to=robot.name)
    return seen.address_in(delivery)


def test_a_robots_message_opened_by_somebody_of_the_unit_is_seen_by_the_first_of_them(
    said: str, clerk: Official, head: Official
) -> None:
    assert course() == ("sent", "")
    assert opened(said, head) == "/desk/"
    assert course() == ("seen", "吴样例")
    first = Delivery.objects.get().seen_at
    assert opened(said, clerk) == "/desk/"
    assert (course(), Delivery.objects.get().seen_at) == (("seen", "吴样例"), first)


def test_a_robots_message_opened_by_anybody_else_is_not_seen(
    said: str, administrator: Official, head: Official
) -> None:
    legal = Official.objects.get(username="赵样本")
    for other in (administrator, legal):
        assert opened(said, other) == "/desk/"
    assert opened(said, None).startswith("/desk/login/?next=/desk/told/"), "a chat's preview of the link sees nothing"
    assert opened(said, head, "head") == "/desk/"
    forged = re.sub(r"told/\d+\.", "told/999.", said)
    assert opened(forged, head) == "/desk/"
    assert opened(f"{said[:-3]}x/", head) == "/desk/"
    assert course() == ("sent", "")


def test_the_address_names_nobody_and_no_file(said: str, duty: MakeDuty) -> None:
    assert re.fullmatch(r"http://localhost:8000/desk/told/\d+\.[\w-]{43}/", said)


def test_a_mail_opened_by_its_address_is_seen_and_leads_to_what_it_is_about(duty: MakeDuty, clerk: Official) -> None:
    row, other = duty("2026-03-03"), duty("2026-03-03")
    alerts.raise_due(NOW)
    deliveries.compose(NOW)
    jobs.drain()
    assert course() == ("sent", "")
    text = str(mail.outbox[0].body)
    addresses = re.findall(r"http://localhost:8000/desk/told/\S+/", text)
    assert row.subject_url not in text, "every way into the product is noted"
    leader = Official.objects.get(username="吴样例")
    assert opened(addresses[-1], leader) == "/desk/", "a mail that was passed on is not seen by its recipient"
    assert course() == ("sent", "")
    led_to = {opened(address, clerk) for address in addresses}
    counted = {row.get_absolute_url(), other.get_absolute_url()}
    assert led_to == {"/desk/", row.subject_url, other.subject_url, *counted}
    assert course() == ("seen", "张示例")
    assert not Alert.objects.of(clerk).unread().exists()


def test_following_the_address_of_one_matter_leaves_the_others_unread(duty: MakeDuty, clerk: Official) -> None:
    row, other = duty("2026-03-03"), duty("2026-03-03")
    alerts.raise_due(NOW)
    deliveries.compose(NOW)
    delivery, alert = Delivery.objects.get(), Alert.objects.get(duty=row, threshold="day")
    assert opened(seen.address_in(delivery, alert), clerk) == row.subject_url
    assert set(Alert.objects.unread().values_list("duty", flat=True)) == {other.pk}
    strange = Alert.objects.create(recipient=clerk, key="x", level="info", title="别的", url="/desk/me/", raised_at=NOW)
    assert opened(seen.address_in(delivery, strange), clerk) == "/desk/"
    assert Alert.objects.get(key="x").read_at is None


def test_an_address_to_a_file_that_was_closed_meanwhile_leads_to_the_messages(duty: MakeDuty) -> None:
    duty("2026-02-26")
    legal = Official.objects.get(username="赵样本")
    alerts.raise_due(NOW)
    deliveries.compose(NOW)
    delivery = Delivery.objects.get(recipient=legal)
    assert opened(seen.address_in(delivery, Alert.objects.of(legal).get()), legal) == "/desk/messages/"
    assert Delivery.objects.get(recipient=legal).seen_by == legal


def test_what_was_seen_is_not_sent_a_second_time(duty: MakeDuty, clerk: Official) -> None:
    """As after a kill between the server's answer and our note."""
    duty("2026-03-03")
    alerts.raise_due(NOW)
    deliveries.compose(NOW)
    opened(seen.address_in(Delivery.objects.get()), clerk)
    jobs.drain()
    assert mail.outbox == []
