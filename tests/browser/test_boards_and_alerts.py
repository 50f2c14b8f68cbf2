"""A decision left unpublished: alerts before, on and after the due day, in the app and by mail; red on the supervisor's board."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from email.header import decode_header, make_header
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from config.demo.bureau import TO_DECISION
from config.demo.people import Cast
from core.models import Duty
from core.sweeping import sweep
from rulebook import workdays
from tests.alerts.servers import Mailbox, free_port


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A mail server that keeps what it gets."""
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield box
    server.stop()


def morning(day: Any) -> datetime:
    return datetime.combine(day, time(8, 30), tzinfo=timezone.get_default_timezone())


def words_to(box: Mailbox, address: str) -> list[str]:
    """Subjects and texts of the mails to one person, in the order of their coming."""
    return [
        f"{make_header(decode_header(mail['Subject']))}\n{mail.get_payload(decode=True).decode()}"
        for mail in box.mails
        if address in str(mail["To"])
    ]


@pytest.mark.rule("WH-MEAS-15b", "WH-PLAN-2b")
def test_a_decision_left_unpublished_is_warned_of_and_stands_red(sign_in, told, mailbox: Mailbox, cast: Cast) -> None:
    case = told(TO_DECISION, age=9)
    duty = Duty.objects.get(anchor=case.stream, obligation="publish_decision")
    due, calendar = timezone.localdate(duty.due_at), workdays.get()
    assert due == calendar.nth_working_day_before(timezone.localdate(), 2)
    zhang = "zhang@mingcha.example"

    for day, said in (
        (calendar.nth_working_day_before(due, 2), "剩余2个工作日"),
        (due, "今天24:00前"),
        (calendar.nth_working_day(due, 1), "逾期1个工作日"),
    ):
        already = len(words_to(mailbox, zhang))
        assert sweep(morning(day)).failures == []
        fresh = [words for words in words_to(mailbox, zhang)[already:] if case.title in words]
        assert fresh, f"no mail on {day}"
        assert f"{duty.title}（{said}）" in fresh[-1], fresh[-1]
        assert sweep(morning(day) + timedelta(minutes=1)).raised == 0

    clerk = sign_in("zhang")
    clerk.open("/desk/messages/")
    clerk.sees(duty.title, case.title)
    clerk.keep_picture("messages")
    clerk.open("/desk/")
    row = clerk.main.locator("tr.is-overdue").filter(has_text=case.title).first
    assert "逾期" in row.inner_text()
    clerk.keep_picture("desk-overdue")
    clerk.open(duty.get_absolute_url())
    clerk.sees("逾期", "已发邮件", "张示例")
    clerk.keep_picture("duty-overdue")

    wang = sign_in("wang")
    wang.open("/desk/supervision/board/")
    wang.sees("逾期未办")
    for heading, words in (("按科室", "监察科"), ("按条文和科室", "第十五条")):
        line = wang.panel(heading).locator("tbody tr").filter(has_text=words).first
        assert line.locator(".chip--overdue").count(), f"{words} is not red"
    wang.keep_picture("board")
    section = wang.panel("按科室").locator("tbody tr").filter(has_text="监察科")
    wang.follow_first(re.compile(r"\d"), within=section.locator("td[data-l='逾期未办']"))
    wang.sees("监察科：全部事项", duty.title)
    wang.keep_picture("board-duties")


def test_an_empty_board_says_so(sign_in) -> None:
    wang = sign_in("wang")
    wang.open("/desk/supervision/")
    wang.sees("监督看板")
    wang.keep_picture("board-empty")
