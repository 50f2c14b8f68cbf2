"""Files in the store that no row names: a hand-in whose transaction failed left its bytes behind. Cleaned once a night."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from core.jobs import enqueue, job
from core.models import Job, StoredFile
from core.store import held

log = logging.getLogger(__name__)

JOB: Final = "core.clean_store"
# No transaction lives so long: what has no row by then gets none.
AGE: Final = timedelta(days=1)
NIGHT_HOUR: Final = 2
# More orphans than this, and more than files with a row: then it is the database that is not this store's.
SUSPICIOUS: Final = 20
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_TEMPORARY = re.compile(r"[0-9a-f]{32}\Z")


def nightly(now: datetime) -> None:
    """Ask for the night's cleaning, once."""
    local = timezone.localtime(now)
    night = f"{local:%Y-%m-%d}"
    if local.hour >= NIGHT_HOUR and not Job.objects.filter(name=JOB, key=night).exists():
        enqueue(JOB, key=night)


@job(JOB)
def clean_store(payload: dict[str, Any]) -> None:
    """The night's cleaning. Done twice it finds nothing more."""
    clean(timezone.now())


def clean(now: datetime) -> int:
    """Remove what is older than a day and named by no row; returns how many files. Each is logged by its digest.

    A file with a row is never touched, whatever its age. Removes nothing at all, and says so, where most files have no row.
    """
    root = Path(settings.STORE_DIR)
    kept, orphans = 0, []
    for folder in sorted(root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]")):
        files = {path.name: path for path in folder.iterdir() if _DIGEST.match(path.name)}
        named = set(StoredFile.objects.filter(sha256__in=files).values_list("sha256", flat=True))
        kept += len(named)
        orphans += [path for name, path in files.items() if name not in named and _is_old(path, now)]
    if len(orphans) > max(SUSPICIOUS, kept):
        log.error("store: %s files without a row beside %s with one; nothing is cleaned", len(orphans), kept)
        return 0
    return sum(_remove(path, now) for path in orphans) + sum(_remove(path, now) for path in _unfinished(root, now))


def _unfinished(root: Path, now: datetime) -> Iterator[Path]:
    """What a process that was killed had begun to receive; uploads in pieces lie in a folder of their own."""
    incoming = root / "incoming"
    if incoming.is_dir():
        yield from (path for path in incoming.iterdir() if _TEMPORARY.match(path.name) and _is_old(path, now))


def _is_old(path: Path, now: datetime) -> bool:
    try:
        return path.stat().st_mtime < (now - AGE).timestamp()
    except FileNotFoundError:
        return False


def _remove(path: Path, now: datetime) -> bool:
    """Look once more while nobody can hand the same bytes in, then remove."""
    with held(alone=True):
        if not _is_old(path, now) or StoredFile.objects.filter(sha256=path.name).exists():
            return False
        size = path.stat().st_size
        path.unlink()
    log.warning("store: removed %s (%s bytes), older than a day and named by no row", path.name, size)
    return True
