"""Signs of life of the background processes, for /healthz."""

from __future__ import annotations

from datetime import datetime

from core.models import Heartbeat

WORKER = "worker"
BEAT = "beat"


def beat(*names: str, now: datetime) -> None:
    """Note that these live."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, at=now) for name in sorted(names)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["at"],
    )
