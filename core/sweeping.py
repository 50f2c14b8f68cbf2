"""What the passing of time demands, in order. Safe to run twice and twice at once: the second finds nothing to do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from core import alerts, deliveries, duties, jobs, orphans, registry

log = logging.getLogger(__name__)

# At most this much at once, so that one sweep cannot hold a worker for ever.
JOBS_PER_SWEEP = 500


@dataclass(slots=True)
class Swept:
    """What one sweep did, and which of its parts failed."""

    opened: int = 0
    raised: int = 0
    composed: int = 0
    jobs: int = 0
    failures: list[str] = field(default_factory=list)


def sweep(now: datetime) -> Swept:
    """Open periodic duties, end those that nobody owes any more, raise alerts, ask the apps for theirs, compose what leaves the product, do waiting jobs.

    A part that fails is logged and stops no other; the next sweep tries it again.
    """
    swept = Swept()

    def part(name: str, work: Callable[[], int | None]) -> int:
        try:
            return work() or 0
        except Exception as error:
            log.exception("sweep: %s failed", name)
            swept.failures.append(f"{name}: {type(error).__name__}: {error}")
            return 0

    swept.opened = part("open_periodic", lambda: duties.open_periodic(now))
    part("void_periodic", lambda: duties.void_periodic(now))
    swept.raised = part("raise_due", lambda: alerts.raise_due(now))
    part("calendar", lambda: alerts.warn_of_missing_calendar(now))
    for source in registry.alert_sources():
        part(f"{source.__module__}.{source.__qualname__}", lambda source=source: source(now))  # type: ignore[misc]
    part("clean_store", lambda: orphans.nightly(now))
    swept.composed = part("deliver", lambda: deliveries.compose(now))
    swept.jobs = part("jobs", lambda: jobs.drain(JOBS_PER_SWEEP))
    return swept
