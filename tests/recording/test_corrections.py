"""A recording whose end was entered wrongly: the two working days count from the true one. Its storing is never typed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from core.facts import FactRefused
from core.models import Duty, FactRecord
from enforcement.models import Case
from recording.models import Recording
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, at
from tests.recording import acts


def made(recording: Recording) -> FactRecord:
    return FactRecord.objects.get(stream=recording.stream, name="recording.made")


@pytest.mark.rule("WH-MEAS-17a")
def test_wh_meas_17a_the_two_working_days_count_from_the_corrected_end(bureau: Bureau, act: Any, desk: Any) -> None:
    recording = acts.register(bureau, act)
    address = reverse("enforcement:correct", args=[act.case_id, made(recording).pk])
    browser = desk(bureau.lead)
    assert address in browser.get(recording.get_absolute_url()).content.decode()
    assert browser.get(address).status_code == 200
    f.correct(bureau, act.case, made(recording), at("2026-01-15 09:31"))
    moved = Recording.objects.get(pk=recording.pk)
    assert (moved.started_at, moved.made_at) == (at("2026-01-15 09:02"), at("2026-01-15 09:31"))
    assert {duty.day_zero for duty in Duty.objects.filter(opened_by=made(recording))} == {date(2026, 1, 15)}
    assert "更正：日期录错" in browser.get(recording.get_absolute_url()).content.decode()


def test_a_recording_does_not_end_before_its_act_and_its_parts_are_paused_anew(bureau: Bureau, act: Any) -> None:
    first = acts.register(bureau, act)
    second = acts.register(bureau, act, start="2026-01-14 09:32", end="2026-01-14 10:00")
    facts = FactRecord.objects.count()
    with pytest.raises(FactRefused, match="录制结束不能早于取证开始"):
        f.ask_correction(bureau, act.case, made(first), at("2026-01-14 08:59"))
    assert FactRecord.objects.count() == facts
    f.correct(bureau, act.case, made(second), at("2026-01-14 10:30"))
    assert Recording.objects.get(pk=second.pk).pause_before == 31 * 60


def test_the_moment_of_storing_is_the_systems_own(bureau: Bureau, act: Any, tmp_path: Path, desk: Any) -> None:
    recording = acts.kept(bureau, act, tmp_path)
    stored = FactRecord.objects.get(stream=recording.stream, name="recording.stored")
    case = Case.objects.get(pk=act.case_id)
    with pytest.raises(FactRefused, match="就是录入的时间，没有可以更正的"):
        f.ask_correction(bureau, case, stored, at("2026-01-15 09:00"))
    address = reverse("enforcement:correct", args=[case.pk, stored.pk])
    browser = desk(bureau.lead)
    assert browser.get(address).status_code == 404
    assert address not in browser.get(recording.get_absolute_url()).content.decode()
