"""When word goes out: one digest a person in the morning of a working day, at once only what is counted in hours."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import datetime

import pytest
from django.core import mail
from django.utils import timezone

from agency.models import Official
from core import alerts, deliveries, jobs
from core.models import Alert, Delivery, Duty, Job
from core.unsent import why_unreached
from tests.alerts.conftest import moment

pytestmark = pytest.mark.django_db
MakeDuty = Callable[..., Duty]


def sweep(text: str) -> list[str]:
    """Subjects of the mails that a sweep at this moment sends to the clerk."""
    now, before = moment(text), len(mail.outbox)
    alerts.raise_due(now)
    deliveries.compose(now)
    jobs.drain()
    return [str(each.subject) for each in mail.outbox[before:] if each.to == ["zhang@mail.example"]]


@pytest.mark.parametrize(
    ("quiet", "why"),
    [
        ("2026-02-28T08:29:59", "before the morning"),
        ("2026-02-28T17:30:00", "after hours"),
        ("2026-03-01T10:00:00", "Sunday"),
        ("2026-02-17T10:00:00", "Spring Festival"),
    ],
)
def test_outside_working_hours_no_mail_goes_out_of_what_waited_since(
    duty: MakeDuty, clerk: Official, quiet: str, why: str
) -> None:
    duty("2026-02-12")
    alerts.raise_due(moment("2026-02-12T17:00:00"))
    assert sweep(quiet) == [], why
    assert Alert.objects.of(clerk).waiting_for_mail().exists()
    assert sweep("2026-03-02T08:30:00") != []


def test_a_make_up_saturday_is_a_working_day(duty: MakeDuty, clerk: Official) -> None:
    duty("2026-03-02")
    assert sweep("2026-02-28T08:30:00") == ["【明察】1项提醒"]


def test_one_digest_a_day_however_much_happens_and_the_rest_next_morning(duty: MakeDuty, clerk: Official) -> None:
    duty("2026-03-04")
    assert sweep("2026-03-03T08:30:00") == ["【明察】1项提醒"]
    duty("2026-03-05")
    duty("2026-03-05")
    assert sweep("2026-03-03T09:00:00") == []
    assert sweep("2026-03-03T16:59:00") == []
    assert sweep("2026-03-04T08:29:00") == []
    assert sweep("2026-03-04T08:30:00") == ["【明察】3项提醒：1项今天到期"]
    assert Delivery.objects.filter(recipient=clerk, kind=Delivery.Kind.DIGEST).count() == 2


def test_after_an_outage_of_the_morning_the_digest_goes_out_later_that_day(duty: MakeDuty, clerk: Official) -> None:
    duty("2026-03-04")
    assert sweep("2026-03-03T15:00:00") == ["【明察】1项提醒"]


def test_what_is_counted_in_hours_goes_out_at_once_at_any_hour(duty: MakeDuty, clerk: Official) -> None:
    duty("2026-03-06")
    duty("2026-03-01T03:20:00", title="向负责人补办手续")
    assert sweep("2026-02-28T22:15:00") == ["【明察】1项限时提醒"]
    assert "向负责人补办手续" in str(mail.outbox[-1].body)
    assert sweep("2026-02-28T22:16:00") == []
    assert sweep("2026-03-01T00:00:00") == ["【明察】1项限时提醒：1项今天到期"]
    assert sweep("2026-03-01T03:20:01") == ["【明察】1项限时提醒：1项已逾期"]
    kinds = Delivery.objects.filter(recipient=clerk).values_list("kind", flat=True)
    assert set(kinds) == {Delivery.Kind.AT_ONCE}


def test_a_digest_already_sent_keeps_nothing_urgent_back(duty: MakeDuty, clerk: Official) -> None:
    duty("2026-03-04")
    assert sweep("2026-03-03T08:30:00") == ["【明察】1项提醒"]
    duty("2026-03-03T18:00:00")
    assert sweep("2026-03-03T11:00:00") == ["【明察】1项限时提醒：1项今天到期"]


def test_a_mail_to_somebody_who_may_not_see_the_file_names_no_file(duty: MakeDuty, clerk: Official) -> None:
    row = duty("2026-02-26", title="公示行政处罚决定")  # 27, 28 February, 2 March: three working days overdue
    sweep("2026-03-03T08:30:00")
    to_legal = next(str(each.body) for each in mail.outbox if each.to == ["zhao@mail.example"])
    assert "公示行政处罚决定" in to_legal
    assert "由示例监察科办理，请督促" in to_legal
    assert row.subject_title not in to_legal
    assert row.subject_url not in to_legal


# --- what became of it -------------------------------------------------------------------------------------------


def standing() -> dict[str, str]:
    return {each.key: each.standing for each in Delivery.objects.with_course()}  # type: ignore[attr-defined]


def test_the_course_of_a_mail_waiting_retried_failed_sent_seen(
    duty: MakeDuty, clerk: Official, monkeypatch: pytest.MonkeyPatch
) -> None:
    duty("2026-03-04")
    now = moment("2026-03-03T08:30:00")
    alerts.raise_due(now)
    deliveries.compose(now)
    [key] = standing()
    assert standing() == {key: "waiting"}
    with monkeypatch.context() as patch:
        patch.setattr(mail.EmailMessage, "send", _refuse)
        jobs.drain()
        assert standing() == {key: "retried"}
        [row] = Delivery.objects.with_course()
        assert (row.tried, row.reason) == (1, "连接中断（OSError）")  # type: ignore[attr-defined]
        Job.objects.update(attempts=deliveries.SEND_ATTEMPTS, run_after=timezone.now())
        jobs.drain()
    assert standing()[key] == "failed"
    deliveries.send_again(Delivery.objects.get(key=key))
    assert standing()[key] == "waiting"
    jobs.drain()
    assert standing()[key] == "sent"
    with pytest.raises(ValueError, match="只有发送失败或者等待重试的"):
        deliveries.send_again(Delivery.objects.get(key=key))
    Alert.objects.of(clerk).update(read_at=datetime.now(tz=now.tzinfo))
    assert standing()[key] == "seen"


def _refuse(message: mail.EmailMessage, **kwargs: object) -> int:
    raise OSError("mailbox full")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError("timed out"), "服务器没有答复"),
        (ConnectionRefusedError(111, "Connection refused"), "服务器拒绝连接"),
        (smtplib.SMTPAuthenticationError(535, b"authentication failed"), "邮件服务器不接受登录的用户名或者密码"),
        (smtplib.SMTPRecipientsRefused({"a@b": (550, b"no such user")}), "邮件服务器不接受收件人的邮箱地址"),
        (smtplib.SMTPDataError(451, b"try again later"), "邮件服务器没有接收（451）"),
        (smtplib.SMTPServerDisconnected("Connection unexpectedly closed"), "邮件服务器中断了连接"),
    ],
)
def test_why_a_mail_was_not_sent_is_said_in_words(error: Exception, words: str) -> None:
    assert why_unreached(error) == words


def test_a_mail_whose_recipient_lost_the_address_fails_with_its_reason(duty: MakeDuty, clerk: Official) -> None:
    duty("2026-03-04")
    now = moment("2026-03-03T08:30:00")
    alerts.raise_due(now)
    deliveries.compose(now)
    Official.objects.filter(pk=clerk.pk).update(email="")
    jobs.drain()
    [row] = Delivery.objects.with_course()
    assert (row.standing, row.reason) == ("failed", "收件人没有邮箱或者已停用")  # type: ignore[attr-defined]
    Official.objects.filter(pk=clerk.pk).update(email="neu@mail.example")
    deliveries.send_again(row)
    jobs.drain()
    assert mail.outbox[-1].to == ["neu@mail.example"]
