"""A recording is made, handed in within two working days, and indexed; what was received is kept as it was."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from core import store as core_store
from core.access import NotPermitted
from core.lifecycle import MomentRefused, StepRefused
from core.models import Duty, FactRecord, Job, LedgerEntry, StoredFile
from core.store import StoreFull, path_of
from enforcement.models import ActRecording
from recording import services
from recording.jobs import nightly
from recording.models import Recording
from recording.procedure import ACCESS, RECORDING
from recording.services import RecordingRefused
from tests.enforcement.factories import Bureau, at, fresh
from tests.recording import samples
from tests.recording.acts import examine, explain, index, kept, register, store, unmet_of_recordings, uploaded


def duty(recording: Recording, obligation: str) -> Duty:
    return Duty.objects.get(anchor=recording.stream, obligation=obligation)


@pytest.mark.rule("WH-MEAS-17a", "WH-PLAN-6.3a", "WH-PLAN-6.3b")
def test_wh_meas_17_the_end_of_a_recording_starts_two_working_days_to_store_and_to_index(
    bureau: Bureau, act: Any
) -> None:
    recording = register(bureau, act)
    stored = duty(recording, "store_recording")
    assert stored.day_zero.isoformat() == "2026-01-14"
    assert stored.due_at.astimezone(at("2026-01-14 00:00").tzinfo).isoformat() == "2026-01-16T23:59:59+08:00"
    assert {basis["rule"] for basis in stored.bases} == {"WH-MEAS-17a", "WH-PLAN-6.3a"}
    assert duty(recording, "index_recording").due_at == stored.due_at
    assert stored.file_stream == act.case.stream
    assert stored.owner_unit_id == bureau.section.pk


@pytest.mark.rule("WH-MEAS-17a")
def test_wh_meas_17_the_working_days_are_those_of_the_state_councils_notice(bureau: Bureau, act: Any) -> None:
    # 2026-02-13 is a Friday; the 14th, a Saturday, is worked, then comes the Spring Festival.
    recording = register(bureau, act, start="2026-02-13 09:00", end="2026-02-13 10:00")
    assert str(duty(recording, "store_recording").due_day) == "2026-02-24"


@pytest.mark.rule("WH-MEAS-17a", "WH-PLAN-6.3a", "WH-PLAN-6.3b")
def test_wh_meas_17_storing_and_indexing_each_meet_their_own_duty(bureau: Bureau, act: Any, tmp_path: Path) -> None:
    recording = store(bureau, register(bureau, act), samples.video(tmp_path / "a.mp4"))
    assert duty(recording, "store_recording").met_at == recording.stored_at
    assert duty(recording, "index_recording").is_open
    recording = index(bureau, recording)
    assert duty(recording, "index_recording").met_at == recording.index_completed_at
    assert recording.state == "indexed"


def test_handing_in_at_once_registers_and_stores(bureau: Bureau, act: Any, tmp_path: Path) -> None:
    recording = services.hand_in(
        act=act,
        by=fresh(bureau.lead),
        started_at=at("2026-01-14 09:02"),
        made_at=at("2026-01-14 09:31"),
        device=None,
        file=uploaded(samples.video(tmp_path / "a.mp4")),
    )
    names = list(FactRecord.objects.filter(stream=recording.stream).order_by("pk").values_list("name", flat=True))
    assert names == ["recording.made", "recording.stored"]
    assert LedgerEntry.objects.filter(stream=recording.stream).count() == 2


def test_the_digests_are_those_of_the_bytes_received(bureau: Bureau, act: Any, tmp_path: Path) -> None:
    path = samples.video(tmp_path / "a.mp4")
    recording = store(bureau, register(bureau, act), path)
    content = path.read_bytes()
    assert recording.sha256 == hashlib.sha256(content).hexdigest()
    assert recording.sm3 == hashlib.new("sm3", content).hexdigest()
    assert path_of(recording.sha256).read_bytes() == content
    assert path_of(recording.sha256).stat().st_mode & 0o777 == 0o440
    fact = FactRecord.objects.get(stream=recording.stream, name="recording.stored")
    assert (fact.payload["sha256"], fact.payload["size"]) == (recording.sha256, len(content))


def test_the_moment_of_storing_is_nobodys_to_choose(bureau: Bureau, act: Any) -> None:
    from recording.forms import IndexForm, StoreForm

    recording = register(bureau, act)
    for form in (StoreForm, IndexForm):
        assert "happened_at" not in form(obj=recording, by=bureau.lead).fields


def test_the_keys_of_every_form_are_the_keywords_of_its_service() -> None:
    import inspect

    from django.utils.module_loading import import_string

    for lifecycle in (RECORDING, ACCESS):
        for step in lifecycle.steps:
            keywords = set(inspect.signature(import_string(step.service)).parameters) - {"recording", "request", "by"}
            assert set(step.form_class.base_fields) == keywords, step.key


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("2026-01-14 09:40", "2026-01-14 09:31", "不能早于录制开始时间"),
        ("2026-01-13 09:00", "2026-01-13 10:00", "不能早于取证开始时间"),
        ("2026-01-14 09:00", "2099-01-14 10:00", "不能晚于现在"),
    ],
)
def test_an_impossible_time_is_refused(bureau: Bureau, act: Any, start: str, end: str, message: str) -> None:
    with pytest.raises(MomentRefused, match=message):
        register(bureau, act, start=start, end=end)
    assert not Recording.objects.exists()


@pytest.mark.parametrize("who", ["clerk", "head", "stranger", "leader", "auditor"])
def test_only_the_officers_of_the_case_hand_in(bureau: Bureau, act: Any, who: str, tmp_path: Path) -> None:
    recording = register(bureau, act)
    with pytest.raises(NotPermitted, match="本案承办人"):
        store(bureau, recording, samples.video(tmp_path / "a.mp4"), by=bureau.all[who])
    recording.refresh_from_db()
    assert recording.state == "made"
    assert not StoredFile.objects.filter(name="现场.mp4").exists()


@pytest.mark.rule("WH-MEAS-16a", "WH-PLAN-6.2b")
@pytest.mark.parametrize("missing", ["place", "scene", "participants", "violation"])
def test_wh_meas_16_an_index_without_one_of_its_elements_is_refused_at_its_field(
    bureau: Bureau, act: Any, tmp_path: Path, desk: Any, missing: str
) -> None:
    recording = store(bureau, register(bureau, act), samples.video(tmp_path / "a.mp4"))
    elements = {"place": "示例路", "scene": "财务室", "participants": "张示例", "violation": "拖欠工资", missing: "  "}
    answer = desk(bureau.lead).post(recording.step_url("index"), elements)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [missing]
    with pytest.raises(IntegrityError), transaction.atomic():
        index(bureau, recording, **{missing: ""})
    recording.refresh_from_db()
    assert recording.state == "stored"


@pytest.mark.rule("WH-MEAS-16a")
def test_wh_meas_16_the_index_form_knows_what_the_act_already_said(
    bureau: Bureau, act: Any, tmp_path: Path, desk: Any
) -> None:
    recording = store(bureau, register(bureau, act), samples.video(tmp_path / "a.mp4"))
    initial = desk(bureau.lead).get(recording.step_url("index")).context["form"].initial
    assert initial["place"] == "示例路100号"
    assert initial["participants"] == "执法人员：张示例、李样本；在场人员：行政主管 孙某"
    assert initial["violation"].startswith("涉嫌")
    assert desk(bureau.lead).post(recording.step_url("index"), initial).status_code == 302


# --- the original stays -------------------------------------------------------------------------------------


@pytest.mark.rule("WH-MEAS-17b", "WH-PLAN-6.3c")
def test_wh_meas_17_a_second_file_for_the_same_recording_is_refused_with_both_articles(
    bureau: Bureau, act: Any, tmp_path: Path
) -> None:
    recording = store(bureau, register(bureau, act), samples.video(tmp_path / "a.mp4"))
    with pytest.raises(StepRefused) as refused:
        store(bureau, recording, samples.video(tmp_path / "b.mp4", seconds=1))
    (demand,) = refused.value.demands
    assert demand.text == "原始录像已经入库，不得替换、删节或者修改"
    assert {citation.rule_id for citation in demand.citations} == {"WH-MEAS-17b", "WH-PLAN-6.3c"}
    assert Recording.objects.get().sha256 == recording.sha256
    assert StoredFile.objects.filter(name="现场.mp4").count() == 1


@pytest.mark.rule("WH-MEAS-17b", "WH-PLAN-6.3c")
@pytest.mark.parametrize(
    "change",
    [
        "sha256 = repeat('0', 64)",
        "sm3 = repeat('0', 64)",
        "size = 1",
        "stored_at = stored_at - interval '3 days'",
        "file_id = NULL",
        "stored_by_id = made_by_id + 1",
    ],
)
def test_wh_meas_17_the_database_refuses_a_changed_original(
    bureau: Bureau, act: Any, tmp_path: Path, change: str
) -> None:
    store(bureau, register(bureau, act), samples.video(tmp_path / "a.mp4"))
    with pytest.raises(IntegrityError, match="不得删节、修改"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE recording_recording SET {change}")


@pytest.mark.rule("WH-PLAN-6.4c")
def test_wh_plan_6_neither_a_recording_nor_its_file_is_ever_disposed_of(
    bureau: Bureau, act: Any, tmp_path: Path
) -> None:
    recording = store(bureau, register(bureau, act), samples.video(tmp_path / "a.mp4"))
    with pytest.raises(IntegrityError, match="不得删除"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM recording_recording WHERE id = %s", [recording.pk])
    with pytest.raises(ProtectedError):
        recording.file.delete()  # type: ignore[union-attr]
    with pytest.raises(ProgrammingError, match="不得修改或者删除"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_storedfile WHERE id = %s", [recording.file_id])


@pytest.mark.rule("WH-MEAS-16a", "WH-PLAN-6.2b")
def test_wh_meas_16_a_recording_has_its_time_and_does_not_end_before_it_starts(bureau: Bureau, act: Any) -> None:
    recording = register(bureau, act)
    for change in ("started_at = NULL", "made_at = NULL", "made_at = started_at - interval '1 second'"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE recording_recording SET {change} WHERE id = %s", [recording.pk])


@pytest.mark.rule("WH-MEAS-17b", "WH-PLAN-6.3c")
def test_wh_meas_17_the_database_refuses_to_delete_or_move_a_recording(bureau: Bureau, act: Any) -> None:
    recording = register(bureau, act)
    with pytest.raises(IntegrityError, match="不得删除"), transaction.atomic():
        recording.delete()
    with pytest.raises(IntegrityError, match="不得改属"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE recording_recording SET sequence = 7")


def test_the_database_repeats_the_edges_of_both_procedures(db: None) -> None:
    import re

    for lifecycle, table in ((RECORDING, "recording_recording"), (ACCESS, "recording_accessrequest")):
        with connection.cursor() as cursor:
            cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", [f"{table}_state_edges"])
            (body,) = cursor.fetchone()
        edges = set(re.findall(r"\('(\w+)', '(\w+)'\)", body.partition("NOT IN (\n")[2]))
        assert edges == lifecycle.edges()


def test_the_database_refuses_to_skip_a_step(bureau: Bureau, act: Any, tmp_path: Path) -> None:
    recording = store(bureau, register(bureau, act), samples.video(tmp_path / "a.mp4"))
    index(bureau, recording)
    with pytest.raises(IntegrityError, match="不能从"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE recording_recording SET state = 'stored'")


# --- faulty files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "flags", "sentence"),
    [
        (lambda path: samples.cut(samples.video(path), keep=0.6), ["truncated"], "文件不完整"),
        (lambda path: (path.write_bytes(b""), path)[1], ["empty"], "文件是空的"),
        (samples.picture, ["misnamed", "not_media"], "PNG 图片"),
        (samples.page, ["misnamed", "not_media"], "网页"),
    ],
)
def test_a_faulty_file_is_kept_hashed_and_flagged(
    bureau: Bureau, act: Any, tmp_path: Path, make: Any, flags: list[str], sentence: str
) -> None:
    path = make(tmp_path / "a.mp4")
    content = path.read_bytes()
    recording = store(bureau, register(bureau, act), path)
    examine()
    recording.refresh_from_db()
    assert recording.flags == flags
    assert sentence in "；".join(recording.findings)
    assert path_of(hashlib.sha256(content).hexdigest()).read_bytes() == content
    assert duty(recording, "store_recording").met_at is not None
    assert FactRecord.objects.filter(stream=recording.stream, name="recording.flagged").count() == 1
    assert ActRecording.objects.get(stream=recording.stream).state == "flagged"


def test_a_faulty_file_is_indexed_and_explained_like_any_other(bureau: Bureau, act: Any, tmp_path: Path) -> None:
    recording = store(bureau, register(bureau, act), samples.cut(samples.video(tmp_path / "a.mp4"), keep=0.6))
    examine()
    recording = explain(bureau, index(bureau, Recording.objects.get()))
    assert not recording.needs_explanation
    assert ActRecording.objects.get(stream=recording.stream).state == "indexed"


def test_an_examination_is_written_down_once(bureau: Bureau, act: Any, tmp_path: Path) -> None:
    recording = kept(bureau, act, tmp_path, gap_after=1, gap=5)
    services.note_examination(recording.pk, flags=["damaged"], findings=["x"], gaps=[], about={})
    recording.refresh_from_db()
    assert recording.flags == []
    assert FactRecord.objects.filter(stream=recording.stream, name="recording.flagged").count() == 1


def test_the_sections_people_hear_of_a_break(bureau: Bureau, act: Any, tmp_path: Path) -> None:
    from core.models import Alert

    kept(bureau, act, tmp_path, gap_after=1, gap=5)
    told = set(Alert.objects.filter(title__startswith="录像需要说明原因").values_list("recipient", flat=True))
    assert told == {bureau.lead.pk, bureau.co.pk, bureau.clerk.pk, bureau.head.pk}


# --- breaks -------------------------------------------------------------------------------------------------


@pytest.mark.rule("WH-MEAS-16b", "WH-PLAN-6.2c")
def test_wh_meas_16_an_unexplained_break_keeps_the_case_from_being_closed(
    bureau: Bureau, case: Any, act: Any, tmp_path: Path
) -> None:

    recording = index(bureau, kept(bureau, act, tmp_path, gap_after=1, gap=372))
    assert recording.gap_seconds == 372
    (demand,) = unmet_of_recordings(case, at("2026-03-20 10:00"), bureau.head)
    assert "有中断，缺原因说明" in demand.text
    assert {citation.rule_id for citation in demand.citations} == {"WH-MEAS-16b", "WH-PLAN-6.2c"}
    explain(bureau, recording)
    assert unmet_of_recordings(case, at("2026-03-20 10:00"), bureau.head) == []


@pytest.mark.rule("WH-MEAS-17a")
def test_wh_meas_17_a_recording_that_is_not_handed_in_keeps_the_case_from_being_closed(
    bureau: Bureau, case: Any, act: Any
) -> None:

    register(bureau, act)
    (demand,) = unmet_of_recordings(case, at("2026-03-20 10:00"), bureau.head)
    assert "没有入库并编制索引" in demand.text


@pytest.mark.rule("WH-MEAS-16b")
def test_wh_meas_16_the_time_between_two_parts_is_a_break(bureau: Bureau, act: Any) -> None:
    register(bureau, act, start="2026-01-14 09:02", end="2026-01-14 09:31")
    second = register(bureau, act, start="2026-01-14 09:37", end="2026-01-14 10:12")
    assert (second.sequence, second.pause_before) == (2, 360)
    assert second.needs_explanation
    assert ActRecording.objects.get(stream=second.stream).gap_seconds == 360


def test_parts_that_follow_each_other_by_the_minute_have_no_break(bureau: Bureau, act: Any) -> None:
    register(bureau, act, start="2026-01-14 09:02", end="2026-01-14 09:31")
    assert register(bureau, act, start="2026-01-14 09:32", end="2026-01-14 10:12").pause_before == 0


def test_a_second_device_that_went_on_covers_the_break(bureau: Bureau, act: Any) -> None:
    register(bureau, act, start="2026-01-14 09:02", end="2026-01-14 09:31")
    second = register(bureau, act, start="2026-01-14 09:37", end="2026-01-14 10:12")
    register(bureau, act, start="2026-01-14 09:20", end="2026-01-14 09:45")
    second.refresh_from_db()
    assert second.pause_before == 0
    assert not second.needs_explanation


def test_an_explanation_covers_what_was_known_and_not_what_is_found_later(bureau: Bureau, act: Any) -> None:
    register(bureau, act, start="2026-01-14 09:02", end="2026-01-14 09:31")
    second = register(bureau, act, start="2026-01-14 09:37", end="2026-01-14 10:12")
    explain(bureau, second)
    assert ActRecording.objects.get(stream=second.stream).explained
    second.refresh_from_db()
    second.gaps = [{"at": 60.0, "seconds": 30.0}]
    assert second.needs_explanation


def test_what_has_no_break_needs_no_explanation(bureau: Bureau, act: Any, tmp_path: Path) -> None:
    with pytest.raises(RecordingRefused, match="没有需要说明"):
        explain(bureau, kept(bureau, act, tmp_path))


def test_a_corrected_end_moves_the_recording_its_duties_and_its_breaks(bureau: Bureau, act: Any) -> None:
    from core import facts as core_facts

    register(bureau, act, start="2026-01-14 09:02", end="2026-01-14 09:31")
    second = register(bureau, act, start="2026-01-14 09:37", end="2026-01-14 10:12")
    made = FactRecord.objects.get(stream=second.stream, name="recording.made")
    core_facts.correct(
        made, happened_at=at("2026-01-15 10:12"), reason="日期录错", requested_by=bureau.lead, by=bureau.head
    )
    second.refresh_from_db()
    assert (second.started_at, second.made_at) == (at("2026-01-15 09:37"), at("2026-01-15 10:12"))
    assert second.pause_before == 24 * 3600 + 360
    assert str(duty(second, "store_recording").due_day) == "2026-01-19"


# --- the medium ---------------------------------------------------------------------------------------------


def swap_medium(recording: Recording) -> None:
    path = path_of(recording.sha256)
    path.chmod(0o640)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def nightly_reading() -> None:
    """Another night: the sweep asks for the reading, the worker does it."""
    Recording.objects.update(verified_at=None)
    Job.objects.filter(name="recording.rehash").update(key="")
    nightly(timezone.now().replace(hour=20))
    examine()


@pytest.mark.rule("WH-MEAS-17b", "WH-PLAN-6.3c")
def test_wh_meas_17_a_medium_that_holds_something_else_is_named_told_and_blocks(
    bureau: Bureau, act: Any, tmp_path: Path
) -> None:
    from agency.models import Role
    from core.models import Alert
    from tests.enforcement.factories import official

    keeper = official("管系例", Role.SYSTEM_ADMIN, bureau.root)
    sound = kept(bureau, act, tmp_path)
    nightly_reading()
    sound.refresh_from_db()
    assert sound.verified_at is not None
    assert sound.flags == []

    swap_medium(sound)
    nightly_reading()
    sound.refresh_from_db()
    assert sound.flags == ["medium"]
    alert = Alert.objects.get(recipient=keeper, key__contains=f"recording:{sound.pk}:medium")
    assert sound.sha256 in alert.body
    assert FactRecord.objects.filter(stream=sound.stream, name="recording.medium_failed").count() == 1
    with pytest.raises(StepRefused, match="与入库时的摘要不符"):
        index(bureau, sound)

    samples.video(tmp_path / "a.mp4")
    path_of(sound.sha256).write_bytes((tmp_path / "a.mp4").read_bytes())
    nightly_reading()
    sound.refresh_from_db()
    assert sound.flags == []
    assert index(bureau, sound).state == "indexed"


def test_a_lost_medium_is_found_too(bureau: Bureau, act: Any, tmp_path: Path) -> None:
    recording = kept(bureau, act, tmp_path)
    path_of(recording.sha256).unlink()
    nightly_reading()
    recording.refresh_from_db()
    assert recording.flags == ["medium"]


def test_a_night_reads_once_however_often_it_is_asked(bureau: Bureau, act: Any, tmp_path: Path) -> None:
    now = timezone.now().replace(hour=20)
    for _ in range(3):
        nightly(now)
    assert Job.objects.filter(name="recording.rehash").count() == 1


# --- all or nothing -----------------------------------------------------------------------------------------


def test_a_full_store_keeps_nothing_and_says_so(
    bureau: Bureau, act: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = register(bureau, act)

    def full(*args: Any, **kwargs: Any) -> None:
        raise StoreFull(28, "存储空间不足，文件没有保存，请联系系统管理员")

    monkeypatch.setattr(core_store, "keep", full)
    with pytest.raises(StoreFull):
        store(bureau, recording, samples.video(tmp_path / "a.mp4"))
    recording.refresh_from_db()
    assert recording.state == "made"
    assert duty(recording, "store_recording").is_open
    assert not StoredFile.objects.filter(name="现场.mp4").exists()


def test_nothing_is_registered_once_the_case_has_ended(bureau: Bureau, case: Any, act: Any) -> None:
    from enforcement import services as enforcement

    enforcement.dismiss_case(
        case=case,
        by=fresh(bureau.leader),
        happened_at=at("2026-02-01 10:00"),
        ground="minor",
        reason="情节轻微并及时改正",
    )
    with pytest.raises(RecordingRefused, match="已经办结"):
        register(bureau, act)
