"""What a failed transaction left in the store goes after a day; what a row names stays, whatever happens."""

from __future__ import annotations

import logging
import os
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from core import jobs, orphans, store, sweeping
from core.models import Job, StoredFile

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_store(settings: Any, tmp_path: Path) -> None:
    settings.STORE_DIR = tmp_path / "store"


def now() -> datetime:
    return timezone.now()


def age(path: Path, **span: float) -> Path:
    moment = (now() - timedelta(**span)).timestamp()
    os.utime(path, (moment, moment))
    return path


def keep(content: bytes = b"evidence") -> StoredFile:
    return store.keep([content], name="a.pdf", by=None)


def left_behind(content: bytes = b"left") -> Path:
    """The file of a hand-in whose transaction failed."""
    with transaction.atomic():
        path = store.path_of(keep(content).sha256)
        transaction.set_rollback(True)
    assert path.exists()
    assert not StoredFile.objects.filter(sha256=path.name).exists()
    return path


def test_what_a_failed_transaction_left_goes_after_a_day_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    path = left_behind()
    age(path, hours=23)
    assert orphans.clean(now()) == 0
    assert path.exists()
    age(path, hours=25)
    with caplog.at_level(logging.WARNING):
        assert orphans.clean(now()) == 1
    assert not path.exists()
    assert path.name in caplog.text
    assert orphans.clean(now()) == 0


def test_a_file_with_a_row_stays_however_old(caplog: pytest.LogCaptureFixture) -> None:
    stored = keep()
    age(store.path_of(stored.sha256), days=4000)
    assert orphans.clean(now()) == 0
    assert store.is_intact(stored)


def test_a_file_left_behind_and_handed_in_again_is_young_again() -> None:
    """While its row is not committed the cleaning sees none; the age alone protects the file then."""
    age(left_behind(b"same bytes"), days=3)
    path = left_behind(b"same bytes")
    assert orphans.clean(now()) == 0
    assert path.exists()


def test_an_upload_finished_late_is_young_when_it_enters_the_store(tmp_path: Path) -> None:
    source = tmp_path / "upload"
    source.write_bytes(b"a long recording")
    age(source, days=2)
    with transaction.atomic():
        path = store.path_of(store.adopt(source, name="a.mp4", by=None).sha256)
        transaction.set_rollback(True)
    assert orphans.clean(now()) == 0
    assert path.exists()


def test_a_file_named_or_renewed_while_the_cleaning_ran_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the list and the removal somebody hands the same bytes in: the second look sees it."""
    path = age(left_behind(b"raced"), days=2)
    remove = orphans._remove

    def handed_in_first(each: Path, at: datetime) -> bool:
        keep(b"raced")
        age(each, days=2)
        return remove(each, at)

    monkeypatch.setattr(orphans, "_remove", handed_in_first)
    assert orphans.clean(now()) == 0
    assert path.exists()


def test_nothing_is_put_in_place_while_a_file_is_removed() -> None:
    entered, done = Event(), []

    def put() -> None:
        with store.held(alone=False):
            entered.set()
            done.append(True)

    with store.held(alone=True):
        thread = Thread(target=put)
        thread.start()
        assert not entered.wait(0.3)
    thread.join(timeout=10)
    assert done == [True]


def test_what_a_killed_process_had_begun_goes_and_uploads_in_pieces_stay(settings: Any) -> None:
    keep()
    incoming = Path(settings.STORE_DIR) / "incoming"
    (incoming / "uploads").mkdir()
    begun, young, piece = incoming / ("a" * 32), incoming / ("b" * 32), incoming / "uploads" / ("c" * 32)
    for path in (begun, young, piece):
        path.write_bytes(b"half")
    age(begun, days=2), age(piece, days=2)
    assert orphans.clean(now()) == 1
    assert (begun.exists(), young.exists(), piece.exists()) == (False, True, True)


def test_a_store_beside_another_database_is_not_emptied(caplog: pytest.LogCaptureFixture) -> None:
    keep()
    paths = [age(left_behind(bytes([number])), days=2) for number in range(orphans.SUSPICIOUS + 1)]
    with caplog.at_level(logging.ERROR):
        assert orphans.clean(now()) == 0
    assert all(path.exists() for path in paths)
    assert "nothing is cleaned" in caplog.text


def test_other_files_of_the_folder_are_left_alone(settings: Any) -> None:
    keep()
    folder = Path(settings.STORE_DIR) / "ab" / "cd"
    folder.mkdir(parents=True)
    note = folder / "README"
    note.write_text("hands off")
    age(note, days=9)
    assert orphans.clean(now()) == 0
    assert note.exists()


def test_the_sweep_asks_for_one_cleaning_a_night() -> None:
    path = age(left_behind(), days=2)
    night = timezone.localtime().replace(hour=orphans.NIGHT_HOUR, minute=5)
    orphans.nightly(night - timedelta(hours=1))
    assert not Job.objects.filter(name=orphans.JOB).exists()
    orphans.nightly(night), orphans.nightly(night + timedelta(minutes=1))
    assert Job.objects.filter(name=orphans.JOB).count() == 1
    jobs.drain()
    assert Job.objects.get(name=orphans.JOB).state == Job.State.DONE
    assert not path.exists()
    orphans.nightly(night + timedelta(days=1))
    assert Job.objects.filter(name=orphans.JOB).count() == 2


def test_the_cleaning_is_part_of_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[datetime] = []
    monkeypatch.setattr(orphans, "nightly", asked.append)
    moment = now()
    assert not [failure for failure in sweeping.sweep(moment).failures if "clean_store" in failure]
    assert asked == [moment]
