"""What must have been raised, found by walking the days one by one: slow, simple, independent of the product's bounds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.utils import timezone

from agency.models import Official, Role, Unit
from core import calendars
from core.models import Duty


def walk(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def is_urgent(duty: Duty) -> bool:
    """Whether it was counted in hours: such an end is never the last second of a day."""
    return timezone.localtime(duty.due_at).strftime("%H:%M:%S") != "23:59:59"


def at_work(now: datetime) -> bool:
    """Whether anybody is told now of what is counted in days, by the usual hours as the format's description says them."""
    local = timezone.localtime(now)
    return calendars.current().is_working(local.date()) and "08:30:00" <= f"{local:%H:%M:%S}" < "17:30:00"


def expected(duty: Duty, now: datetime) -> set[str]:
    """Which thresholds a duty has crossed, by walking the days (or the hours) one by one."""
    if is_urgent(duty):
        left, late = (duty.due_at - now).total_seconds() / 3600, (now - duty.due_at).total_seconds() / 3600
        crossed = {f"before-{hours}h" for hours in (24, 4) if left < hours}
        if duty.kind in Duty.RED_KINDS:
            crossed |= {f"after-{hours}h" for hours in (0, 2, 4, 24, 72) if late > hours}
        return crossed
    calendar, today = calendars.current(), timezone.localdate(now)
    crossed = set()
    before = walk(duty.alert_from - timedelta(days=40), duty.alert_from - timedelta(days=1))
    if [day for day in before if calendar.is_working(day)][-2] <= today:
        crossed.add("before-2")
    if duty.alert_from <= today:
        crossed.add("day")
    if now > duty.due_at and duty.kind in Duty.RED_KINDS:
        crossed.add("after-1")
        after = walk(timezone.localdate(duty.due_at) + timedelta(days=1), today)
        since = sum(calendar.is_working(day) for day in after)
        crossed |= {f"after-{n}" for n in (3, 5, 10, 20) if since >= n}
    return crossed


# Threshold -> how far up the line it is heard, as the default plan says: 0 those who owe, 1 their head, 2 legal affairs, 3 the leader.
CLIMBS = {
    "before-2": 0, "day": 0, "after-1": 1, "after-3": 2, "after-5": 3, "after-10": 3, "after-20": 3,
    "before-24h": 0, "before-4h": 0, "after-0h": 1, "after-2h": 2, "after-4h": 3, "after-24h": 3, "after-72h": 3,
}  # fmt: skip


def told_from(unit: Unit) -> dict[int, int]:
    """Who is told what a unit owes, and how far it must have climbed for that: those who owe it, their head, legal affairs, a leader."""
    above = unit.parent or unit
    legal = Unit.objects.get(kind=Unit.Kind.LEGAL)
    first = {Unit.Kind.SECTION: Role.SECTION_STAFF, Unit.Kind.LEGAL: Role.LEGAL_REVIEWER}.get(Unit.Kind(unit.kind))
    steps = [
        (3, Role.LEADER, above),
        (2, Role.LEGAL_REVIEWER, legal),
        (1, Role.SECTION_HEAD, unit),
        *([(0, first, unit)] if first else []),
    ]
    return {
        official.pk: height for height, role, where in steps for official in Official.objects.holding(role, unit=where)
    }


def everything(now: datetime) -> set[tuple[int, str]]:
    """(official, key) of every alert that all open duties of all units must have raised by now."""
    told: set[tuple[int, str]] = set()
    for duty in Duty.objects.filter(met_at=None, voided_at=None, paused_from=None, deadline_precedes_rule=False):
        if duty.owed_by in ("outside", "party") or duty.owner_unit is None:
            continue
        day = f"{timezone.localtime(duty.due_at):{'%Y%m%dT%H%M' if is_urgent(duty) else '%Y%m%d'}}"
        told |= {
            (official, f"duty:{duty.pk}:{threshold}:{day}")
            for threshold in expected(duty, now)
            for official, height in told_from(duty.owner_unit).items()
            if CLIMBS[threshold] >= height
        }
    return told
