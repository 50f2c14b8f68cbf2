"""Reading a profile's [alerts]: when those who owe are told, who else is told after how long, and when word goes out.
What a profile does not name keeps the default of AlertPlan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import time
from typing import Any, Final, cast

from rulebook.model import TIERS, AlertPlan, RulebookError, Tier

Refuse = Callable[[str], RulebookError]

_FIELDS: Final = frozenset({"before", "on_the_day", "overdue", "escalation", "hours", "digest_at"})
# Beyond a quarter nobody plans by working days, and a point of the course must fit its column.
_MOST_DAYS: Final = 60


def read_alert_plan(data: object, refuse: Refuse) -> AlertPlan:
    """The plan that a profile's table names; `refuse` makes the error that names the file."""
    if not isinstance(data, dict):
        raise refuse("alerts 应写作 [alerts]")
    if unknown := sorted(set(data) - _FIELDS):
        raise refuse(f"alerts 有未知字段 {unknown[0]}")
    default = AlertPlan()
    overdue = _days(data, "overdue", default.overdue, refuse)
    opens, closes = _hours(data, default, refuse)
    plan = AlertPlan(
        before=_days(data, "before", default.before, refuse),
        on_the_day=_flag(data, "on_the_day", default.on_the_day, refuse),
        overdue=overdue,
        escalation=_escalation(data, default, overdue, refuse),
        opens=opens,
        closes=closes,
        digest_at=_clock(data.get("digest_at", max(opens, default.digest_at)), "digest_at", refuse),
    )
    if not plan.opens <= plan.digest_at < plan.closes:
        raise refuse("alerts 的 digest_at 不在工作时间 hours 之内")
    if not (plan.before or plan.on_the_day or plan.overdue):
        raise refuse("alerts 没有任何提醒时点")
    return plan


def _days(data: Mapping[str, Any], name: str, default: tuple[int, ...], refuse: Refuse) -> tuple[int, ...]:
    values = data.get(name, list(default))
    if not isinstance(values, list) or any(type(value) is not int or not 0 < value <= _MOST_DAYS for value in values):
        raise refuse(f"alerts 的 {name} 应为1至{_MOST_DAYS}的整数列表（工作日）")
    if len(set(values)) < len(values):
        raise refuse(f"alerts 的 {name} 有重复")
    return tuple(sorted(values))


def _flag(data: Mapping[str, Any], name: str, default: bool, refuse: Refuse) -> bool:
    value = data.get(name, default)
    if not isinstance(value, bool):
        raise refuse(f"alerts 的 {name} 应为 true 或 false")
    return value


def _escalation(
    data: Mapping[str, Any], default: AlertPlan, overdue: tuple[int, ...], refuse: Refuse
) -> tuple[tuple[Tier, int], ...]:
    """Offices in their order, each from one of the overdue points on, none before the one below it."""
    if "escalation" not in data:
        # With other points of its own, a profile keeps what of the usual escalation still falls on one of them.
        return tuple((tier, days) for tier, days in default.escalation if days in overdue)
    value = data["escalation"]
    if not isinstance(value, dict):
        raise refuse("alerts 的 escalation 应写作 { section_head = 1, legal_affairs = 3, leader = 5 }")
    if unknown := sorted(set(value) - set(TIERS)):
        raise refuse(f"alerts 的 escalation 不认识 {unknown[0]}，应为 {'、'.join(TIERS)} 之一")
    for tier, days in value.items():
        if type(days) is not int or days not in overdue:
            raise refuse(
                f"alerts 的 escalation.{tier} 应为 overdue 所列的工作日数之一：{'、'.join(str(each) for each in overdue)}"
            )
    steps = [(cast("Tier", tier), value[tier]) for tier in TIERS if tier in value]
    if [days for _, days in steps] != sorted(days for _, days in steps):
        raise refuse("alerts 的 escalation 应当逐级推后：科室负责人、法制机构、分管领导")
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
