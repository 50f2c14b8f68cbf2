"""What leaves the product: one mail a person and working day with everything new, at once what is counted in hours, and the messages
of robots (core.robots). Every message is a row that says what became of it; jobs send them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Min
from django.template.loader import render_to_string
from django.utils import timezone

from core import alerts, calendars, jobs, robots
from core.models import Alert, Delivery, Job
from core.models.deliveries import SEND

LINES_PER_MAIL = 50
ALERTS_PER_MAIL = 5000
SMTP_TIMEOUT = 10
# With pauses of at most an hour: a server may be away for about three days.
SEND_ATTEMPTS = 80


def compose(now: datetime) -> int:
    """Compose what is to be sent now; returns how many messages."""
    return _mails_at_once(now) + _digests(now) + robots.compose(now)


def _mails_at_once(now: datetime) -> int:
    waiting = Alert.objects.waiting_for_mail().filter(at_once=True).order_by("recipient").distinct("recipient")
    return sum(_compose(recipient, now) for recipient in list(waiting.values_list("recipient", flat=True)))


def _digests(now: datetime) -> int:
    """One mail a day to each official with alerts that no mail tells of yet."""
    day = timezone.localdate(now)
    if not calendars.current().is_working(day):
        return 0
    waiting = Alert.objects.waiting_for_mail().values("recipient", "recipient__unit").annotate(first=Min("pk"))
    unit_of = dict(waiting.order_by("recipient").values_list("recipient", "recipient__unit"))
    had = set(
        Delivery.objects.filter(key__in=[_digest_key(each, day) for each in unit_of]).values_list("key", flat=True)
    )
    open_units = {unit for unit in set(unit_of.values()) if alerts.speaks(alerts.plan_of(unit), now)}
    return sum(
        _compose(recipient, now, digest_of=day)
        for recipient, unit in unit_of.items()
        if unit in open_units and _digest_key(recipient, day) not in had
    )


def _digest_key(recipient: int, day: date) -> str:
    return f"digest.{recipient}.{day}"


@transaction.atomic
def _compose(recipient: int, now: datetime, *, digest_of: date | None = None) -> bool:
    """Bind the official's waiting alerts to one mail. The rows stay locked, so that a second composer finds none; and a second
    digest of the day would have the key of the first.
    """
    waiting = Alert.objects.waiting_for_mail().filter(recipient=recipient)
    if digest_of is None:
        waiting = waiting.filter(at_once=True)
    locked = waiting.select_for_update(skip_locked=True).order_by("pk")
    held = list(locked.values_list("pk", flat=True)[:ALERTS_PER_MAIL])
    if not held:
        return False
    delivery, is_fresh = Delivery.objects.get_or_create(
        key=f"now.{recipient}.{held[0]}" if digest_of is None else _digest_key(recipient, digest_of),
        defaults={
            "recipient_id": recipient,
            "kind": Delivery.Kind.AT_ONCE if digest_of is None else Delivery.Kind.DIGEST,
            "items": len(held),
            "composed_at": now,
        },
    )
    if not is_fresh:
        return False
    Alert.objects.filter(pk__in=held).update(delivery=delivery)
    jobs.enqueue(SEND, key=delivery.key, delivery=delivery.pk)
    return True


@jobs.job(SEND, attempts=SEND_ATTEMPTS)
def send(payload: dict[str, Any]) -> None:
    """Send one composed message. After a crash between the server's answer and our note it is sent again: a mail with the same
    Message-ID, a robot's message a second time.
    """
    delivery = Delivery.objects.select_related("recipient", "robot__unit", "duty").get(pk=payload["delivery"])
    if delivery.sent_at is not None:
        return
    if delivery.robot is not None:
        robots.send(delivery, delivery.robot)
    else:
        _send_mail(delivery)


def _send_mail(delivery: Delivery) -> None:
    recipient: Any = delivery.recipient
    if not recipient.email or not recipient.is_active:
        delivery.note_unsent("收件人没有邮箱或者已停用")
        return
    _mail(delivery, recipient).send()
    delivery.note_sent(to=recipient.email)


def _mail(delivery: Delivery, recipient: Any) -> EmailMessage:
    # Of one duty the latest word is enough.
    latest: dict[object, int] = {}
    for pk, duty, key in delivery.alerts.order_by("-rank", "pk").values_list("pk", "duty", "key"):
        latest.setdefault(duty or key, pk)
    chosen = list(latest.values())[:LINES_PER_MAIL]
    told = list(delivery.alerts.filter(pk__in=chosen).select_related("duty", "on_behalf_of").order_by("-rank", "pk"))
    alerts.close_files(told, recipient)
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
    noun = "项限时提醒" if delivery.kind == Delivery.Kind.AT_ONCE else "项提醒"
    return EmailMessage(
        subject=f"【明察】{len(latest)}{noun}" + (f"，其中{urgent}项紧急" if urgent else ""),
        body=text,
        to=[recipient.email],
        headers={
            "Message-ID": f"<{delivery.key}@{domain}>",
            "X-Mingcha-Alerts": " ".join(alert.key for alert in told if alert.key.isascii()),
            "Auto-Submitted": "auto-generated",
        },
        connection=get_connection(timeout=SMTP_TIMEOUT),
    )


@transaction.atomic
def send_again(delivery: Delivery) -> None:
    """Give a message that could not be sent a new start. Raises ValueError for one that was sent or waits for its turn."""
    delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
    failed = Job.objects.filter(name=SEND, key=delivery.key).exclude(state=Job.State.WAITING)
    if delivery.sent_at is not None or delivery.is_dropped or not failed.exists():
        raise ValueError("只有发送失败的才能重新发送")
    delivery.note_unsent("")
    failed.update(state=Job.State.WAITING, attempts=0, run_after=timezone.now(), last_error="", done_at=None)
