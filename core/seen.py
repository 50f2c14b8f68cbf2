"""Who saw what was sent outside the product. A message holds an address that leads, after the sign-in, to the reader's own list; by itself
it names nobody and no file.
"""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from core import alerts
from core.models import Alert, Delivery, Robot

# Leads to how the day was counted, instead of to where the act is done.
WHY: Final = "why"


def _signer() -> signing.Signer:
    """Signed, so that nobody can say that somebody else's message was seen."""
    return signing.Signer(sep=".", salt="core.seen")


def address_in(delivery: Delivery, alert: Alert | None = None, *, to: str = "") -> str:
    """The address that a message holds: of the reader's own list, or of what one of its alerts is about."""
    what = "-".join(str(part) for part in (delivery.pk, alert and alert.pk, to) if part)
    return f"{settings.PUBLIC_BASE_URL.rstrip('/')}{reverse('desk:told', args=[_signer().sign(what)])}"


def follow(token: str, by: Any) -> str:
    """Note that `by` came by a message that was meant for them, the first time only; returns where they are led.

    Whoever it was not meant for, and whoever brings an address that is none of ours, is led to their own list all the same.
    """
    home = reverse("desk:home")
    try:
        delivery_pk, alert_pk, to = [*_signer().unsign(token).split("-"), "", ""][:3]
    except signing.BadSignature:
        return home
    delivery = Delivery.objects.select_related("robot__unit").filter(pk=delivery_pk).first()
    if delivery is None or not _is_for(delivery, by):
        return home
    Delivery.objects.filter(pk=delivery.pk, seen_at__isnull=True).update(seen_at=timezone.now(), seen_by=by)
    if not alert_pk:
        return home
    alert = Alert.objects.of(by).select_related("duty").filter(pk=alert_pk, delivery=delivery).first()
    if alert is None:
        return home
    alerts.close_files([alert], by)
    alerts.mark_read(alert, by)
    if alert.duty is not None and to == WHY and not alert.is_closed:
        return alert.duty.get_absolute_url()
    return alert.link or reverse("desk:messages")


def _is_for(delivery: Delivery, by: Any) -> bool:
    """A mail is for its recipient, a robot's message for whoever belongs to its unit or to one below, or holds an office there."""
    if delivery.robot is None:
        return bool(delivery.recipient_id == by.pk)
    theirs = {by.unit_id, *(held.unit_id for held in by.appointments_today)}
    return not theirs.isdisjoint(units_of(delivery.robot))


def units_of(robot: Robot) -> list[int]:
    """The units of whose duties a robot tells."""
    unit: Any = robot.unit
    found: list[int] = unit.with_descendants()
    return found
