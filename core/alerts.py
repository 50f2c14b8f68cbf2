"""Alerts: who is told that a duty nears its end or is overdue, and what else somebody must know. Rows decide; what leaves the
product (core.deliveries) follows them.

An alert is raised when its threshold has been crossed, not while it is being crossed: a sweep that comes nine days late raises
exactly what nine daily sweeps would have raised. What is counted in days is told on working days in working hours, so what is
crossed at night or on a day off is told when work begins; what is counted in hours is told at once, by day and by night.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from core import calendars, law, registry
from core.models import Alert, CalendarChange, Duty
from rulebook.model import AlertPlan, UrgentPlan

if TYPE_CHECKING:
    from agency.models import Official

# Limitations and rights of the bureau are warned of, but nobody is late with them.
EVERY_KIND = tuple(Duty.Kind)
# From this day on somebody is told that next year's holiday notice is not entered.
NOTICE_EXPECTED = (12, 1)


# --- thresholds -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Threshold:
    """A point of a duty's course, as bounds that hold at one moment: crossed by every duty on or before them.

    `alert_by` bounds the day to warn of (the nominal day where the end rolls: counting 4, 7), `due_before` the end itself.
    `rules` names the only rules it is for; None is every rule without thresholds of its own.
    """

    name: str
    rank: int
    level: str
    alert_by: date
    due_before: datetime
    kinds: tuple[str, ...]
    rules: tuple[str, ...] | None = None

    @property
    def reaches(self) -> date:
        """The latest day to warn of among the duties that have crossed it: that day never lies after the end."""
        return min(self.alert_by, timezone.localdate(self.due_before))


ALWAYS = date(9999, 12, 31)


def thresholds_at(now: datetime, own: dict[str, tuple[int, ...]], plan: AlertPlan) -> list[Threshold]:
    """Every threshold of a plan as it stands at `now`, for what is counted in days. `own`: rules that name their own working days before
    the end.
    """
    calendar, today = calendars.current(), timezone.localdate(now)
    never = datetime.max.replace(tzinfo=now.tzinfo) - timedelta(days=2)

    def before(days: int, rules: tuple[str, ...] | None) -> Threshold:
        return Threshold(
            f"before-{days}",
            -days,
            Alert.Level.INFO,
            calendar.nth_working_day(today, days),
            never,
            EVERY_KIND,
            rules,
        )

    found = [before(days, None) for days in plan.before]
    found += [
        before(days, tuple(rule for rule in own if days in own[rule])) for days in sorted(set().union(*own.values()))
    ]
    if plan.on_the_day:
        found.append(Threshold("day", 0, Alert.Level.AMBER, today, never, EVERY_KIND))
    for days in plan.overdue:
        due_before = now
        if days > 1:
            # Overdue by n working days: the n-th working day after the due day has begun.
            latest = calendar.previous_working_day(today)
            due_before = midnight(calendar.nth_working_day_before(latest, days - 1))
        found.append(Threshold(f"after-{days}", days, Alert.Level.RED, ALWAYS, due_before, Duty.RED_KINDS))
    return found


def urgent_thresholds_at(now: datetime, plan: UrgentPlan) -> list[Threshold]:
    """Every threshold of what is counted in hours, as it stands at `now`. The hours run on at night and on days off."""

    def at(name: str, hours: int, level: str, kinds: tuple[str, ...]) -> Threshold:
        return Threshold(f"{name}-{abs(hours)}h", hours, level, ALWAYS, now - timedelta(hours=hours), kinds)

    return [
        *(at("before", -hours, Alert.Level.AMBER, EVERY_KIND) for hours in plan.before),
        *(at("after", hours, Alert.Level.RED, Duty.RED_KINDS) for hours in plan.overdue),
    ]


def plan_of(unit_id: int) -> AlertPlan:
    """When whom to tell of what this unit owes, as its profile says."""
    return law.rulebook().profile(registry.agency().profile_of(unit_id)).alerts


def agency_at_work(now: datetime) -> bool:
    """Whether anybody is told now of what is no unit's duty: a calendar that is missing, a certificate that ends. By the agency's plan."""
    return any(at_work(plan_of(unit), now) for unit in registry.agency().owing_units("agency"))


OFFICES: dict[str, str] = {"section_head": "科室负责人", "legal_affairs": "法制机构", "leader": "分管领导"}


def in_words(plan: AlertPlan) -> list[str]:
    """The plan as those read it who are told by it."""

    def late(days: int) -> str:
        return "逾期当时" if days == 1 else f"逾期满{days}个工作日"

    def late_by_hours(hours: int) -> str:
        return f"逾期满{hours}小时" if hours else "逾期当时"

    def climbing(steps: tuple[tuple[str, int], ...], words: Callable[[int], str]) -> str:
        return "，".join(f"{words(point)}起告知{OFFICES[tier]}" for tier, point in steps)

    points = [f"到期前{days}个工作日" for days in reversed(plan.before)]
    points += ["到期当天"] if plan.on_the_day else []
    points += [late(days) for days in plan.overdue]
    lines = [f"提醒承担单位的人员：{'、'.join(points)}。"]
    if plan.escalation:
        lines.append(f"逐级提醒：{climbing(plan.escalation, late)}。")
    urgent = [f"到期前{hours}小时" for hours in reversed(plan.urgent.before)]
    urgent += [late_by_hours(hours) for hours in plan.urgent.overdue]
    higher = f"；{climbing(plan.urgent.escalation, late_by_hours)}" if plan.urgent.escalation else ""
    lines.append(f"按小时计算的事项：{'、'.join(urgent)}{higher}。")
    hours = f"{plan.opens:%H:%M}至{plan.closes:%H:%M}"
    lines.append(
        f"提醒只在工作日{hours}发出，邮件和群消息每天{plan.digest_at:%H:%M}起汇总一次；按小时计算的事项不分昼夜，随时提醒。"
    )
    return lines


def at_work(plan: AlertPlan, now: datetime) -> bool:
    """Whether anybody is told now, by this plan, of what is counted in days: on a working day, in working hours."""
    local = timezone.localtime(now)
    return calendars.current().is_working(local.date()) and plan.opens <= local.time() < plan.closes


def last_at_work(plan: AlertPlan, now: datetime) -> datetime:
    """The latest moment in working hours that is not after `now`, to the minute where it is not `now` itself."""
    if at_work(plan, now):
        return now
    local = timezone.localtime(now)
    latest = local.date() - timedelta(days=local.time() < plan.opens)
    day = calendars.current().previous_working_day(latest)
    return datetime.combine(day, plan.closes, tzinfo=local.tzinfo) - timedelta(minutes=1)


def speaks(plan: AlertPlan, now: datetime) -> bool:
    """Whether word goes out now by this plan: somebody is told at all, and the day's digest is due."""
    return at_work(plan, now) and plan.digest_at <= timezone.localtime(now).time()


def midnight(day: date) -> datetime:
    """The first moment of a legal day."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())


# One pass over the open duties that have crossed anything, taken out first: planned together with recipients and points, the many are read
# once for each of these pairs. The bounds were computed, so that nothing is counted row by row. A period in days ends with the last
# second of its day, so another end is one that was counted in hours; when such an end moves, it may move within its day.
CROSSINGS = """
INSERT INTO core_alert
       (recipient_id, key, level, duty_id, threshold, rank, title, body, url, raised_at, wants_mail, at_once, on_behalf_of_id)
WITH d AS MATERIALIZED (
    SELECT id, due_at, alert_from, kind, rule_id, owner_unit_id, local.ends::time <> '23:59:59' AS is_urgent,
           to_char(local.ends, CASE WHEN local.ends::time <> '23:59:59' THEN 'YYYYMMDD"T"HH24MI' ELSE 'YYYYMMDD' END) AS ends
      FROM core_duty, LATERAL (SELECT due_at AT TIME ZONE 'Asia/Shanghai' AS ends) AS local
     WHERE met_at IS NULL AND voided_at IS NULL AND paused_from IS NULL AND alert_from <= %s
       AND owed_by NOT IN ({never_red}) AND NOT deadline_precedes_rule
)
SELECT r.official, 'duty:' || d.id || ':' || t.name || ':' || d.ends,
       t.level, d.id, t.name, t.rank, '', '', '', %s, r.mail, d.is_urgent, r.absent
  FROM d
  JOIN unnest(%s::bigint[], %s::boolean[], %s::bigint[], %s::smallint[], %s::smallint[], %s::boolean[], %s::bigint[])
    AS r (unit, is_urgent, official, since, course, mail, absent)
    ON r.unit = d.owner_unit_id AND r.is_urgent = d.is_urgent
  JOIN (VALUES {rows}) AS t (course, name, rank, level, alert_by, due_before, kinds, rules)
    ON t.course = r.course AND t.rank >= r.since AND d.alert_from <= t.alert_by AND d.due_at < t.due_before AND d.kind = ANY (t.kinds)
   AND CASE WHEN t.rules IS NULL THEN t.rank >= 0 OR d.is_urgent OR d.rule_id <> ALL (%s::text[]) ELSE d.rule_id = ANY (t.rules) END
ON CONFLICT DO NOTHING
"""
# Spelt as in the index that finds these duties.
NEVER_RED = ", ".join(f"'{owner}'" for owner in Duty.NEVER_RED_OWERS)
ROW = "(%s::smallint, %s::text, %s::smallint, %s::text, %s::date, %s::timestamptz, %s::text[], %s::text[])"


def raise_due(now: datetime) -> int:
    """Raise every alert whose threshold an open duty has crossed and that was not raised yet; returns how many.

    One statement. Two at once do the work once: the second sees that the first is at it and leaves it to it.
    """
    own = {rule.id: rule.alert_before for rule in law.rulebook().rules if rule.alert_before}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('core.alerts.raise_due', 6962))")
        if not cursor.fetchone()[0]:
            return 0
        recipients = recipients_at(now)
        if not recipients:
            return 0
        courses = list(dict.fromkeys(each.course for each in recipients))
        crossed = [
            (place, t)
            for place, (plan, is_urgent) in enumerate(courses)
            for t in (urgent_thresholds_at(now, plan.urgent) if is_urgent else thresholds_at(now, own, plan))
        ]
        if not crossed:
            return 0
        bounds = [
            value
            for place, t in crossed
            for value in (
                place,
                t.name,
                t.rank,
                t.level,
                t.alert_by,
                t.due_before,
                list(t.kinds),
                None if t.rules is None else list(t.rules),
            )
        ]
        cursor.execute(
            CROSSINGS.format(rows=", ".join([ROW] * len(crossed)), never_red=NEVER_RED),
            [
                max(t.reaches for _, t in crossed),
                now,
                [each.unit for each in recipients],
                [each.is_urgent for each in recipients],
                [each.official for each in recipients],
                [each.since for each in recipients],
                [courses.index(each.course) for each in recipients],
                [each.mail for each in recipients],
                [each.on_behalf_of for each in recipients],
                *bounds,
                list(own),
            ],
        )
        return int(cursor.rowcount)


# --- who is told ------------------------------------------------------------------------------------------------

# Below every rank: told from the first threshold on.
FROM_THE_START = -1000


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is told what a unit owes in days, or in hours (`is_urgent`): from which rank on, by which plan, whether mail reaches them, and
    as whose deputy.
    """

    unit: int
    is_urgent: bool
    official: int
    since: int
    plan: AlertPlan
    mail: bool
    on_behalf_of: int | None = None

    @property
    def course(self) -> tuple[AlertPlan, bool]:
        """Whose points are met: those of the plan in days or in hours."""
        return self.plan, self.is_urgent


def recipients_at(now: datetime) -> list[Recipient]:
    """Each official once for a unit's hours and, while it is at work, once for its days: from their earliest office on, and in place of an
    absent colleague where that is earlier still.
    """
    agency = registry.agency()
    plans: dict[int, AlertPlan] = {}
    since: dict[tuple[int, bool, int], int] = {}
    for told in agency.audience():
        if told.unit not in plans:
            plans[told.unit] = plan_of(told.unit)
        plan = plans[told.unit]
        courses = ((False, plan), (True, plan.urgent)) if at_work(plan, now) else ((True, plan.urgent),)
        for is_urgent, points in courses:
            start = FROM_THE_START if told.tier is None else points.told_from(told.tier)
            if start is not None:
                key = (told.unit, is_urgent, told.official)
                since[key] = min(start, since.get(key, start))
    stand_ins = agency.stand_ins(timezone.localdate(now))
    absent: dict[tuple[int, bool, int], int] = {}
    for (unit, is_urgent, official), start in list(since.items()):
        if official in stand_ins:
            key = (unit, is_urgent, stand_ins[official].deputy)
            if key not in since or start < since[key]:
                since[key], absent[key] = start, official
    mailed = _with_mail({official for *_, official in since})
    silent = {official for official, stand_in in stand_ins.items() if stand_in.alone and stand_in.deputy in mailed}
    return [
        Recipient(
            unit=unit,
            is_urgent=is_urgent,
            official=official,
            since=start,
            plan=plans[unit],
            mail=official in mailed and (official not in silent or (unit, is_urgent, official) in absent),
            on_behalf_of=absent.get((unit, is_urgent, official)),
        )
        for (unit, is_urgent, official), start in sorted(since.items())
    ]


def _with_mail(officials: Iterable[int]) -> set[int]:
    model: Any = get_user_model()
    return set(model.objects.filter(pk__in=officials, is_active=True).exclude(email="").values_list("pk", flat=True))


def hand_back(*, of: Any, by: Any) -> None:
    """A deputy stands in no longer: what no mail has told them yet is mailed to the official who is back, if mail reaches them."""
    waiting = Alert.objects.waiting_for_mail().filter(recipient=by, on_behalf_of=of)
    keys = list(waiting.select_for_update().values_list("key", flat=True))
    waiting.update(wants_mail=False)
    if _with_mail([of.pk]):
        Alert.objects.of(of).filter(key__in=keys, delivery__isnull=True).update(wants_mail=True)


# --- warnings ---------------------------------------------------------------------------------------------------


def warn(key: str, *, to: Iterable[Any], title: str, body: str = "", url: str = "", level: str = "info") -> int:
    """Tell officials (rows or ids) something, each once for this key however often it is asked; returns how many were told now.

    Name in the key what makes the matter a new one: `certificate:12:expires:2026-12-31`.
    """
    if level not in Alert.Level.values:
        raise ValueError(f"no alert level {level}")
    officials = {getattr(official, "pk", official) for official in to}
    told = set(Alert.objects.filter(key=key, recipient__in=officials).values_list("recipient", flat=True))
    fresh = sorted(officials - told)
    if not fresh:
        return 0
    mailed = _with_mail(fresh)
    now = timezone.now()
    Alert.objects.bulk_create(
        [
            Alert(
                recipient_id=official,
                key=key,
                level=level,
                title=title[:200],
                body=body,
                url=url,
                raised_at=now,
                wants_mail=official in mailed,
            )
            for official in fresh
        ],
        ignore_conflicts=True,
    )
    return len(fresh)


def warn_of_missing_calendar(now: datetime) -> None:
    """From 1 December tell those who keep the calendar that next year's notice is not entered (and this year's, if it never was)."""
    today, calendar = timezone.localdate(now), calendars.current()
    if not agency_at_work(now):
        return
    missing = [today.year] if calendar.is_provisional(today) else []
    if (today.month, today.day) >= NOTICE_EXPECTED and calendar.is_provisional(today.year + 1):
        missing.append(today.year + 1)
    if not missing:
        return
    agency = registry.agency()
    keepers = set(agency.administrators())
    for unit in agency.owing_units("legal_affairs"):
        keepers.update(agency.recipients_of(unit))
    for year in missing:
        # An entry that was undone leaves the year missing a second time.
        undone = CalendarChange.objects.filter(year=year, kind=CalendarChange.Kind.UNDONE).count()
        warn(
            f"calendar:{year}:missing" + (f":{undone}" if undone else ""),
            to=keepers,
            title=f"{year}年放假安排尚未录入",
            body=f"涉及{year}年的期限目前按法定节假日和周末暂定。国务院办公厅的通知公布后，请法制科室在“工作日历”录入"
            "（也可以在服务器上用 load_calendar 录入），期限随即重新计算。",
            url=reverse("desk:calendars"),
            level=Alert.Level.AMBER,
        )


# --- reading ----------------------------------------------------------------------------------------------------


def close_files(alerts: list[Alert], reader: Official) -> list[Alert]:
    """The same alerts, those about files that the reader may not see marked so: being told, by escalation or as a deputy, opens no file.
    And those marked which another unit is to do: the reader sees to it that it is done.

    What the reader's own unit owes is always named.
    """
    at_home = {reader.unit_id, *(held.unit_id for held in reader.appointments_today)}
    others = [alert for alert in alerts if alert.duty is not None and alert.duty.owner_unit_id not in at_home]
    for alert in others:
        alert.is_others = True
    prefetch_related_objects(others, "duty__owner_unit")
    foreign = [
        alert
        for alert in alerts
        if alert.duty is not None
        and alert.duty.unit_id not in reader.unit_ids
        and alert.duty.owner_unit_id not in reader.owing_unit_ids
    ]
    if foreign:
        asked = Duty.objects.filter(pk__in=[alert.duty_id for alert in foreign])
        seen = set(asked.visible_to(reader).values_list("pk", flat=True))
        for alert in foreign:
            alert.is_closed = alert.duty_id not in seen
    return alerts


def mark_read(alert: Alert, by: Any, *, is_noted: bool = False) -> None:
    """The reader saw the alert, and with it what was said earlier about the same duty; `is_noted`: and takes note (知悉). The first
    moment stands.
    """
    same, now = Alert.objects.of(by).same_matter(alert), timezone.now()
    same.filter(read_at__isnull=True).update(read_at=now)
    if is_noted:
        same.filter(noted_at__isnull=True).update(noted_at=now)


def unread_count(official: Any) -> int:
    """Unread alerts that still matter, at most 100. What every page of the desk asks, so its SQL is written once in a process."""
    sql, given = _unread_sql()
    with connection.cursor() as cursor:
        cursor.execute(sql, [official.pk if value == NOBODY else value for value in given])
        return int(cursor.fetchone()[0])


# Stands in the compiled statement where the recipient goes.
NOBODY = -6962


@lru_cache(maxsize=1)
def _unread_sql() -> tuple[str, tuple[Any, ...]]:
    pressing = Alert.objects.filter(recipient=NOBODY).pressing().order_by().values("pk")[:100]
    sql, given = pressing.query.sql_with_params()
    return f"SELECT count(*) FROM ({sql}) AS pressing", given  # noqa: S608  (compiled from the queryset)
