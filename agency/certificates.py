"""Enforcement certificates: how long they hold, and the warnings before they run out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef
from django.utils import timezone

from agency.models import Certificate, Official
from agency.roles import Role
from core import alerts

# Days before the last day on which a warning goes out, nearest first; the last one on the day itself or after it.
WARN_AT: Final = (0, 30, 60)


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands with certificates on a day: a look of the house's chips, and words."""

    look: str
    icon: str
    words: str


def standing(certificates: Iterable[Certificate], today: date) -> Standing | None:
    """The best of the certificates on a day; None when there is none at all."""
    held = list(certificates)
    valid = [each for each in held if each.is_valid_on(today)]
    if valid:
        left = max(each.days_left(today) for each in valid)
        if left > WARN_AT[-1]:
            return Standing("met", "check", "有效")
        words = f"还有{left}天到期" if left else "今天到期"
        return Standing("soon" if left > WARN_AT[1] else "today", "clock", words)
    if any(each.valid_from > today for each in held):
        return Standing("open", "clock", "尚未生效")
    return Standing("overdue", "warn", "已过期") if held else None


def certificate_warnings(now: datetime) -> None:
    """Warn holders and the heads of their units 60 and 30 days before a certificate ends, and when it has.

    A certificate that has a valid successor warns nobody. Each threshold is its own warning, raised once, in working hours; safe to run
    again.
    """
    if not alerts.agency_at_work(now):
        return
    today = timezone.localdate(now)
    successor = Certificate.objects.filter(
        official=OuterRef("official"), kind=OuterRef("kind"), valid_to__gt=OuterRef("valid_to")
    )
    ending = (
        Certificate.objects.filter(official__is_active=True, valid_to__lte=today + timedelta(days=WARN_AT[-1]))
        .exclude(Exists(successor))
        .select_related("official__unit")
        .order_by("pk")
    )
    heads: dict[int, list[Official]] = {}
    for certificate in ending:
        holder = certificate.official
        if holder.unit_id not in heads:
            heads[holder.unit_id] = list(Official.objects.holding(Role.SECTION_HEAD, unit=holder.unit_id, on=today))
        left = certificate.days_left(today)
        threshold = next(days for days in WARN_AT if left <= days)
        alerts.warn(
            f"certificate:{certificate.pk}:{certificate.valid_to}:{threshold}",
            to=[holder, *heads[holder.unit_id]],
            title=_title(certificate, left),
            body=f"{certificate}，有效期至{certificate.valid_to:%Y年%-m月%-d日}。到期后不能参加调查取证。",
            url=holder.get_absolute_url(),
            level="red" if left < 0 else "amber" if left <= WARN_AT[1] else "info",
        )


def _title(certificate: Certificate, left: int) -> str:
    who = f"{certificate.official.name}的{certificate.get_kind_display()}"
    if left < 0:
        return f"{who}已过期"
    return f"{who}还有{left}天到期" if left else f"{who}今天到期"
