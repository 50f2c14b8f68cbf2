"""Reading a profile's [alerts]: when those who owe are told, who else is told after how long, and when word goes out.
What a profile does not name keeps the default of AlertPlan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import time
from typing import Any, Final, cast

from rulebook.files import nearest
from rulebook.model import TIERS, AlertPlan, RulebookError, Tier, UrgentPlan

Refuse = Callable[[str], RulebookError]
Steps = tuple[tuple[Tier, int], ...]

_FIELDS: Final = frozenset({"before", "on_the_day", "overdue", "escalation", "hours", "digest_at", "urgent"})
_URGENT_FIELDS: Final = frozenset({"before", "overdue", "escalation"})
# Beyond a quarter nobody plans by working days, beyond a month nobody by hours; and a point of the course must fit its column.
_MOST_DAYS: Final = 60
_MOST_HOURS: Final = 720


def read_alert_plan(data: object, refuse: Refuse) -> AlertPlan:
    """The plan that a profile's table names; `refuse` makes the error that names the file."""
    if not isinstance(data, dict):
        raise refuse("alerts 应写作 [alerts]")
    if unknown := sorted(set(data) - _FIELDS):
        raise refuse(f"alerts 有未知字段 {unknown[0]}{_where(unknown[0])}")
    default = AlertPlan()
    overdue = _days(data, "overdue", default.overdue, refuse)
    opens, closes = _hours(data, default, refuse)
    plan = AlertPlan(
        before=_days(data, "before", default.before, refuse),
        on_the_day=_flag(data, "on_the_day", default.on_the_day, refuse),
        overdue=overdue,
        escalation=_escalation(data, default.escalation, overdue, refuse),
        opens=opens,
        closes=closes,
        digest_at=_clock(data.get("digest_at", max(opens, default.digest_at)), "digest_at", refuse),
        urgent=_urgent(data["urgent"], refuse) if "urgent" in data else default.urgent,
    )
    if not plan.opens <= plan.digest_at < plan.closes:
        raise refuse("alerts 的 digest_at 不在工作时间 hours 之内")
    if not (plan.before or plan.on_the_day or plan.overdue):
        raise refuse("alerts 没有任何提醒时点")
    return plan


def _where(name: str) -> str:
    """What stands below [alerts] by mistake belongs to the profile itself, or to the other of the two."""
    if name in _FIELDS:
        return "：它属于 [alerts]，应写在 [alerts.urgent] 之前"
    return nearest(name, _FIELDS) or "：规则档案自己的字段应写在 [alerts] 之前"


def _urgent(data: object, refuse: Refuse) -> UrgentPlan:
    """The points of what is counted in hours; refusals name the field as it stands in the file: urgent.before."""
    if not isinstance(data, dict):
        raise refuse("alerts 的 urgent 应写作 [alerts.urgent]")
    if unknown := sorted(set(data) - _URGENT_FIELDS):
        raise refuse(f"alerts 的 urgent 有未知字段 {unknown[0]}{_where(unknown[0])}")
    default = UrgentPlan()
    overdue = _points(data, "overdue", default.overdue, range(_MOST_HOURS + 1), "小时", refuse, within="urgent.")
    plan = UrgentPlan(
        before=_points(data, "before", default.before, range(1, _MOST_HOURS + 1), "小时", refuse, within="urgent."),
        overdue=overdue,
        escalation=_escalation(data, default.escalation, overdue, refuse, within="urgent.", unit="小时"),
    )
    if not (plan.before or plan.overdue):
        raise refuse("alerts 的 urgent 没有任何提醒时点")
    return plan


def _days(data: Mapping[str, Any], name: str, default: tuple[int, ...], refuse: Refuse) -> tuple[int, ...]:
    return _points(data, name, default, range(1, _MOST_DAYS + 1), "工作日", refuse)


def _points(
    data: Mapping[str, Any],
    name: str,
    default: tuple[int, ...],
    allowed: range,
    unit: str,
    refuse: Refuse,
    *,
    within: str = "",
) -> tuple[int, ...]:
    values = data.get(name, list(default))
    if not isinstance(values, list) or any(type(value) is not int or value not in allowed for value in values):
        raise refuse(f"alerts 的 {within}{name} 应为{allowed[0]}至{allowed[-1]}的整数列表（{unit}）")
    if len(set(values)) < len(values):
        raise refuse(f"alerts 的 {within}{name} 有重复")
    return tuple(sorted(values))


def _flag(data: Mapping[str, Any], name: str, default: bool, refuse: Refuse) -> bool:
    value = data.get(name, default)
    if not isinstance(value, bool):
        raise refuse(f"alerts 的 {name} 应为 true 或 false")
    return value


def _escalation(
    data: Mapping[str, Any],
    usual: Steps,
    overdue: tuple[int, ...],
    refuse: Refuse,
    *,
    within: str = "",
    unit: str = "工作日",
) -> Steps:
    """Offices in their order, each from one of the overdue points on, none before the one below it."""
    if "escalation" not in data:
        # With other points of its own, a profile keeps what of the usual escalation still falls on one of them.
        return tuple((tier, point) for tier, point in usual if point in overdue)
    value = data["escalation"]
    if not isinstance(value, dict):
        written = ", ".join(f"{tier} = {point}" for tier, point in usual)
        raise refuse(f"alerts 的 {within}escalation 应写作 {{ {written} }}")
    if unknown := sorted(set(value) - set(TIERS)):
        raise refuse(f"alerts 的 {within}escalation 不认识 {unknown[0]}，应为 {'、'.join(TIERS)} 之一")
    for tier, point in value.items():
        if type(point) is not int or point not in overdue:
            listed = "、".join(str(each) for each in overdue)
            raise refuse(f"alerts 的 {within}escalation.{tier} 应为 {within}overdue 所列的{unit}数之一：{listed}")
    steps = [(cast("Tier", tier), value[tier]) for tier in TIERS if tier in value]
    if [point for _, point in steps] != sorted(point for _, point in steps):
        raise refuse(f"alerts 的 {within}escalation 应当逐级推后：科室负责人、法制机构、分管领导")
    return tuple(steps)


def _hours(data: Mapping[str, Any], default: AlertPlan, refuse: Refuse) -> tuple[time, time]:
    value = data.get("hours", {"from": default.opens, "to": default.closes})
    if not isinstance(value, dict) or set(value) != {"from", "to"}:
        raise refuse("alerts 的 hours 应写作 { from = 08:30:00, to = 17:30:00 }")
    opens, closes = (_clock(value[name], f"hours.{name}", refuse) for name in ("from", "to"))
    if opens >= closes:
        raise refuse("alerts 的 hours 不成立：to 不晚于 from")
    return opens, closes


def _clock(value: object, name: str, refuse: Refuse) -> time:
    if type(value) is not time:
        raise refuse(f"alerts 的 {name} 应为时刻，例如 08:30:00")
    return value
