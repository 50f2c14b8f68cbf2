"""Writing: who is told in place of whom, and by which robots. Every act leaves a line in the audit; a token or secret stands in none.

Refusals are NotPermitted and ValidationError, as in agency.services.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange  # type: ignore[import-untyped]
from django.urls import reverse
from django.utils import timezone

from agency import audit
from agency.audit import Action
from agency.leave import Leave
from agency.models import Official, Unit
from agency.permissions import may_configure, may_name_deputy, may_stand_in
from core import alerts, robots
from core.access import require
from core.models import Delivery, Robot
from core.templatetags.mc import day as in_words

# Nobody is away longer and keeps their post.
LONGEST_LEAVE = timedelta(days=366)


# --- leave ------------------------------------------------------------------------------------------------------


@transaction.atomic
def name_deputy(
    *,
    by: Official | None,
    official: Official,
    deputy: Official,
    first_day: date,
    last_day: date,
    alone: bool = False,
    address: str | None = None,
) -> Leave:
    """Have another official told of what the first would be told of, over the days of a leave. It gives no right.

    `alone`: mail goes to the deputy only; in the app both have every message.
    """
    require(may_name_deputy(by, official))
    if deputy.pk == official.pk:
        raise ValidationError({"deputy": "不能由本人代理"})
    if not (permit := may_stand_in(deputy)):
        raise ValidationError({"deputy": permit.reason})
    if first_day < timezone.localdate():
        raise ValidationError({"first_day": "休假的第一天不能早于今天"})
    if not first_day <= last_day < first_day + LONGEST_LEAVE:
        raise ValidationError({"last_day": "休假的最后一天不能早于第一天，也不能超过一年"})
    days = DateRange(first_day, last_day + timedelta(days=1))
    if away := Leave.objects.filter(official=deputy, days__overlap=days).first():
        raise ValidationError(
            {"deputy": f"{deputy.name}{in_words(away.first_day)}至{in_words(away.last_day)}也休假，请另选代理人"}
        )
    leave = Leave(official=official, deputy=deputy, days=days, alone=alone, named_by=by)
    leave.full_clean()
    try:
        with transaction.atomic():
            leave.save()
    except IntegrityError as raced:
        raise ValidationError("这些日期中已经有代理人，请先结束原来的代理") from raced
    span = f"{in_words(first_day)}至{in_words(last_day)}"
    audit.note(Action.DEPUTY_NAMED, by=by, of=official, address=address, detail=f"{deputy.name}代理，{span}")
    alerts.warn(
        f"leave:{leave.pk}:named",
        to=[deputy],
        title=f"请您在{official.name}休假期间代为知悉期限提醒",
        body=f"{span}。只是知悉，不增加查阅和办理的权限；需要办理的，请联系其科室负责人。",
        url=reverse("agency:me"),
    )
    if by is not None and by.pk != official.pk:
        alerts.warn(
            f"leave:{leave.pk}:named-for-you",
            to=[official],
            title=f"{by.name}为您指定了休假代理人：{deputy.name}",
            body=f"{span}。提前上班的，可以结束代理。",
            url=reverse("agency:me"),
        )
    for leaning in Leave.objects.filter(deputy=official, days__overlap=days).select_related("official"):
        alerts.warn(
            f"leave:{leave.pk}:deputy-away:{leaning.pk}",
            to=[leaning.official_id],
            title=f"您的代理人{official.name}也将休假",
            body=f"{span}。可以结束原来的代理，另行指定。",
            url=reverse("agency:me"),
            level="amber",
        )
    return leave


@transaction.atomic
def end_leave(*, by: Official | None, leave: Leave, address: str | None = None) -> Leave:
    """End a leave early: from today on the deputy is told nothing more, and what waits for a mail to them goes to whoever is back. What
    they were told stays on record.
    """
    require(may_name_deputy(by, leave.official))
    leave = Leave.objects.select_for_update().select_related("official", "deputy").get(pk=leave.pk)
    if leave.is_over:
        raise ValidationError("这次代理已经结束")
    today = timezone.localdate()
    leave.days = DateRange(leave.first_day, max(today, leave.first_day))
    leave.save(update_fields=["days"])
    alerts.hand_back(of=leave.official, by=leave.deputy)
    alerts.warn(
        f"leave:{leave.pk}:ended",
        to=[leave.deputy_id],
        title=f"您不再代{leave.official.name}知悉期限提醒",
        body="休假代理已经提前结束。此前告知您的记录保留，仍由本人办理。",
        url=reverse("agency:me"),
    )
    audit.note(Action.DEPUTY_ENDED, by=by, of=leave.official, address=address, detail=f"{leave.deputy.name}，自{today}")
    return leave


# --- robots -----------------------------------------------------------------------------------------------------


@transaction.atomic
def register_robot(
    *,
    by: Official | None,
    unit: Unit,
    kind: str,
    name: str,
    web_address: str,
    secret: str = "",
    address: str | None = None,
) -> Robot:
    """Enter the robot of a unit's group chat. `web_address` is what its own page offers for copying; it is not shown again."""
    require(may_configure(by))
    robot = Robot(unit=unit, kind=kind, name=name)
    _take_address(robot, web_address, secret)
    robot.save()
    _say(by, robot, "登记", address)
    return robot


@transaction.atomic
def replace_robot_address(
    *, by: Official | None, robot: Robot, web_address: str, secret: str = "", address: str | None = None
) -> Robot:
    """Give a robot a new address, as after its token became known to others."""
    require(may_configure(by))
    robot = Robot.objects.select_for_update(of=("self",)).select_related("unit").get(pk=robot.pk)
    _take_address(robot, web_address, secret)
    robot.save()
    _say(by, robot, "更换网址", address)
    return robot


def _take_address(robot: Robot, web_address: str, secret: str) -> None:
    try:
        found = robots.read_address(web_address, robot.kind)
    except ValidationError as refused:
        raise ValidationError({"web_address": refused.messages}) from None
    if robot.kind == Robot.Kind.DINGTALK and not secret:
        raise ValidationError({"secret": "钉钉机器人须用加签方式，请填写加签密钥"})
    robot.origin, robot.path, robot.token = found.origin, found.path, found.token
    robot.secret = secret if robot.kind == Robot.Kind.DINGTALK else ""
    robot.full_clean()


@transaction.atomic
def switch_robot(*, by: Official | None, robot: Robot, is_active: bool, address: str | None = None) -> None:
    """Take a robot out of use, or put it back."""
    require(may_configure(by))
    Robot.objects.filter(pk=robot.pk).update(is_active=is_active)
    _say(by, robot, "启用" if is_active else "停用", address)


@transaction.atomic
def try_robot(*, by: Official | None, robot: Robot, address: str | None = None) -> None:
    """Have the robot say something; what became of it stands in the record of deliveries."""
    require(may_configure(by))
    if not robot.is_active:
        raise ValidationError("机器人已停用")
    robots.compose_test(robot, timezone.now())
    _say(by, robot, "发送测试消息", address)


@transaction.atomic
def send_again(*, by: Official | None, delivery: Delivery, address: str | None = None) -> None:
    """Give a message that could not be sent a new start."""
    from core import deliveries

    require(may_configure(by))
    try:
        deliveries.send_again(delivery)
    except ValueError as refused:
        raise ValidationError(str(refused)) from None
    audit.note(Action.CONFIGURED, by=by, address=address, detail=f"重新发送 {delivery.key}")


def _say(by: Official | None, robot: Robot, what: str, address: str | None) -> None:
    detail = f"群机器人 {robot.name}（{robot.unit}，{robot.get_kind_display()}）：{what}"
    audit.note(Action.CONFIGURED, by=by, address=address, detail=detail)
