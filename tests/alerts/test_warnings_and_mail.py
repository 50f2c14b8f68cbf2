"""Warnings are told once; mail is one digest a person and working day, recognisable when doubled; jobs are durable."""

from __future__ import annotations

import json
import smtplib
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from agency.models import Official, Unit
from core import alerts, deliveries, jobs, registry, seen, sweeping
from core.models import Alert, Delivery, Duty, Job
from tests.alerts.conftest import moment

pytestmark = pytest.mark.django_db
MakeDuty = Callable[..., Duty]
NOW = moment("2026-03-03T10:00")


def sweep(now: datetime = NOW) -> None:
    """A sweep without the year's periodic duties, which would join every mail."""
    alerts.raise_due(now)
    deliveries.compose(now)
    jobs.drain()


def test_a_warning_is_told_once_however_often_it_is_raised(clerk: Official, head: Official) -> None:
    for _ in range(3):
        alerts.warn(
            "certificate:5:expires:2026-12-31",
            to=[clerk, head.pk],
            title="执法证件将于2026年12月31日到期",
            level="amber",
        )
    assert Alert.objects.filter(key="certificate:5:expires:2026-12-31").count() == 2


def test_an_unknown_level_is_refused(clerk: Official) -> None:
    with pytest.raises(ValueError, match="no alert level"):
        alerts.warn("x", to=[clerk], title="x", level="purple")
    assert not Alert.objects.exists()


def test_r8_from_december_the_keepers_of_the_calendar_are_told_that_next_year_is_missing(
    section: Unit, clerk: Official
) -> None:
    for quiet in ("2026-11-30T17:29", "2026-12-01T08:29", "2026-12-05T10:00"):
        alerts.warn_of_missing_calendar(moment(quiet))
        assert not Alert.objects.exists(), quiet
    for _ in range(2):
        alerts.warn_of_missing_calendar(moment("2026-12-01T08:30"))
    told = Alert.objects.filter(key="calendar:2027:missing")
    assert sorted(told.values_list("recipient__username", flat=True)) == ["赵样本", "钱管理"]
    assert "2027年放假安排尚未录入" in told[0].title


def test_one_digest_a_person_tells_each_duty_once(duty: MakeDuty, clerk: Official) -> None:
    late = duty("2026-02-28", title="公示行政处罚决定")
    duty("2026-03-03", title="送达行政处罚决定书")
    sweep()
    assert [message.to for message in mail.outbox] == [["zhang@mail.example"]]
    message = mail.outbox[0]
    assert message.subject == "【明察】2项提醒：1项已逾期，1项今天到期"
    assert str(message.body).count("公示行政处罚决定") == 1
    assert "送达行政处罚决定书" in str(message.body)
    assert "《威海市行政执法监督办法》第十五条" in str(message.body)
    why = seen.address_in(Delivery.objects.get(), Alert.objects.of(clerk).current().get(duty=late), to=seen.WHY)
    assert f"怎么算的：{why}" in str(message.body)
    assert (Delivery.objects.get().state, Delivery.objects.get().items) == ("sent", 2)
    sweep()
    assert len(mail.outbox) == 1


def test_a_mail_of_forty_says_what_is_most_pressing_first_and_stays_readable(duty: MakeDuty, clerk: Official) -> None:
    for day in range(1, 6):
        for number in range(8):
            duty(f"2026-03-0{day}", title=f"事项{day}{number}")
    done = duty("2026-03-02", title="办结了的")
    alerts.raise_due(NOW)
    deliveries.compose(NOW)
    Duty.objects.filter(pk=done.pk).update(met_at=NOW)
    jobs.drain()
    [message] = mail.outbox
    text = str(message.body)
    assert message.subject == "【明察】40项提醒：16项已逾期，8项今天到期"
    heads = ["已逾期，请先办（16项）", "今天到期（8项）", "将要到期（16项）"]
    assert [text.index(head) for head in heads] == sorted(text.index(head) for head in heads)
    assert text.index("事项10（逾期2个工作日）") < text.index("事项20（逾期1个工作日）") < text.index(heads[1])
    assert (
        text.index(heads[1])
        < text.index("事项30（今天24:00前）")
        < text.index(heads[2])
        < text.index("事项40（剩余1个工作日）")
    )
    assert "办结了的" not in text
    assert "其间已经办结的1项不再列出。" in text
    assert "请督促" not in text
    assert "\n\n\n\n" not in text


def test_a_mail_of_which_everything_was_done_before_its_turn_is_not_sent(duty: MakeDuty, clerk: Official) -> None:
    row = duty("2026-03-03")
    alerts.raise_due(NOW)
    deliveries.compose(NOW)
    Duty.objects.filter(pk=row.pk).update(met_at=NOW)
    jobs.drain()
    assert mail.outbox == []
    assert Delivery.objects.with_course().get().standing == "dropped"  # type: ignore[attr-defined]


def test_who_has_no_mail_is_told_in_the_app_only(duty: MakeDuty, head: Official) -> None:
    duty("2026-03-02")
    sweep()
    assert Alert.objects.of(head).exists()
    assert not Delivery.objects.filter(recipient=head).exists()


def test_a_refusing_mail_server_is_asked_again_later_with_the_same_message_id(
    duty: MakeDuty, clerk: Official, monkeypatch: pytest.MonkeyPatch
) -> None:
    duty("2026-03-03")
    sent: list[str] = []

    def refuse(message: mail.EmailMessage, **kwargs: object) -> int:
        sent.append(message.extra_headers["Message-ID"])
        if len(sent) < 3:
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
        return 1

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    sweep()
    job = Job.objects.get(name="alerts.send")
    assert job.state == Job.State.WAITING
    assert job.last_error == "邮件服务器中断了连接"
    at = timezone.now()
    jobs.drain(now=at)
    assert len(sent) == 1, "not before its pause is over"
    jobs.drain(now=at + timedelta(minutes=1))
    jobs.drain(now=at + timedelta(minutes=5))
    assert len(sent) == 3
    assert len(set(sent)) == 1
    assert Delivery.objects.get().state == "sent"


def test_a_job_is_written_only_if_its_transaction_is(clerk: Official) -> None:
    def act() -> None:
        with transaction.atomic():
            jobs.enqueue("alerts.send", key="x", delivery=1)
            raise RuntimeError("the act failed")

    with pytest.raises(RuntimeError, match="the act failed"):
        act()
    assert not Job.objects.exists()


def test_the_same_key_is_done_once(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    monkeypatch.setitem(jobs._kinds, "test.note", jobs.Kind(lambda payload: done.append(payload["n"]), 3))
    for n in (1, 2):
        jobs.enqueue("test.note", key="case:1", n=n)
    jobs.drain()
    jobs.enqueue("test.note", key="case:1", n=3)
    jobs.drain()
    assert done == [1]


def test_a_done_job_is_never_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    monkeypatch.setitem(jobs._kinds, "test.note", jobs.Kind(lambda payload: done.append(payload["n"]), 3))
    jobs.enqueue("test.note", n=1)
    for later in (timedelta(), timedelta(minutes=1), timedelta(days=30)):
        jobs.drain(now=timezone.now() + later)
    assert done == [1]
    assert Job.objects.get().state == Job.State.DONE


def test_a_mail_noted_as_sent_is_not_sent_again(duty: MakeDuty, clerk: Official) -> None:
    duty("2026-03-03")
    sweep()
    assert len(mail.outbox) == 1
    deliveries.send({"delivery": Delivery.objects.get().pk})
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_compose_at_once_bind_an_alert_to_one_mail(
    duty: MakeDuty, clerk: Official, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second comes while the first holds the rows, and finds nothing to compose."""
    duty("2026-03-03")
    alerts.raise_due(NOW)
    others: list[int] = []
    enqueue = jobs.enqueue

    def second() -> None:
        try:
            others.append(deliveries.compose(NOW))
        finally:
            connection.close()

    def while_held(name: str, **payload: object) -> None:
        monkeypatch.setattr(jobs, "enqueue", enqueue)
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(20)
        enqueue(name, **payload)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "enqueue", while_held)
    assert deliveries.compose(NOW) == 1
    assert others == [0]
    assert Delivery.objects.count() == 1


def test_an_unknown_job_is_refused_before_it_is_written() -> None:
    with pytest.raises(LookupError, match=r"no job named documents\.rendr"):
        jobs.enqueue("documents.rendr")
    assert not Job.objects.exists()


def test_a_poisoned_job_ends_as_failed_and_the_administrator_is_told(
    administrator: Official, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(payload: dict[str, object]) -> None:
        Unit.objects.create(name="写了一半", short_name="半", kind=Unit.Kind.OFFICE)
        raise ZeroDivisionError("broken")

    monkeypatch.setitem(jobs._kinds, "test.fail", jobs.Kind(fail, 3))
    jobs.enqueue("test.fail")
    at = timezone.now()
    for hours in range(6):
        jobs.drain(now=at + timedelta(hours=hours))
    job = Job.objects.get(name="test.fail")
    assert (job.state, job.attempts) == (Job.State.FAILED, 3)
    assert "ZeroDivisionError: broken" in job.last_error
    assert not Unit.objects.filter(name="写了一半").exists()
    assert Alert.objects.of(administrator).get(key=f"job:{job.pk}:failed").level == Alert.Level.RED


def test_a_job_that_kills_its_worker_is_not_tried_for_ever(administrator: Official) -> None:
    """A killed worker leaves the attempt counted and nothing else; simulated by claiming without doing."""
    jobs.enqueue("alerts.send", key="x", delivery=0)
    at = timezone.now()
    for hours in range(deliveries.SEND_ATTEMPTS + 1):
        claimed = jobs._claim(at + timedelta(hours=2 * hours))
        assert claimed is not None
    assert Job.objects.get(name="alerts.send").state == Job.State.FAILED


def test_a_failing_part_stops_no_other(duty: MakeDuty, clerk: Official, monkeypatch: pytest.MonkeyPatch) -> None:
    duty("2026-03-03")

    def broken(now: object) -> None:
        raise LookupError("no such certificate")

    monkeypatch.setattr(registry, "_alert_sources", [broken])
    swept = sweeping.sweep(NOW)
    assert swept.raised > 0
    assert any("no such certificate" in failure for failure in swept.failures)
    assert mail.outbox
    with pytest.raises(CommandError, match="no such certificate"):
        call_command("sweep", "--at", "2026-03-03T10:00")


def test_what_a_sweep_did_and_which_part_failed_is_told_as_json(
    duty: MakeDuty, clerk: Official, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    duty("2026-03-03")
    call_command("sweep", "--at", "2026-03-03T10:00", "--json")
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"opened", "raised", "composed", "jobs", "failures"}
    assert told["raised"] == Alert.objects.count() > 0
    assert told["failures"] == []

    def broken(now: object) -> None:
        raise LookupError("no such certificate")

    monkeypatch.setattr(registry, "_alert_sources", [broken])
    with pytest.raises(CommandError, match="no such certificate"):
        call_command("sweep", "--at", "2026-03-03T10:00", "--json")
    (failure,) = json.loads(capsys.readouterr().out)["failures"]
    assert "no such certificate" in failure
