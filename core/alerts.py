"""Alerts: who is told that a duty nears its end or is overdue, and what else somebody must know. Rows decide; mail follows them.

An alert is raised when its threshold has been crossed, not while it is being crossed: a sweep that comes nine days late raises
exactly what nine daily sweeps would have raised.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage, get_connection
from django.db import connection, transaction
from django.db.models import Min
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from core import calendars, jobs, law, registry
from core.models import Alert, CalendarChange, Delivery, Duty

log = logging.getLogger(__name__)

# Working days before the end, where the rule does not name its own.
BEFORE = (2,)
# The first is the moment the duty is overdue, the others are full working days since.
AFTER = (1, 3, 5, 10, 20)
# Limitations are warned of, but nobody is late with them.
WARNED_KINDS = (*Duty.RED_KINDS, Duty.Kind.LIMIT)
# From this day on somebody is told that next year's holiday notice is not entered.
NOTICE_EXPECTED = (12, 1)

LINES_PER_MAIL = 50
ALERTS_PER_MAIL = 5000
SMTP_TIMEOUT = 10
# With pauses of at most an hour: a mail server may be away for about three days.
MAIL_ATTEMPTS = 80


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


def thresholds_at(now: datetime, own: dict[str, tuple[int, ...]]) -> list[Threshold]:
    """Every threshold as it stands at `now`. `own`: rules that name their own working days before the end."""
    calendar, today = calendars.current(), timezone.localdate(now)
    never, always = datetime.max.replace(tzinfo=now.tzinfo) - timedelta(days=2), date(9999, 12, 31)

    def before(days: int, rules: tuple[str, ...] | None) -> Threshold:
        return Threshold(
            f"before-{days}", -days, Alert.Level.INFO, calendar.nth_working_day(today, days), never, WARNED_KINDS, rules
        )

    found = [before(days, None) for days in BEFORE]
    found += [
        before(days, tuple(rule for rule in own if days in own[rule])) for days in sorted(set().union(*own.values()))
    ]
    found.append(Threshold("day", 0, Alert.Level.AMBER, today, never, WARNED_KINDS))
    for days in AFTER:
        due_before = now
        if days > 1:
            # Overdue by n working days: the n-th working day after the due day has begun.
            latest = calendar.previous_working_day(today)
            due_before = midnight(calendar.nth_working_day_before(latest, days - 1))
        found.append(Threshold(f"after-{days}", days, Alert.Level.RED, always, due_before, Duty.RED_KINDS))
    return found


def midnight(day: date) -> datetime:
    """The first moment of a legal day."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())


# One pass over the open duties that have crossed anything, found by their index; the bounds were computed, so that nothing is counted
# row by row. What is overdue is past its day to warn of too: that day never lies after the end.
CROSSINGS = """
INSERT INTO core_alert (recipient_id, key, level, duty_id, threshold, rank, title, body, url, raised_at, wants_mail)
SELECT r.official,
       'duty:' || d.id || ':' || t.name || ':' || to_char(d.due_at AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD'),
       t.level, d.id, t.name, t.rank, '', '', '', %s, r.mail
  FROM core_duty d
  JOIN unnest(%s::bigint[], %s::bigint[], %s::boolean[]) AS r (unit, official, mail)
    ON r.unit = d.owner_unit_id
  JOIN (VALUES {rows}) AS t (name, rank, level, alert_by, due_before, kinds, rules)
    ON d.alert_from <= t.alert_by AND d.due_at < t.due_before AND d.kind = ANY (t.kinds)
   AND CASE WHEN t.rules IS NULL THEN t.rank >= 0 OR d.rule_id <> ALL (%s::text[]) ELSE d.rule_id = ANY (t.rules) END
 WHERE d.met_at IS NULL AND d.voided_at IS NULL AND d.paused_from IS NULL AND d.alert_from <= %s
   AND d.owed_by NOT IN ({never_red}) AND NOT d.deadline_precedes_rule
ON CONFLICT DO NOTHING
"""
# Spelt as in the index that finds these duties.
NEVER_RED = ", ".join(f"'{owner}'" for owner in Duty.NEVER_RED_OWERS)
ROW = "(%s::text, %s::smallint, %s::text, %s::date, %s::timestamptz, %s::text[], %s::text[])"


def raise_due(now: datetime) -> int:
    """Raise every alert whose threshold an open duty has crossed and that was not raised yet; returns how many.

    One statement. Two at once do the work once: the second sees that the first is at it and leaves it to it.
    """
    recipients = _recipients()
    if not recipients:
        return 0
    own = {rule.id: rule.alert_before for rule in law.rulebook().rules if rule.alert_before}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('core.alerts.raise_due', 6962))")
        if not cursor.fetchone()[0]:
            return 0
        thresholds = thresholds_at(now, own)
        bounds = [
            value
            for t in thresholds
            for value in (
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
            CROSSINGS.format(rows=", ".join([ROW] * len(thresholds)), never_red=NEVER_RED),
            [
                now,
                [unit for unit, _, _ in recipients],
                [official for _, official, _ in recipients],
                [mail for _, _, mail in recipients],
                *bounds,
                list(own),
                max(t.alert_by for t in thresholds if t.rank <= 0),
            ],
        )
        return int(cursor.rowcount)


def _recipients() -> list[tuple[int, int, bool]]:
    """(unit, official, whether mail reaches them): who is told what a unit owes."""
    by_unit = registry.agency().recipients()
    pairs = [(unit, official) for unit in sorted(by_unit) for official in by_unit[unit]]
    mailed = _with_mail({official for _, official in pairs})
    return [(unit, official, official in mailed) for unit, official in pairs]


def _with_mail(officials: Iterable[int]) -> set[int]:
    model: Any = get_user_model()
    return set(model.objects.filter(pk__in=officials, is_active=True).exclude(email="").values_list("pk", flat=True))


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


# --- mail -------------------------------------------------------------------------------------------------------


def deliver(now: datetime) -> int:
    """Compose one mail for each official with alerts that no mail tells of yet; returns how many. Jobs send them."""
    waiting = Alert.objects.waiting_for_mail().values("recipient").annotate(first=Min("pk")).order_by("recipient")
    return sum(_compose(recipient, now) for recipient in list(waiting.values_list("recipient", flat=True)))


@transaction.atomic
def _compose(recipient: int, now: datetime) -> bool:
    """Bind the official's waiting alerts to one mail. The rows stay locked, so that a second composer finds none."""
    held = list(
        Alert.objects.waiting_for_mail()
        .filter(recipient=recipient)
        .select_for_update(skip_locked=True)
        .order_by("pk")
        .values_list("pk", flat=True)[:ALERTS_PER_MAIL]
    )
    if not held:
        return False
    delivery = Delivery.objects.create(recipient_id=recipient, key=f"digest.{recipient}.{held[0]}", composed_at=now)
    Alert.objects.filter(pk__in=held).update(delivery=delivery)
    jobs.enqueue("alerts.send", key=delivery.key, delivery=delivery.pk)
    return True


@jobs.job("alerts.send", attempts=MAIL_ATTEMPTS)
def send(payload: dict[str, Any]) -> None:
    """Send one composed mail. After a crash between the server's answer and our note it is sent again, with the same Message-ID."""
    delivery = Delivery.objects.select_related("recipient").get(pk=payload["delivery"])
    if delivery.sent_at is not None:
        return
    recipient: Any = delivery.recipient
    if not recipient.email or not recipient.is_active:
        delivery.failure = "收件人没有邮箱或者已停用"
        delivery.save(update_fields=["failure"])
        return
    _mail(delivery, recipient).send()
    delivery.note_sent(to=recipient.email)


def _mail(delivery: Delivery, recipient: Any) -> EmailMessage:
    # Of one duty the latest word is enough.
    latest: dict[object, int] = {}
    for pk, duty, key in delivery.alerts.order_by("-rank", "pk").values_list("pk", "duty", "key"):
        latest.setdefault(duty or key, pk)
    chosen = list(latest.values())[:LINES_PER_MAIL]
    told = list(delivery.alerts.filter(pk__in=chosen).select_related("duty").order_by("-rank", "pk"))
    urgent = sum(alert.level == Alert.Level.RED for alert in told)
    text = render_to_string(
        "desk/mail_digest.txt",
        {
            "name": recipient.name,
            "alerts": told,
            "more": len(latest) - len(told),
            "base": settings.PUBLIC_BASE_URL.rstrip("/"),
        },
    )
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    return EmailMessage(
        subject=f"【明察】{len(latest)}项提醒" + (f"，其中{urgent}项紧急" if urgent else ""),
        body=text,
        to=[recipient.email],
        headers={
            "Message-ID": f"<{delivery.key}@{domain}>",
            "X-Mingcha-Alerts": " ".join(alert.key for alert in told if alert.key.isascii()),
            "Auto-Submitted": "auto-generated",
        },
        connection=get_connection(timeout=SMTP_TIMEOUT),
    )


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
