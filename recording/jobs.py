"""Work that waits for no page: looking into a stored file, and looking whether the medium still holds it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from core import store
from core.jobs import enqueue, job
from core.models import Job
from recording import services, uploads
from recording.models import Recording
from recording.probe import examine

log = logging.getLogger(__name__)

# Each original is read again at least this often; a turn reads this much and a night has so many turns.
VERIFY_EVERY = timedelta(days=30)
BYTES_A_TURN = 8 * 1024**3
TURNS_A_NIGHT = 24
# After the working day, when the disks are idle.
NIGHT_HOUR = 1


@job("recording.probe")
def probe(payload: dict[str, Any]) -> None:
    """Examine one stored recording in a process of its own, and write down what it found."""
    recording = Recording.objects.select_related("file").get(pk=payload["recording"])
    if recording.probe != Recording.Probe.WAITING or recording.file is None:
        return
    found = examine(
        store.path_of(recording.sha256), name=recording.file.name, tolerance=settings.RECORDING_GAP_TOLERANCE
    )
    claimed = datetime.fromisoformat(found.claimed_at) if found.claimed_at else None
    services.note_examination(
        recording.pk,
        flags=found.flags,
        findings=found.findings,
        gaps=found.gaps,
        about={
            "duration": found.duration,
            "container": found.container,
            "codecs": found.codecs,
            "content_type": found.content_type,
            "width": found.width,
            "height": found.height,
            "claimed_at": claimed,
        },
    )


@job("recording.rehash")
def rehash(payload: dict[str, Any]) -> None:
    """Read again what was not read for longest, and name every original whose medium holds something else."""
    now = timezone.now()
    left = BYTES_A_TURN
    due = (
        Recording.objects.stored()
        .filter(Q(verified_at__isnull=True) | Q(verified_at__lt=now - VERIFY_EVERY))
        .order_by(F("verified_at").asc(nulls_first=True), "pk")
        .select_related("file")
    )
    for recording in due.iterator(chunk_size=100):
        left -= recording.size or 0
        intact = recording.file is not None and store.is_intact(recording.file)
        if not intact:
            log.error("recording %s: the medium does not hold %s", recording.pk, recording.sha256)
        services.note_verification(recording.pk, intact=intact)
        if left <= 0:
            _next_turn(payload["night"], payload["turn"] + 1)
            return


def _next_turn(night: str, turn: int) -> None:
    if turn < TURNS_A_NIGHT:
        enqueue("recording.rehash", key=f"{night}:{turn}", night=night, turn=turn)


def nightly(now: datetime) -> None:
    """Wired to the sweep: once a night ask for a new reading, and forget uploads that nobody finished."""
    uploads.forget_expired(now)
    local = timezone.localtime(now)
    night = f"{local:%Y-%m-%d}"
    if local.hour >= NIGHT_HOUR and not Job.objects.filter(name="recording.rehash", key=f"{night}:0").exists():
        _next_turn(night, 0)
