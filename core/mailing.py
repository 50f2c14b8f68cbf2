"""What a mail says: which acts are owed on which files by when, the most pressing first, and where each is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string

from core import alerts, seen
from core.models import Alert, Delivery

LINES_PER_MAIL: Final = 50
SMTP_TIMEOUT: Final = 10
HEADINGS: Final = {"late": "已逾期，请先办", "today": "今天到期", "ahead": "将要到期", "other": "其他消息"}


_GROUPED_BY: Final = (
    "key", "rank", "raised_at", "duty__due_at", "duty__met_at", "duty__voided_at", "duty__paused_from", "duty__kind", "duty__owed_by",
    "duty__deadline_precedes_rule",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One matter in a mail: the latest word on it, and the addresses that lead to it."""

    alert: Alert
    address: str
    why: str


@dataclass(slots=True)
class Digest:
    """What a mail tells, as it stood when it was composed, without what was done since."""

    at: datetime
    groups: dict[str, list[Line]] = field(default_factory=lambda: {name: [] for name in HEADINGS})
    more: int = 0
    done: int = 0
    # Of everything, also of what is beyond the longest mail.
    counted: dict[str, int] = field(default_factory=lambda: dict.fromkeys(HEADINGS, 0))

    @property
    def items(self) -> int:
        return sum(self.counted.values())

    @property
    def in_words(self) -> str:
        """1项已逾期，2项今天到期; nothing where neither is."""
        words = {"late": "已逾期", "today": "今天到期"}
        return "，".join(f"{self.counted[name]}项{word}" for name, word in words.items() if self.counted[name])

    @property
    def shown(self) -> list[tuple[str, list[Line]]]:
        return [(f"{HEADINGS[name]}（{self.counted[name]}项）", lines) for name, lines in self.groups.items() if lines]


def digest_of(delivery: Delivery, recipient: Any) -> Digest:
    """The matters that a mail tells of: of one duty the latest word, in groups, within each the earliest end first."""
    # Beyond the longest mail only the numbers matter, so that titles are read for few of thousands.
    digest = Digest(at=delivery.composed_at)
    latest: dict[object, Alert] = {}
    for alert in delivery.alerts.select_related("duty").only(*_GROUPED_BY).order_by("-rank", "pk"):
        latest.setdefault(alert.duty_id or alert.key, alert)
    open_ones = [alert for alert in latest.values() if not alert.is_settled]
    digest.done = len(latest) - len(open_ones)
    grouped: dict[str, list[Alert]] = {name: [] for name in HEADINGS}
    for alert in open_ones:
        grouped[_group_of(alert, digest.at)].append(alert)
    left = LINES_PER_MAIL
    for name, found in grouped.items():
        digest.counted[name] = len(found)
        chosen = sorted(found, key=_nearest_first)[:left]
        left -= len(chosen)
        digest.groups[name] = [_line(alert, delivery) for alert in _readable(chosen, recipient)]
    digest.more = digest.items - sum(len(lines) for lines in digest.groups.values())
    return digest


def _group_of(alert: Alert, now: datetime) -> str:
    if alert.duty is None:
        return "other"
    return {"overdue": "late", "today": "today"}.get(alert.duty.state_at(now), "ahead")


def _nearest_first(alert: Alert) -> tuple[Any, int]:
    return alert.duty.due_at if alert.duty is not None else alert.raised_at, alert.pk


def _readable(chosen: list[Alert], recipient: Any) -> list[Alert]:
    rows = {
        row.pk: row
        for row in Alert.objects.filter(pk__in=[alert.pk for alert in chosen]).select_related(
            "duty__owner_unit", "on_behalf_of"
        )
    }
    return alerts.close_files([rows[alert.pk] for alert in chosen], recipient)


def _line(alert: Alert, delivery: Delivery) -> Line:
    return Line(
        alert=alert,
        address=seen.address_in(delivery, alert) if alert.link else "",
        why=seen.address_in(delivery, alert, to=seen.WHY) if alert.duty is not None and not alert.is_closed else "",
    )


def mail_of(delivery: Delivery, recipient: Any) -> EmailMessage | None:
    """The mail as it goes out; None when all it was to tell of was done before its turn came."""
    digest = digest_of(delivery, recipient)
    if not digest.items:
        return None
    text = render_to_string(
        "desk/mail_digest.txt", {"name": recipient.name, "digest": digest, "home": seen.address_in(delivery)}
    )
    noun = "项限时提醒" if delivery.kind == Delivery.Kind.AT_ONCE else "项提醒"
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    told = [line.alert for lines in digest.groups.values() for line in lines]
    return EmailMessage(
        subject=f"【明察】{digest.items}{noun}" + (f"：{digest.in_words}" if digest.in_words else ""),
        body=text,
        to=[recipient.email],
        headers={
            "Message-ID": f"<{delivery.key}@{domain}>",
            "X-Mingcha-Alerts": " ".join(alert.key for alert in told if alert.key.isascii()),
            "Auto-Submitted": "auto-generated",
        },
        connection=get_connection(timeout=SMTP_TIMEOUT),
    )
