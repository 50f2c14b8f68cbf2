"""Robots of group chats against a real receiver: formats, signature, what they may reach, what they never say, each message once."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from agency import telling
from agency.models import AuditEvent, Official, Unit
from core import alerts, deliveries, jobs, robots, seen
from core.access import NotPermitted
from core.models import Alert, Delivery, Duty, Job, Robot
from tests.alerts.conftest import moment
from tests.alerts.servers import RobotServer, free_port

pytestmark = pytest.mark.django_db
MakeDuty = Callable[..., Duty]
TOKEN = "4f1c2a30-aaaa-bbbb-cccc-1234567890ab"
SECRET = "SEC0123456789abcdef+/="


@pytest.fixture
def wecom(settings: Any) -> Iterator[RobotServer]:
    server = RobotServer(token=TOKEN)
    settings.WEBHOOK_ORIGINS = [server.origin]
    yield server
    server.close()


@pytest.fixture
def dingtalk(settings: Any) -> Iterator[RobotServer]:
    server = RobotServer(token=TOKEN, secret=SECRET)
    settings.WEBHOOK_ORIGINS = [server.origin]
    yield server
    server.close()


def enter(server: RobotServer, by: Official, unit: Unit, kind: str = "wecom") -> Robot:
    path = {"wecom": f"/cgi-bin/webhook/send?key={TOKEN}", "dingtalk": f"/robot/send?access_token={TOKEN}"}[kind]
    secret = SECRET if kind == "dingtalk" else ""
    return telling.register_robot(
        by=by, unit=unit, kind=kind, name="监察科群", web_address=server.origin + path, secret=secret
    )


def sweep(text: str) -> None:
    now = moment(text)
    alerts.raise_due(now)
    deliveries.compose(now)
    jobs.drain()


def standing() -> list[tuple[str, str]]:
    """(how it stands, why not sent) of every message of a robot."""
    rows = Delivery.objects.filter(robot__isnull=False).with_course().order_by("pk")
    return [(row.standing, row.reason) for row in rows]  # type: ignore[attr-defined]


# --- what is said, and in which format ---------------------------------------------------------------------------


def test_wecom_gets_the_days_summary_once_in_its_format_naming_no_party(
    wecom: RobotServer, administrator: Official, section: Unit, duty: MakeDuty
) -> None:
    enter(wecom, administrator, section)
    late = duty("2026-03-02")
    duty("2026-03-02")
    duty("2026-03-03", title="送达行政处罚决定书")
    duty("2026-03-05", title="报送_统计*数据")
    duty("2026-05-05", title="还早的")
    sweep("2026-03-03T08:29:00")
    assert wecom.taken == []
    for at in ("2026-03-03T08:30:00", "2026-03-03T08:31:00", "2026-03-03T16:00:00"):
        sweep(at)
    [body] = wecom.taken
    assert set(body) == {"msgtype", "markdown"}
    text = body["markdown"]["content"]
    assert text.splitlines()[0] == "### 监察科：3月3日期限提醒，共4项"
    assert "- 公示行政处罚决定：已逾期**2**项" in text
    assert "- 送达行政处罚决定书：今天到期**1**项" in text
    assert "- 报送 统计 数据：2个工作日内到期**1**项" in text
    assert "还早的" not in text
    assert f"[登录明察查看]({seen.address_in(Delivery.objects.get(channel='wecom'))})" in text
    assert late.subject_title not in json.dumps(body, ensure_ascii=False)
    assert len(text.encode()) < 4096
    assert standing() == [("sent", "")]
    sweep("2026-03-04T08:30:00")
    assert len(wecom.taken) == 2


def test_the_longest_message_stays_within_what_wecom_takes(
    wecom: RobotServer, administrator: Official, section: Unit, duty: MakeDuty
) -> None:
    enter(wecom, administrator, section)
    for number in range(40):
        duty("2026-03-02", title=f"{number}" + "很长的事项名称" * 16)
    sweep("2026-03-03T08:30:00")
    [body] = wecom.taken
    assert "- 另有28类事项" in body["markdown"]["content"]
    assert len(body["markdown"]["content"].encode()) <= 4096


def test_dingtalk_gets_its_format_signed_as_its_documentation_says(
    dingtalk: RobotServer, administrator: Official, section: Unit, duty: MakeDuty
) -> None:
    enter(dingtalk, administrator, section, "dingtalk")
    duty("2026-03-03")
    sweep("2026-03-03T08:30:00")
    [body] = dingtalk.taken
    assert body["msgtype"] == "markdown"
    assert body["markdown"]["title"] == "监察科：3月3日期限提醒，共1项"
    assert body["markdown"]["text"].startswith("### 监察科")
    assert body["at"] == {"isAtAll": False}


def test_the_signature_is_the_one_worked_out_by_hand(administrator: Official, section: Unit) -> None:
    """printf '1700000000000\\nthis is secret' | openssl dgst -sha256 -hmac 'this is secret' -binary | base64"""
    robot = Robot(kind="dingtalk", path="/robot/send", token="abc_DEF-123", secret="this is secret")
    at = datetime.fromtimestamp(1_700_000_000, tz=timezone.get_default_timezone())
    assert robots.target_of(robot, at) == (
        "/robot/send?access_token=abc_DEF-123&timestamp=1700000000000&sign=sSFWELbV2YwjdDQhWZwTcWlX5BWUx5J6TPpsZmuPii0%3D"
    )


def test_a_wrong_secret_is_refused_retried_and_sent_once_it_is_right(
    dingtalk: RobotServer, administrator: Official, section: Unit, duty: MakeDuty
) -> None:
    robot = enter(dingtalk, administrator, section, "dingtalk")
    dingtalk.secret = "SECanother"
    duty("2026-03-03")
    sweep("2026-03-03T08:30:00")
    [(how, reason)] = standing()
    assert (how, "安全设置" in reason, "310000 sign not match" in reason) == ("retried", True, True)
    telling.replace_robot_address(
        by=administrator, robot=robot, web_address=f"{dingtalk.origin}/robot/send?access_token={TOKEN}", secret="SECanother"
    )  # fmt: skip
    jobs.drain(now=timezone.now() + timedelta(minutes=1))
    assert standing() == [("sent", "")]
    assert len(dingtalk.taken) == 1


def test_what_is_counted_in_hours_is_said_at_once_and_once_for_each_point(
    wecom: RobotServer, administrator: Official, section: Unit, duty: MakeDuty
) -> None:
    Robot.objects.filter(pk=enter(wecom, administrator, section).pk).update(created_at=moment("2026-01-01T00:00"))
    row = duty("2026-03-01T03:20:00", title="向负责人补办手续")
    sweep("2026-02-28T22:15:00")
    sweep("2026-02-28T22:16:00")
    [body] = wecom.taken
    assert "**向负责人补办手续**，须在03月01日03:20前办结" in body["markdown"]["content"]
    assert row.subject_title not in str(body)
    sweep("2026-03-01T00:00:01")
    sweep("2026-03-01T03:20:01")
    sweep("2026-03-01T03:21:00")
    assert len(wecom.taken) == 3  # near its end, on its day, overdue
    assert "**向负责人补办手续**，已于03月01日03:20到期" in wecom.taken[-1]["markdown"]["content"]


def test_what_was_done_before_its_turn_is_not_said(
    wecom: RobotServer, administrator: Official, section: Unit, duty: MakeDuty
) -> None:
    enter(wecom, administrator, section)
    row = duty("2026-03-03")
    now = moment("2026-03-03T08:30:00")
    deliveries.compose(now)
    Duty.objects.filter(pk=row.pk).update(met_at=now)
    jobs.drain()
    assert wecom.taken == []
    assert standing() == [("dropped", "发送之前事项已经办结")]


def test_a_unit_with_nothing_near_hears_nothing(
    wecom: RobotServer, administrator: Official, section: Unit, duty: MakeDuty
) -> None:
    enter(wecom, administrator, section)
    duty("2026-05-05")
    sweep("2026-03-03T08:30:00")
    assert wecom.asked == []


# --- failures ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((500, b"oops"), "服务器答复HTTP 500"),
        ((200, b"<html>"), "服务器的答复不是机器人的答复"),
        ((200, b"[]"), "服务器的答复不是机器人的答复"),
        ((200, b'{"errcode": 40008, "errmsg": "invalid message type"}'), "服务器拒绝：40008 invalid message type"),
        (
            (200, b'{"errcode": 93000, "errmsg": "invalid webhook url"}'),
            "机器人的网址无效，或者机器人已被移出群（93000 invalid webhook url）",
        ),
    ],
)
def test_a_refusal_is_kept_with_its_reason_and_tried_again(
    wecom: RobotServer, administrator: Official, section: Unit, answer: tuple[int, bytes], reason: str
) -> None:
    robot = enter(wecom, administrator, section)
    telling.try_robot(by=administrator, robot=robot)
    wecom.answer = answer
    jobs.drain()
    assert standing() == [("retried", reason)]
    wecom.answer = None
    jobs.drain(now=timezone.now() + timedelta(minutes=1))
    assert standing() == [("sent", "")]
    assert "测试消息" in wecom.taken[0]["markdown"]["content"]


@pytest.mark.parametrize(("kind", "code", "minutes"), [("wecom", 45009, 1), ("dingtalk", 130101, 10)])
def test_what_came_too_often_is_tried_again_when_the_limit_is_over(
    wecom: RobotServer, administrator: Official, section: Unit, settings: Any, kind: str, code: int, minutes: int
) -> None:
    server = wecom if kind == "wecom" else RobotServer(token=TOKEN, secret=SECRET)
    settings.WEBHOOK_ORIGINS = [server.origin]
    telling.try_robot(by=administrator, robot=enter(server, administrator, section, kind))
    server.answer = (200, json.dumps({"errcode": code, "errmsg": "too often"}).encode())
    before = timezone.now()
    jobs.drain()
    assert standing() == [("retried", f"发送过于频繁，被限流（{code} too often）")]
    server.answer = None
    jobs.drain(now=before + timedelta(minutes=minutes, seconds=-5))
    assert server.taken == []
    jobs.drain(now=before + timedelta(minutes=minutes, seconds=10))
    assert standing() == [("sent", "")]
    server.close()


def test_a_server_that_does_not_answer_holds_nobody_up(
    administrator: Official, section: Unit, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robots, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        origin = f"http://127.0.0.1:{silent.getsockname()[1]}"
        settings.WEBHOOK_ORIGINS = [origin]
        robot = telling.register_robot(
            by=administrator, unit=section, kind="wecom", name="监察科群", web_address=f"{origin}/send?key={TOKEN}"
        )
        telling.try_robot(by=administrator, robot=robot)
        jobs.drain()
    assert standing() == [("retried", "服务器没有答复")]


def test_pauses_grow_until_it_ends_as_failed_and_somebody_is_told_where_to_send_it_again(
    wecom: RobotServer, administrator: Official, section: Unit
) -> None:
    telling.try_robot(by=administrator, robot=enter(wecom, administrator, section))
    wecom.answer = (500, b"oops")
    at, tries = timezone.now(), []
    while Job.objects.get().state == Job.State.WAITING:
        jobs.drain(now=at)
        at = Job.objects.get().run_after
        tries.append(at)
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(tries)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1], len(wecom.asked)) == (20, 3600, deliveries.SEND_ATTEMPTS)
    assert standing() == [("failed", "服务器答复HTTP 500")]
    [told] = Alert.objects.of(administrator).filter(key__endswith=":failed")
    assert (told.title, told.url) == ("邮件或者群消息没有发出，已停止重试", "/desk/agency/deliveries/")
    wecom.answer = None
    telling.send_again(by=administrator, delivery=Delivery.objects.get(robot__isnull=False))
    jobs.drain()
    assert standing() == [("sent", "")]


def test_a_message_between_two_attempts_is_tried_at_once_when_asked(
    wecom: RobotServer, administrator: Official, section: Unit
) -> None:
    telling.try_robot(by=administrator, robot=enter(wecom, administrator, section))
    delivery = Delivery.objects.get()
    with pytest.raises(ValidationError, match="等待重试"):
        telling.send_again(by=administrator, delivery=delivery)
    wecom.answer = (500, b"oops")
    jobs.drain()
    wecom.answer = None
    jobs.drain()
    assert wecom.taken == [], "its pause is not over"
    telling.send_again(by=administrator, delivery=delivery)
    jobs.drain()
    assert standing() == [("sent", "")]


def test_a_server_that_is_not_there_is_tried_again(administrator: Official, section: Unit, settings: Any) -> None:
    origin = f"http://127.0.0.1:{free_port()}"
    settings.WEBHOOK_ORIGINS = [origin]
    robot = telling.register_robot(
        by=administrator, unit=section, kind="wecom", name="监察科群", web_address=f"{origin}/send?key={TOKEN}"
    )
    telling.try_robot(by=administrator, robot=robot)
    jobs.drain()
    assert standing() == [("retried", "服务器拒绝连接")]


def test_a_redirect_is_not_followed(wecom: RobotServer, administrator: Official, section: Unit, settings: Any) -> None:
    inside = RobotServer(token=TOKEN)
    try:
        robot = enter(wecom, administrator, section)
        wecom.redirects_to = f"{inside.origin}/admin/"
        telling.try_robot(by=administrator, robot=robot)
        jobs.drain()
        assert standing() == [("retried", "服务器答复HTTP 302")]
        assert inside.asked == []
    finally:
        inside.close()


def test_a_server_that_the_settings_no_longer_allow_gets_nothing(
    wecom: RobotServer, administrator: Official, section: Unit, settings: Any
) -> None:
    robot = enter(wecom, administrator, section)
    telling.try_robot(by=administrator, robot=robot)
    settings.WEBHOOK_ORIGINS = []
    jobs.drain()
    assert wecom.asked == []
    [(how, reason)] = standing()
    assert (how, "不再允许" in reason) == ("failed", True)


def test_a_robot_out_of_use_says_nothing(
    wecom: RobotServer, administrator: Official, section: Unit, duty: MakeDuty
) -> None:
    robot = enter(wecom, administrator, section)
    telling.try_robot(by=administrator, robot=robot)
    telling.switch_robot(by=administrator, robot=robot, is_active=False)
    duty("2026-03-03")
    sweep("2026-03-03T08:30:00")
    assert wecom.asked == []
    assert standing() == [("dropped", "机器人已停用")]
    robot.refresh_from_db()
    with pytest.raises(ValidationError, match="已停用"):
        telling.try_robot(by=administrator, robot=robot)


# --- where a robot may be, and who enters it ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("web_address", "reason"),
    [
        ("file:///etc/passwd", "应为机器人的完整网址"),
        ("https://qyapi.weixin.qq.com@10.0.0.1/cgi-bin/webhook/send?key=" + TOKEN, "应为机器人的完整网址"),
        ("http://10.0.0.1/cgi-bin/webhook/send?key=" + TOKEN, "不允许向http://10.0.0.1发送"),
        ("http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + TOKEN, "不允许向http://qyapi.weixin.qq.com发送"),
        (
            "https://qyapi.weixin.qq.com:8443/cgi-bin/webhook/send?key=" + TOKEN,
            "不允许向https://qyapi.weixin.qq.com:8443",
        ),
        ("https://qyapi.weixin.qq.com.evil.example/x?key=" + TOKEN, "不允许向"),
        ("https://[::1/x", "这不是一个网址"),
        ("https://qyapi.weixin.qq.com:99999/x?key=" + TOKEN, "这不是一个网址"),
        ("https://qyapi.weixin.qq.com/../x?key=" + TOKEN, "路径不成立"),
        ("https://qyapi.weixin.qq.com/x?key=" + TOKEN + "&debug=1", "没有其他参数"),
        ("https://qyapi.weixin.qq.com/x?access_token=" + TOKEN, "应当以 ?key=… 结尾"),
        ("https://qyapi.weixin.qq.com/x?key=a%0d%0ab", "应当以 ?key=… 结尾"),
        ("https://qyapi.weixin.qq.com/x", "应当以 ?key=… 结尾"),
    ],
)
def test_an_address_beyond_the_list_is_refused(
    administrator: Official, section: Unit, web_address: str, reason: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        telling.register_robot(by=administrator, unit=section, kind="wecom", name="群", web_address=web_address)
    assert reason in refused.value.message_dict["web_address"][0]
    assert not Robot.objects.exists()


def test_the_public_servers_of_both_are_allowed_unless_told_otherwise(administrator: Official, section: Unit) -> None:
    for kind, address in (
        ("wecom", f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={TOKEN}"),
        ("dingtalk", f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}"),
    ):
        telling.register_robot(by=administrator, unit=section, kind=kind, name="群", web_address=address, secret=SECRET)
    assert set(Robot.objects.values_list("kind", "secret")) == {("wecom", ""), ("dingtalk", SECRET)}


def test_a_dingtalk_robot_without_its_secret_is_refused(administrator: Official, section: Unit) -> None:
    with pytest.raises(ValidationError) as refused:
        telling.register_robot(
            by=administrator, unit=section, kind="dingtalk", name="群",
            web_address=f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}",
        )  # fmt: skip
    assert "加签" in refused.value.message_dict["secret"][0]


def test_only_the_system_administrator_enters_robots(clerk: Official, head: Official, section: Unit) -> None:
    for by in (clerk, head):
        with pytest.raises(NotPermitted):
            telling.register_robot(
                by=by, unit=section, kind="wecom", name="群", web_address=f"https://qyapi.weixin.qq.com/x?key={TOKEN}"
            )
    assert not Robot.objects.exists()


def test_no_token_and_no_secret_in_audit_log_job_or_delivery(
    dingtalk: RobotServer, administrator: Official, section: Unit, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    robot = enter(dingtalk, administrator, section, "dingtalk")
    telling.try_robot(by=administrator, robot=robot)
    dingtalk.answer = (200, json.dumps({"errcode": 1, "errmsg": f"bad {TOKEN} {SECRET}"}).encode())
    jobs.drain()
    rows = [*AuditEvent.objects.values(), *Job.objects.values(), *Delivery.objects.values()]
    everything = caplog.text + str(rows) + str(robot) + repr(robot)
    assert standing() == [("retried", "服务器拒绝：1 bad … …")]
    assert TOKEN not in everything
    assert SECRET not in everything
