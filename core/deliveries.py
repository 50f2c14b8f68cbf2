"""What leaves the product: one mail a person and working day with everything new, at once what is counted in hours, and the messages
of robots (core.robots). Every message is a row that says what became of it; jobs send them.
"""

from __future__ import annotations

import smtplib
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone

from core import alerts, calendars, jobs, mailing, robots
from core.models import Alert, Delivery, Job
from core.models.deliveries import SEND
from core.unsent import NotTaken, why_unreached

ALERTS_PER_MAIL = 5000
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
    rows = list(locked.values_list("pk", "duty", "key")[:ALERTS_PER_MAIL])
    if not rows:
        return False
    held = [pk for pk, _, _ in rows]
    delivery, is_fresh = Delivery.objects.get_or_create(
        key=f"now.{recipient}.{held[0]}" if digest_of is None else _digest_key(recipient, digest_of),
        defaults={
            "recipient_id": recipient,
            "kind": Delivery.Kind.AT_ONCE if digest_of is None else Delivery.Kind.DIGEST,
            # Of one duty the latest word is enough.
            "items": len({duty or key for _, duty, key in rows}),
            "composed_at": now,
        },
    )
    if not is_fresh:
        return False
    Alert.objects.filter(pk__in=held).update(delivery=delivery)
    jobs.enqueue(SEND, key=delivery.key, delivery=delivery.pk)
    return True


@jobs.job(SEND, attempts=SEND_ATTEMPTS, failed="邮件或者群消息没有发出，已停止重试", shown_on="deliveries")
def send(payload: dict[str, Any]) -> None:
    """Send one composed message. After a crash between the server's answer and our note it is sent again: a mail with the same
    Message-ID, a robot's message a second time.
    """
    delivery = Delivery.objects.select_related("recipient", "robot__unit", "duty").get(pk=payload["delivery"])
    if delivery.sent_at is not None or delivery.seen_at is not None:
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
    message = mailing.mail_of(delivery, recipient)
    if message is None:
        delivery.note_unsent(robots.DONE_BEFORE, is_dropped=True)
        return
    try:
        message.send()
    except (smtplib.SMTPException, OSError) as error:
        raise NotTaken(why_unreached(error)) from None
    delivery.note_sent(to=recipient.email)


@transaction.atomic
def send_again(delivery: Delivery) -> None:
    """Try a message again now that could not be sent, or whose next attempt is still to come. Raises ValueError for one that was sent,
    need not be sent, waits for its first turn or is being sent this moment.
    """
    delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
    # Whoever sends it holds its row.
    tried = Job.objects.select_for_update(skip_locked=True).filter(name=SEND, key=delivery.key)
    job = tried.filter(~Q(state=Job.State.WAITING) | Q(attempts__gt=0)).first()
    if delivery.sent_at is not None or delivery.is_dropped or job is None:
        raise ValueError("只有发送失败或者等待重试的才能重新发送")
    delivery.note_unsent("")
    job.state, job.attempts, job.run_after, job.last_error, job.done_at = Job.State.WAITING, 0, timezone.now(), "", None
    job.save()
