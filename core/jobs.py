"""Durable work: a row written in the caller's transaction, done by whoever drains the table.

The row alone decides. The nudge that goes to the broker on commit only saves waiting for the next sweep: it may be lost, doubled
or impossible to send.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules, import_string

from core.models import Job

log = logging.getLogger(__name__)

Work = Callable[[dict[str, Any]], None]

ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
# Where an app may register its jobs.
MODULES = ("jobs", "documents", "deliveries")


class Postponed(Exception):
    """Raised by work that did not succeed this time: whoever reads its words is not a programmer. Not before `pause` is over is another
    attempt of use.
    """

    def __init__(self, words: str, *, pause: timedelta = timedelta()) -> None:
        super().__init__(words)
        self.pause = pause


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of job is done, how often it is tried before somebody is told, in which words, and which page shows it to them."""

    work: Work
    attempts: int
    failed: str = ""
    shown_on: str = ""


_kinds: dict[str, Kind] = {}
_is_complete = False


def job(name: str, *, attempts: int = ATTEMPTS, failed: str = "", shown_on: str = "") -> Callable[[Work], Work]:
    """Register the function that does the jobs of this name. `failed`: what those who look after the system are told when it is given up,
    `shown_on`: the page that the registry knows by this noun.

    It gets the payload and runs in one transaction with the mark "done", so what it writes to the database happens once. What it
    does outside (a mail, a file) may happen again after a crash and must bear that.
    """

    def register(work: Work) -> Work:
        known = _kinds.get(name)
        if known is not None and known.work.__qualname__ != work.__qualname__:
            raise ValueError(f"two jobs named {name}")
        _kinds[name] = Kind(work, attempts, failed, shown_on)
        return work

    return register


def kind_of(name: str) -> Kind:
    """The registered kind. Raises LookupError for a name nobody registered."""
    global _is_complete
    if name not in _kinds and not _is_complete:
        autodiscover_modules(*MODULES)
        _is_complete = True
    if name not in _kinds:
        raise LookupError(f"no job named {name}")
    return _kinds[name]


def enqueue(name: str, *, key: str = "", run_after: datetime | None = None, **payload: Any) -> None:
    """Have a job done after the surrounding transaction commits; never when it rolls back.

    With a `key`, the same name and key are done once only, whoever asks again and whenever. The payload is JSON: ids, not objects.
    """
    kind_of(name)
    row = Job(name=name, key=key, payload=payload)
    if run_after is not None:
        row.run_after = run_after
    Job.objects.bulk_create([row], ignore_conflicts=bool(key))
    transaction.on_commit(_nudger.nudge, robust=True)


def drain(limit: int = 100, *, now: datetime | None = None) -> int:
    """Do waiting jobs, oldest first, one short transaction each; returns how many were tried. Safe to run twice at once.

    Without `now` the database's clock says which are due: it wrote them, and those of the machines may differ.
    """
    tried = 0
    while tried < limit:
        claimed = _claim(now)
        if claimed is None:
            break
        tried += 1
        if claimed.state == Job.State.WAITING:
            _do(claimed)
    return tried


@transaction.atomic
def _claim(now: datetime | None) -> Job | None:
    """Count the attempt before it is made: a job that kills its worker must not be tried for ever."""
    clock: Any = Now() if now is None else now
    row = Job.objects.due(clock).select_for_update(skip_locked=True).order_by("run_after", "pk").first()
    if row is None:
        return None
    if row.attempts >= _attempts_allowed(row.name):
        _give_up(row)
        return row
    row.attempts += 1
    row.run_after = clock + pause_after(row.attempts)
    row.save(update_fields=["attempts", "run_after"])
    return row


def _attempts_allowed(name: str) -> int:
    try:
        return kind_of(name).attempts
    except LookupError:
        return ATTEMPTS


def _do(claimed: Job) -> None:
    """The work and its mark in one transaction. The row stays locked meanwhile, so that nobody else begins it."""
    with transaction.atomic():
        row = (
            Job.objects.waiting()
            .select_for_update(skip_locked=True)
            .filter(pk=claimed.pk, attempts=claimed.attempts)
            .first()
        )
        if row is None:
            return
        try:
            with transaction.atomic():
                kind_of(row.name).work(row.payload)
        except Exception as error:
            log.warning("job %s %s failed (attempt %s): %s", row.pk, row, row.attempts, error)
            words = str(error) if isinstance(error, Postponed) else f"{type(error).__name__}: {error}"
            row.last_error = words[:2000].replace("\x00", "")
            if isinstance(error, Postponed):
                row.run_after = max(row.run_after, timezone.now() + error.pause)
            row.save(update_fields=["last_error", "run_after"])
            if row.attempts >= _attempts_allowed(row.name):
                _give_up(row)
            return
        row.state = Job.State.DONE
        row.done_at = timezone.now()
        row.last_error = ""
        row.save(update_fields=["state", "done_at", "last_error"])


def _give_up(row: Job) -> None:
    """End a job that cannot be done, and tell those who look after the system."""
    from core import alerts, registry

    row.state = Job.State.FAILED
    row.last_error = row.last_error or "执行中进程反复中断"
    row.save(update_fields=["state", "last_error"])
    log.error("job %s %s given up after %s attempts: %s", row.pk, row, row.attempts, row.last_error)
    kind = _kinds.get(row.name)
    alerts.warn(
        f"job:{row.pk}:failed",
        to=registry.agency().administrators(),
        title=(kind and kind.failed) or f"后台任务失败：{row.name}",
        body=f"编号{row.pk}，已尝试{row.attempts}次。{row.last_error[:200]}",
        url=registry.address_of(kind.shown_on) if kind and kind.shown_on else "",
        level="red",
    )


def retry(job_id: int) -> None:
    """Give a failed job a new start."""
    Job.objects.filter(pk=job_id, state=Job.State.FAILED).update(
        state=Job.State.WAITING, attempts=0, run_after=timezone.now()
    )


def pause_after(attempts: int) -> timedelta:
    """How long to wait after this many attempts: 10 s, doubled each time, at most an hour."""
    return min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE) if attempts < 16 else LONGEST_PAUSE


class _Nudger:
    """Tells the broker that there is work, from a thread of its own: a broker that is down or frozen slows no request.

    Nudges that come while one is being sent become one.
    """

    def __init__(self) -> None:
        self._wanted = threading.Event()
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._broker_answers = True

    def nudge(self) -> None:
        with self._guard:
            # A forked worker inherits the object but not the thread.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="nudge", daemon=True)
                self._thread.start()
        self._wanted.set()

    def _run(self) -> None:
        # Celery is a quarter of what there is to load: a web process loads it here, when it first has something to send.
        application = import_string(settings.TASK_APPLICATION)
        from core.tasks import drain_jobs

        while True:
            self._wanted.wait()
            self._wanted.clear()
            try:
                application.tasks[drain_jobs.name].apply_async(retry=False)
            except Exception:
                if self._broker_answers:
                    log.warning("the broker does not answer; the next sweep will do the jobs", exc_info=True)
                self._broker_answers = False
            else:
                self._broker_answers = True


_nudger = _Nudger()
