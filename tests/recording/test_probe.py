"""What an examination finds. Whatever a file is, the answer is a finding and the file stays as it was."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from recording.probe import Examination, examine
from tests.recording import samples


def look(path: Path, *, name: str = "现场.mp4", tolerance: float = 2.0, seconds: int = 60) -> Examination:
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    found = examine(path, name=name, tolerance=tolerance, seconds=seconds)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    return found


def test_a_sound_recording_has_its_length_codec_and_the_time_its_device_claims(tmp_path: Path) -> None:
    found = look(samples.video(tmp_path / "a.mp4"))
    assert (found.flags, found.findings, found.gaps) == ([], [], [])
    assert found.duration == pytest.approx(3.0, abs=0.15)
    assert (found.codecs, found.width, found.height) == ("mpeg4", samples.WIDTH, samples.HEIGHT)
    assert found.content_type == "video/mp4"
    assert found.claimed_at == "2026-02-02T01:12:00+00:00"


def test_a_clock_that_was_never_set_is_not_a_time(tmp_path: Path) -> None:
    assert look(samples.video(tmp_path / "a.mp4", created="1904-01-01T00:00:00Z")).claimed_at is None


def test_a_break_is_found_in_the_packets_though_the_container_hides_it(tmp_path: Path) -> None:
    found = look(samples.video(tmp_path / "a.mp4", seconds=4, gap_after=2, gap=6))
    assert [(round(gap["at"]), round(gap["seconds"])) for gap in found.gaps] == [(2, 6)]
    assert found.flags == []


def test_a_break_up_to_the_tolerance_is_none(tmp_path: Path) -> None:
    assert look(samples.video(tmp_path / "a.mp4", seconds=4, gap_after=2, gap=1.9)).gaps == []


def test_a_recording_cut_before_its_index_is_incomplete(tmp_path: Path) -> None:
    found = look(samples.cut(samples.video(tmp_path / "a.mp4"), keep=0.6))
    assert found.flags == ["truncated"]
    assert "不完整" in found.findings[0]


def test_a_recording_cut_after_its_index_is_incomplete(tmp_path: Path) -> None:
    found = look(samples.cut(samples.video(tmp_path / "a.mp4", seconds=10, front=True), keep=0.5))
    assert "truncated" in found.flags


def test_spoilt_pictures_are_damage(tmp_path: Path) -> None:
    assert "damaged" in look(samples.spoil(samples.video(tmp_path / "a.mp4", seconds=6, size=(320, 240)))).flags


def test_an_empty_file_is_said_to_be_empty(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    assert look(tmp_path / "a.mp4").flags == ["empty"]


@pytest.mark.parametrize(("make", "word"), [(samples.picture, "PNG 图片"), (samples.page, "网页")])
def test_something_else_under_the_name_of_a_recording_is_named(tmp_path: Path, make, word: str) -> None:  # type: ignore[no-untyped-def]
    found = look(make(tmp_path / "a.mp4"))
    assert found.flags == ["not_media", "misnamed"]
    assert word in found.findings[0]
    assert found.content_type == ""


def test_a_recording_under_another_name_is_misnamed_but_read(tmp_path: Path) -> None:
    found = look(samples.video(tmp_path / "a.mp4"), name="材料.pdf")
    assert found.flags == ["misnamed"]
    assert found.duration is not None


def test_noise_is_not_media(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(os.urandom(200_000))
    assert "not_media" in look(tmp_path / "a.mp4").flags


def test_a_playlist_opens_neither_a_file_nor_an_address(tmp_path: Path) -> None:
    secret = samples.video(tmp_path / "secret.mp4")
    found = look(samples.playlist(tmp_path / "list.mp4", f"file://{secret}"))
    assert "not_media" in found.flags
    assert found.duration is None


def test_a_name_that_is_an_address_is_read_as_a_file(tmp_path: Path) -> None:
    odd = tmp_path / "http:"
    odd.mkdir()
    found = look(samples.video(odd / "a.mp4"))
    assert found.flags == []


def test_an_examination_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*args, **kwargs):  # type: ignore[no-untyped-def]
        raise subprocess.TimeoutExpired("probe", 1)

    monkeypatch.setattr(subprocess, "run", slow)
    found = look(samples.video(tmp_path / "a.mp4"))
    assert found.flags == ["damaged"]
    assert "用时过长" in found.findings[0]


def test_an_examination_that_is_killed_by_its_limits_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from recording import probe

    monkeypatch.setattr(probe, "sys", type("Sys", (), {"executable": "/bin/false"}))
    found = examine(samples.video(tmp_path / "a.mp4"), name="a.mp4", tolerance=2.0)
    assert found.flags == ["damaged"]


def test_the_child_may_not_write_and_not_take_much_memory() -> None:
    code = (
        "import sys, resource; sys.path.insert(0, '.');"
        "from recording import probe; probe._examine = lambda *a: print(resource.getrlimit(resource.RLIMIT_FSIZE)[0],"
        "resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_NOFILE)[0], resource.getrlimit(resource.RLIMIT_CPU)[0])"
        " or probe.Examination(); probe.main()"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, "x", "x", "2", "7"], capture_output=True, text=True, check=True
    )
    size, memory, files, seconds = map(int, answer.stdout.split("\n")[0].split())
    assert (size, files, seconds) == (0, 64, 7)
    assert 0 < memory < 2 * 1024**3
