"""What Celery runs. Thin, dated, safe to run twice and twice at once: the state is in the rows."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from core import heartbeat, jobs, ledger, noticing, sweeping  # noqa: F401  (noticing: its jobs register themselves)

# A message that waited longer than this says nothing that a younger one does not say.
EXPIRES = 50


@shared_task(expires=EXPIRES)
def sweep() -> None:
    """Do everything that the passing of time demands. Only beat sends this, so that it is beat's sign of life too."""
    now = timezone.now()
    heartbeat.beat(heartbeat.WORKER, heartbeat.BEAT, now=now)
    sweeping.sweep(now)


@shared_task(expires=EXPIRES)
def drain_jobs() -> None:
    """Do what waits in the jobs table."""
    heartbeat.beat(heartbeat.WORKER, now=timezone.now())
    jobs.drain()


@shared_task(expires=EXPIRES * 6)
def seal_if_due() -> None:
    """Make the day's seal once its hour has come."""
    ledger.seal_if_due(timezone.now(), hour=settings.SEAL_HOUR)
