"""The store: what a row names has reached the disk before the row is written."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from core import store
from core.models import StoredFile

pytestmark = pytest.mark.django_db


@pytest.fixture
def flushed(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What was flushed to disk, in order: the path at that moment, and how many rows there were."""
    settings.STORE_DIR = tmp_path / "store"
    found: list[tuple[str, int]] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        found.append((os.readlink(f"/proc/self/fd/{descriptor}"), StoredFile.objects.count()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    return found


def test_bytes_then_their_name_then_the_row(flushed: list[tuple[str, int]]) -> None:
    stored = store.keep(BytesIO(b"x" * 3_000_000), name="a.txt", by=None)
    final = store.path_of(stored.sha256)
    (content, rows), (directory, rows_then) = flushed
    assert Path(content).parent == final.parents[2] / "incoming"
    assert directory == str(final.parent)
    assert (rows, rows_then) == (0, 0)


def test_an_adopted_upload_is_flushed_too(flushed: list[tuple[str, int]], tmp_path: Path) -> None:
    upload = tmp_path / "store" / "upload"
    upload.parent.mkdir()
    upload.write_bytes(b"y" * 1000)
    stored = store.adopt(upload, name="b.mp4", by=None)
    assert flushed == [(str(upload), 0), (str(store.path_of(stored.sha256).parent), 0)]
    assert store.path_of(stored.sha256).stat().st_mode & 0o777 == 0o440
