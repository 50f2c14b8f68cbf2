"""Robots of group chats (企业微信群机器人, 钉钉机器人): what they say, how they are reached, and where they may be.

A message leaves the bureau's network: it counts the duties of a unit and names the acts owed, never a party or a file.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import parse_qsl, quote_plus, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.utils import timezone

from core import alerts, calendars, jobs
from core.models import Alert, Delivery, Duty, Robot
from core.models.deliveries import SEND
from core.seen import address_in, units_of
from core.unsent import NotTaken, refused, why_unreached

TIMEOUT: Final = 10
# More than any honest answer.
LONGEST_ANSWER: Final = 16_384
# What happened longer ago has been told by a digest.
TOLD_AT_ONCE_FOR: Final = timedelta(days=3)
LINES: Final = 12
DONE_BEFORE: Final = "发送之前事项已经办结"

TOKEN_NAME: Final = {Robot.Kind.WECOM: "key", Robot.Kind.DINGTALK: "access_token"}
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,200}")
_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)+")


# --- where a robot may be ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a robot's web address."""

    origin: str
    path: str
    token: str


def read_address(address: str, kind: str) -> Address:
    """What the robot's settings page offers for copying. Raises ValidationError for any server that was not allowed (WEBHOOK_ORIGINS)."""
    try:
        parts = urlsplit(address.strip())
        origin = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    except ValueError:
        raise ValidationError("这不是一个网址") from None
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.username
        or parts.password
        or parts.fragment
    ):
        raise ValidationError("应为机器人的完整网址，以https://开头")
    if not is_allowed(origin):
        raise ValidationError(
            f"不允许向{origin}发送。允许的服务器：{'、'.join(settings.WEBHOOK_ORIGINS) or '没有'}（由服务器设置 WEBHOOK_ORIGINS 规定）"
        )
    if not _PATH.fullmatch(parts.path):
        raise ValidationError("网址的路径不成立")
    name = TOKEN_NAME[Robot.Kind(kind)]
    given = parse_qsl(parts.query, keep_blank_values=True)
    if [key for key, _ in given] != [name] or not _TOKEN.fullmatch(given[0][1]):
        raise ValidationError(f"{Robot.Kind(kind).label}的网址应当以 ?{name}=… 结尾，没有其他参数")
    return Address(origin, parts.path, given[0][1])


def is_allowed(origin: str) -> bool:
    """Whether the server's settings let messages go there: scheme, host and port, nothing else of the network."""
    return origin in settings.WEBHOOK_ORIGINS


# --- composing --------------------------------------------------------------------------------------------------


def compose(now: datetime) -> int:
    """Compose the day's message of every robot whose unit has something near its end, and at once what is counted in hours."""
    in_use = list(Robot.objects.filter(is_active=True).select_related("unit"))
    return sum(_compose_digest(robot, now) + _compose_at_once(robot, now) for robot in in_use)


def _compose_digest(robot: Robot, now: datetime) -> int:
    key = f"robot.{robot.pk}.{timezone.localdate(now)}"
    if not alerts.speaks(alerts.plan_of(robot.unit_id), now) or Delivery.objects.filter(key=key).exists():
        return 0
    near = sum(count for _, _, count in _standing(robot, now))
    return _enqueue(robot, now, key=key, kind=Delivery.Kind.DIGEST, items=near) if near else 0


def _compose_at_once(robot: Robot, now: datetime) -> int:
    since = max(robot.created_at, now - TOLD_AT_ONCE_FOR)
    fresh = Alert.objects.filter(
        at_once=True, raised_at__gte=since, raised_at__lte=now, duty__owner_unit__in=units_of(robot),
        duty__met_at__isnull=True, duty__voided_at__isnull=True,
    )  # fmt: skip
    # Several are told of one threshold; of several thresholds the latest is said.
    latest = dict(fresh.order_by("rank", "pk").values_list("duty", "key"))
    keys = {f"robot.{robot.pk}.{key}": duty for duty, key in latest.items()}
    had = set(Delivery.objects.filter(key__in=keys).values_list("key", flat=True))
    return sum(
        _enqueue(robot, now, key=key, kind=Delivery.Kind.AT_ONCE, items=1, duty=duty)
        for key, duty in keys.items()
        if key not in had
    )


def compose_test(robot: Robot, now: datetime) -> None:
    """Have the robot say that it is connected, at any hour: somebody is waiting for it."""
    _enqueue(robot, now, key=f"robot.{robot.pk}.test.{now:%Y%m%d%H%M%S%f}", kind=Delivery.Kind.TEST, items=0)


def _enqueue(robot: Robot, now: datetime, *, key: str, kind: str, items: int, duty: int | None = None) -> int:
    """Two who compose at once write one row: the key is unique."""
    delivery, is_fresh = Delivery.objects.get_or_create(
        key=key,
        defaults={
            "robot": robot, "channel": robot.kind, "kind": kind, "items": items, "duty_id": duty, "composed_at": now,
        },
    )  # fmt: skip
    if is_fresh:
        jobs.enqueue(SEND, key=key, delivery=delivery.pk)
    return int(is_fresh)


def _standing(robot: Robot, now: datetime) -> list[tuple[str, str, int]]:
    """The act owed, how it stands and how many of the unit's open duties that are, the worst first; none that is still far off."""
    today = timezone.localdate(now)
    tomorrow = alerts.midnight(today + timedelta(days=1))
    ahead = max(alerts.plan_of(robot.unit_id).before, default=0)
    until = calendars.current().nth_working_day(today, ahead) if ahead else today
    near = (
        Duty.objects.open()
        .filter(owner_unit__in=units_of(robot), alert_from__lte=until)
        .filter(paused_from__isnull=True, deadline_precedes_rule=False)
        .exclude(owed_by__in=Duty.NEVER_RED_OWERS)
    )
    words = {"late": "已逾期", "today": "今天到期", "soon": f"{ahead}个工作日内到期" if ahead else "即将到期"}
    counted = near.order_by().values("title").annotate(
        late=Count("pk", filter=Q(due_at__lt=now, kind__in=Duty.RED_KINDS)),
        today=Count("pk", filter=Q(due_at__gte=now, due_at__lt=tomorrow)),
        soon=Count("pk", filter=Q(due_at__gte=tomorrow)),
    )  # fmt: skip
    rows = sorted(counted, key=lambda row: str(row["title"]))
    return [(str(row["title"]), word, int(row[how])) for how, word in words.items() for row in rows if row[how]]


# --- what is said -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Message:
    """A heading and lines of Markdown, as far as both robots understand it, and the address that leads back into the product."""

    heading: str
    lines: tuple[str, ...]
    address: str

    @property
    def text(self) -> str:
        return "\n\n".join([f"### {self.heading}", *self.lines, f"[登录明察查看]({self.address})"])


def message_of(delivery: Delivery, robot: Robot) -> Message | None:
    """What a delivery says, as of its composing, without what was done since; None when nothing is left to say."""
    now = delivery.composed_at
    name = _plain(robot.unit.short_name)
    if delivery.kind == Delivery.Kind.TEST:
        said = "机器人已经接通。每个工作日上午汇总一次期限，按小时计算的事项随时提醒。"
        return Message(f"{name}：测试消息", (said,), address_in(delivery))
    if delivery.duty is not None:
        duty = delivery.duty
        if not duty.is_open:
            return None
        due = timezone.localtime(duty.due_at)
        when = "已于" if duty.due_at < now else "须在"
        return Message(
            f"{name}：限时事项",
            (f"**{_plain(duty.title)}**，{when}{due:%m月%d日%H:%M}{'到期' if duty.due_at < now else '前办结'}",),
            address_in(delivery),
        )
    standing = _standing(robot, now)
    if not standing:
        return None
    lines = [f"- {_plain(title)}：{word}**{count}**项" for title, word, count in standing]
    more = (f"- 另有{len(lines) - LINES}类事项",) if len(lines) > LINES else ()
    today = timezone.localdate(now)
    return Message(
        f"{name}：{today.month}月{today.day}日期限提醒，共{sum(count for _, _, count in standing)}项",
        ("\n".join([*lines[:LINES], *more]),),
        address_in(delivery),
    )


def _plain(text: str) -> str:
    """Words of ours in which nothing is Markdown."""
    return re.sub(r"[\\`*_{}\[\]()#<>!|\r\n]", " ", text)[:40]


def body_of(kind: str, message: Message) -> dict[str, Any]:
    """The JSON that the robot's server wants."""
    if kind == Robot.Kind.WECOM:
        return {"msgtype": "markdown", "markdown": {"content": message.text}}
    return {
        "msgtype": "markdown",
        "markdown": {"title": message.heading, "text": message.text},
        "at": {"isAtAll": False},
    }


def target_of(robot: Robot, now: datetime) -> str:
    """Path and query of the request. A DingTalk robot's is signed: HMAC-SHA256 over the moment in milliseconds and the secret."""
    target = f"{robot.path}?{TOKEN_NAME[Robot.Kind(robot.kind)]}={quote_plus(robot.token)}"
    if robot.kind != Robot.Kind.DINGTALK:
        return target
    stamp = str(int(now.timestamp() * 1000))
    signed = hmac.new(robot.secret.encode(), f"{stamp}\n{robot.secret}".encode(), hashlib.sha256).digest()
    return f"{target}&timestamp={stamp}&sign={quote_plus(base64.b64encode(signed))}"


# --- sending ----------------------------------------------------------------------------------------------------


def send(delivery: Delivery, robot: Robot) -> None:
    """Send one message. Raises NotTaken, so that it is tried again."""
    if not robot.is_active:
        delivery.note_unsent("机器人已停用", is_dropped=True)
    elif not is_allowed(robot.origin):
        delivery.note_unsent(f"服务器设置不再允许向{robot.origin}发送")
    elif (message := message_of(delivery, robot)) is None:
        delivery.note_unsent(DONE_BEFORE, is_dropped=True)
    else:
        post(robot, body_of(robot.kind, message), timezone.now())
        delivery.note_sent(to=f"{robot.name}（{robot.origin}）"[:254])


def post(robot: Robot, body: dict[str, Any], now: datetime) -> None:
    """One request to exactly the robot's server: no redirect is followed, no proxy asked. Raises NotTaken."""
    parts = urlsplit(robot.origin)
    make = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    link = make(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        link.request(
            "POST",
            target_of(robot, now),
            body=json.dumps(body, ensure_ascii=False).encode(),
            headers={"Content-Type": "application/json; charset=utf-8"},
        )
        answer = link.getresponse()
        text = answer.read(LONGEST_ANSWER)
    except (OSError, HTTPException) as error:
        raise NotTaken(why_unreached(error)) from None
    finally:
        link.close()
    if answer.status != 200:
        raise NotTaken(f"服务器答复HTTP {answer.status}")
    _read_answer(text, robot)


def _read_answer(text: bytes, robot: Robot) -> None:
    """Both say `errcode` 0 when they took the message, and why not otherwise."""
    try:
        told = json.loads(text)
        code, reason = told["errcode"], str(told.get("errmsg", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NotTaken("服务器的答复不是机器人的答复") from None
    if code != 0:
        raise refused(code, _discreet(reason[:300], robot))


def _discreet(text: str, robot: Robot) -> str:
    """The text without what must stand in no log."""
    hidden: Iterable[str] = (each for each in (robot.token, robot.secret) if each)
    for each in hidden:
        text = text.replace(each, "…").replace(quote_plus(each), "…")
    return text
