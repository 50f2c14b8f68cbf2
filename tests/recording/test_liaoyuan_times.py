"""When a recording is handed in under Liaoyuan's recording system (article 36): on the day the work ends, or within 24 hours of the
return; and that no other document asks for either moment.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agency.models import Official, Role
from core import alerts
from core.models import Alert, Duty, FactRecord
from enforcement.models import EvidenceAct
from recording import daily, selectors
from recording.daily import CustodyRefused, WorkEndRefused
from recording.models import Recording
from recording.services import RecordingRefused
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, accept, at, evidence, fresh, make_bureau, new_case, propose
from tests.recording import samples
from tests.recording.acts import register, store, unmet_of_recordings, uploaded

MADE, END = "2026-02-16 09:00", "2026-02-16 10:00"  # the eve of the Spring Festival, a day off
ELSEWHERE = {"work": "elsewhere"}


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau(profile="liaoyuan-hrss")


@pytest.fixture
def custodian(bureau: Bureau) -> Official:
    return f.official("陈示例", Role.RECORDS_CUSTODIAN, bureau.root)


def owed(recording: Recording) -> dict[str, tuple[str, str]]:
    """Of every duty that still stands: its rule and its last minute."""
    standing = Duty.objects.filter(anchor=recording.stream, voided_at__isnull=True)
    return {row.obligation: (row.rule_id, f"{timezone.localtime(row.due_at):%m-%d %H:%M:%S}") for row in standing}


def duty(recording: Recording, obligation: str) -> Duty:
    return Duty.objects.get(anchor=recording.stream, obligation=obligation, voided_at__isnull=True)


def fact(recording: Recording, name: str) -> FactRecord:
    return FactRecord.objects.get(stream=recording.stream, name=f"recording.{name}")


def away(bureau: Bureau, act: Any, **more: Any) -> Recording:
    return register(bureau, act, start=MADE, end=END, **ELSEWHERE, **more)


# --- the same day -----------------------------------------------------------------------------------------------


@pytest.mark.rule("LY-REC-36a")
def test_ly_rec_36a_a_recording_is_handed_in_by_the_end_of_its_day_worked_or_not(
    bureau: Bureau, act: Any, tmp_path: Path
) -> None:
    recording = register(bureau, act, start=MADE, end=END)
    assert owed(recording)["save_recording_same_day"] == ("LY-REC-36a", "02-16 23:59:59")
    stored = store(bureau, recording, samples.video(tmp_path / "a.mp4"))
    assert duty(recording, "save_recording_same_day").met_at == stored.stored_at
    assert duty(recording, "save_recording_same_day").owner_unit_id == bureau.section.pk


@pytest.mark.rule("LY-REC-36a")
def test_ly_rec_36a_work_that_goes_on_past_midnight_moves_the_day_and_nothing_else(bureau: Bureau, act: Any) -> None:
    at_once = register(bureau, act, start=MADE, end=END, work_ended_at=at("2026-02-17 01:30"))
    later = register(bureau, act, start=MADE, end=END)
    with pytest.raises(WorkEndRefused, match="录制当天收工的不需要登记"):
        daily.state_work_end(recording=later, by=fresh(bureau.lead), work_ended_at=at("2026-02-16 18:00"))
    with pytest.raises(WorkEndRefused, match="最迟在录制的次日"):
        daily.state_work_end(recording=later, by=fresh(bureau.lead), work_ended_at=at("2026-02-18 00:00"))
    daily.state_work_end(recording=later, by=fresh(bureau.lead), work_ended_at=at("2026-02-17 01:30"))
    for recording in (at_once, later):
        assert owed(recording) == {
            "save_recording_same_day": ("LY-REC-36a", "02-17 23:59:59"),
            "store_recording": ("LY-REC-36b", "02-25 23:59:59"),
        }
    first = Duty.objects.get(anchor=later.stream, voided_at__isnull=False)
    assert (first.opened_by, first.void_reason) == (fact(later, "made"), "2月17日01:30才收工，自收工当天起算")
    with pytest.raises(WorkEndRefused, match="登记错了请申请更正时间"):
        daily.state_work_end(recording=later, by=fresh(bureau.lead), work_ended_at=at("2026-02-17 02:00"))


@pytest.mark.rule("LY-REC-36a")
def test_ly_rec_36a_a_custodian_who_keeps_it_is_enough_for_the_day_but_not_for_the_platform(
    bureau: Bureau, act: Any, custodian: Official, desk: Any
) -> None:
    recording = register(bureau, act, start=MADE, end=END)
    page = reverse("recording:custody", args=[recording.pk])
    browser = desk(bureau.lead)
    assert page in browser.get(recording.get_absolute_url()).content.decode()
    for to, moment, words in (
        (custodian, "2026-02-16T09:59", "交接时间不能早于录制结束时间"),
        (custodian, "2099-02-16T18:00", "交接时间不能晚于现在"),
        (bureau.clerk, "2026-02-16T18:00", "选择一个有效的选项"),
    ):
        answer = browser.post(page, {"to": to.pk, "handed_over_at": moment})
        assert answer.status_code == 422
        assert words in answer.content.decode()
    with pytest.raises(CustodyRefused, match="保管人应为本单位的档案与音像管理员"):
        daily.hand_over(
            recording=recording, by=fresh(bureau.lead), to=bureau.clerk, handed_over_at=at("2026-02-16 18:00")
        )
    assert not FactRecord.objects.filter(name="recording.handed_over").exists()
    answer = browser.post(page, {"to": custodian.pk, "handed_over_at": "2026-02-16T18:00"})
    assert answer.status_code == 302
    assert duty(recording, "save_recording_same_day").met_at == at("2026-02-16 18:00")
    assert duty(recording, "store_recording").is_open
    shown = browser.get(recording.get_absolute_url()).content.decode()
    assert "保管人：陈示例" in shown
    assert page not in shown


# --- 24 hours after the return ----------------------------------------------------------------------------------


@pytest.mark.rule("LY-REC-36c")
def test_ly_rec_36c_away_from_the_unit_nothing_runs_before_the_return_and_then_24_hours_to_the_minute(
    bureau: Bureau, case: Any, act: Any, tmp_path: Path
) -> None:
    recording = away(bureau, act)
    assert owed(recording) == {}
    # Nobody forgets it meanwhile: the return waits on the desk, and the case is not closed without the recording.
    (step,) = selectors.waiting_steps(fresh(bureau.lead))
    assert (step.label, step.url, step.article) == (
        "登记返回时间",
        recording.work_end_url,
        "辽源全过程记录制度第三十六条",
    )
    assert [each.text for each in unmet_of_recordings(case, at("2026-03-20 10:00"), bureau.head)] == [
        "1月14日现场检查的录像没有入库"
    ]
    daily.state_work_end(recording=recording, by=fresh(bureau.lead), work_ended_at=at("2026-02-20 22:15"))
    assert owed(recording) == {"store_recording": ("LY-REC-36c", "02-21 22:15:00")}
    assert duty(recording, "store_recording").opened_by == fact(recording, "returned")
    assert fact(recording, "returned").payload["ground"] == "elsewhere"
    assert [each.label for each in selectors.waiting_steps(fresh(bureau.lead))] == ["上传入库"]
    stored = store(bureau, recording, samples.video(tmp_path / "a.mp4"))
    assert duty(recording, "store_recording").met_at == stored.stored_at


@pytest.mark.rule("LY-REC-36c")
def test_ly_rec_36c_the_return_is_said_once_for_a_whole_journey_and_never_before_it(
    bureau: Bureau, act: Any, desk: Any
) -> None:
    first, second = away(bureau, act), away(bureau, act)
    browser, page = desk(bureau.lead), first.work_end_url
    assert "回到本单位后24小时内" in browser.get(first.get_absolute_url()).content.decode()
    assert "回到本单位后24小时内" in browser.get(reverse("recording:list")).content.decode()
    for moment, words in (
        ("2026-02-16T09:59", "回到本单位的时间不能早于录制结束时间"),
        ("2099-01-01T00:00", "回到本单位的时间不能晚于现在"),
        ("", "请填写时间"),
    ):
        answer = browser.post(page, {"work_ended_at": moment, "others": [second.pk]})
        assert answer.status_code == 422
        assert 'id="id_work_ended_at_error"' in answer.content.decode()
        assert words in answer.content.decode()
    assert not FactRecord.objects.filter(name="recording.returned").exists()
    assert desk(bureau.clerk).post(page, {"work_ended_at": "2026-02-20T22:15"}).status_code == 422
    assert browser.post(page, {"work_ended_at": "2026-02-20T22:15", "others": [second.pk]}).status_code == 302
    assert owed(first) == owed(second) == {"store_recording": ("LY-REC-36c", "02-21 22:15:00")}
    # what was said at one recording is not asked again at the next
    upload = browser.get(reverse("recording:upload", args=[act.pk])).content.decode()
    assert 'value="2026-02-20T22:15"' in upload


@pytest.mark.rule("LY-REC-36c")
def test_ly_rec_36c_who_hands_in_later_than_24_hours_after_the_return_they_name_is_late(
    bureau: Bureau, act: Any, tmp_path: Path, desk: Any
) -> None:
    recording = away(bureau, act)
    page = recording.step_url("store")
    early = {"work_ended_at": "2026-02-16T09:59", "file": uploaded(samples.video(tmp_path / "a.mp4"))}
    assert desk(bureau.lead).post(page, early).status_code == 422
    assert not Recording.objects.stored().exists()
    named = {"work_ended_at": "2026-02-20T22:15", "file": uploaded(samples.video(tmp_path / "b.mp4"))}
    assert desk(bureau.lead).post(page, named).status_code == 302
    late = duty(recording, "store_recording")
    assert (late.rule_id, late.state_at(timezone.now())) == ("LY-REC-36c", "met_late")
    # from afar, before any return, nothing is owed and nothing late
    from_afar = away(bureau, act)
    store(bureau, from_afar, samples.video(tmp_path / "c.mp4"))
    assert owed(from_afar) == {}


@pytest.mark.rule("LY-REC-36c")
def test_ly_rec_36c_word_of_24_hours_goes_out_at_once_and_the_page_counts_to_the_minute(
    bureau: Bureau, act: Any, desk: Any
) -> None:
    register(bureau, act, start=MADE, end=END)
    recording = away(bureau, act, work_ended_at=at("2026-02-20 22:15"))
    alerts.raise_due(at("2026-02-20 22:20"))
    told = Alert.objects.filter(recipient=bureau.lead).exclude(at_once=False)
    assert {alert.duty_id for alert in told} == {duty(recording, "store_recording").pk}
    page = desk(bureau.lead).get(duty(recording, "store_recording").get_absolute_url()).content.decode()
    assert {alert.threshold_words for alert in told if alert.rank < 0} == {"24小时内到期"}
    for words in ("2026年2月20日（周五）22:15，自事实发生的这一分钟起不间断计算", "22:15前", "22:15起", "22:15止"):
        assert words in page, words


# --- put right --------------------------------------------------------------------------------------------------


@pytest.mark.rule("LY-REC-36a", "LY-REC-36c")
def test_ly_rec_36_a_wrongly_stated_moment_is_corrected_and_its_duty_moves(
    bureau: Bureau, act: Any, custodian: Official, desk: Any
) -> None:
    back = away(bureau, act, work_ended_at=at("2026-02-20 22:15"))
    night = register(bureau, act, start=MADE, end=END, work_ended_at=at("2026-02-17 01:30"))
    kept = register(bureau, act, start=MADE, end=END)
    daily.hand_over(recording=kept, by=fresh(bureau.lead), to=custodian, handed_over_at=at("2026-02-17 18:00"))
    for recording, name in ((back, "returned"), (night, "work_ended"), (kept, "handed_over")):
        address = reverse("enforcement:correct", args=[act.case_id, fact(recording, name).pk])
        assert address in desk(bureau.lead).get(recording.get_absolute_url()).content.decode()
    with pytest.raises(ValueError, match="早于前一步骤（形成音像记录"):
        f.ask_correction(bureau, act.case, fact(back, "returned"), at("2026-02-16 09:59"))
    with pytest.raises(ValueError, match="最迟在录制的次日"):
        f.ask_correction(bureau, act.case, fact(night, "work_ended"), at("2026-02-18 01:30"))
    f.correct(bureau, act.case, fact(back, "returned"), at("2026-02-20 08:05"))
    f.correct(bureau, act.case, fact(night, "work_ended"), at("2026-02-16 20:00"))
    f.correct(bureau, act.case, fact(kept, "handed_over"), at("2026-02-16 18:00"))
    assert owed(back) == {"store_recording": ("LY-REC-36c", "02-21 08:05:00")}
    assert owed(night)["save_recording_same_day"] == ("LY-REC-36a", "02-16 23:59:59")
    assert duty(kept, "save_recording_same_day").state_at(timezone.now()) == "met"
    stands = [Recording.objects.get(pk=row.pk) for row in (back, night, kept)]
    assert [row.work_ended_at for row in stands] == [at("2026-02-20 08:05"), at("2026-02-16 20:00"), None]
    assert stands[2].handed_over_at == at("2026-02-16 18:00")
    told = desk(bureau.lead).get(f"/api/v1/recordings/{back.pk}/").json()
    assert (told["work"], told["work_ended_at"]) == ("elsewhere", "2026-02-20T08:05:00+08:00")


# --- one answer per profile -------------------------------------------------------------------------------------


@pytest.mark.rule("LY-REC-36a", "LY-REC-36b", "LY-REC-36c", "WH-MEAS-17a")
@pytest.mark.parametrize(
    ("profile", "day", "away_from_it"),
    [
        ("weihai-hrss", {"store_recording": "WH-MEAS-17a", "index_recording": "WH-PLAN-6.3b"}, None),
        ("yangquan-hrss", {}, None),
        ("shizuishan-hrss", {}, None),
        (
            "liaoyuan-hrss",
            {"store_recording": "LY-REC-36b", "save_recording_same_day": "LY-REC-36a"},
            {"store_recording": "LY-REC-36c"},
        ),
        # of several terms the earliest: two working days run from the making whatever Liaoyuan says of those who are away
        (
            "strictest",
            {
                "store_recording": "WH-MEAS-17a",
                "index_recording": "WH-PLAN-6.3b",
                "save_recording_same_day": "LY-REC-36a",
            },
            {"store_recording": "LY-REC-36c", "index_recording": "WH-PLAN-6.3b"},
        ),
    ],
)
def test_each_document_has_its_own_time_to_hand_in_and_only_liaoyuans_asks_when_the_work_ended(
    db: None, profile: str, day: dict[str, str], away_from_it: dict[str, str] | None
) -> None:
    bureau = make_bureau(profile=profile)
    act: EvidenceAct = evidence(bureau, accept(bureau, propose(bureau, new_case(bureau)))).acts.get()
    ordinary = register(bureau, act)
    assert {name: rule for name, (rule, _) in owed(ordinary).items()} == day
    browser = Client()
    browser.force_login(bureau.lead, backend="agency.backends.OfficialBackend")
    for name in ("upload", "register"):
        form = browser.get(reverse(f"recording:{name}", args=[act.pk])).content.decode()
        assert ('name="work_ended_at"' in form) is ('name="work"' in form) is (away_from_it is not None)
    for address in (ordinary.work_end_url, reverse("recording:custody", args=[ordinary.pk])):
        assert ("本单位的规定" in browser.get(address).content.decode()) is (away_from_it is None)
        sent = {"work_ended_at": "2026-01-15T01:30", "handed_over_at": "2026-01-15T01:30", "to": bureau.clerk.pk}
        if away_from_it is None:
            assert browser.post(address, sent).status_code == 422
            assert FactRecord.objects.filter(stream=ordinary.stream).count() == 1
    if away_from_it is None:
        with pytest.raises(RecordingRefused, match="没有返回后移交的情形"):
            register(bureau, act, **ELSEWHERE)
        return
    # 14 January 2026 is a Wednesday; back the same evening
    returned = register(bureau, act, **ELSEWHERE, work_ended_at=at("2026-01-14 20:10"))
    assert {name: rule for name, (rule, _) in owed(returned).items()} == away_from_it
    assert owed(returned)["store_recording"][1] == "01-15 20:10:00"
    rules = {basis["rule"] for basis in duty(returned, "store_recording").bases}
    # the page of a duty names no rule that asks for another work than this
    named = {basis["rule"] for basis in duty(returned, "store_recording").explanation["bases"]}
    assert named == rules == {"LY-REC-36c"} | ({"WH-MEAS-17a", "WH-PLAN-6.3a"} if profile == "strictest" else set())


@pytest.mark.rule("LY-REC-36a", "LY-REC-36c")
def test_ly_rec_36_the_form_asks_for_one_moment_and_says_which(bureau: Bureau, act: Any, desk: Any) -> None:
    browser, page = desk(bureau.lead), reverse("recording:register", args=[act.pk])
    shown = browser.get(page).content.decode()
    for words in ("当天收工", "连续工作", "异地工作", "在边远、交通不便地区执法", "收工或者回到本单位的时间"):
        assert words in shown
    base = {"started_at": "2026-02-16T09:00", "made_at": "2026-02-16T10:00", "device": ""}
    for work, moment, words in (
        ("day", "2026-02-16T09:30", "收工时间不能早于录制结束时间"),
        ("day", "2026-02-19T09:30", "当天收工最迟在录制的次日"),
        ("remote", "2026-02-16T09:30", "回到本单位的时间不能早于录制结束时间"),
        ("remote", "2099-02-16T09:30", "回到本单位的时间不能晚于现在"),
    ):
        answer = browser.post(page, base | {"work": work, "work_ended_at": moment})
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert not Recording.objects.exists()
    answer = browser.post(page, base | {"work": "remote", "work_ended_at": ""}, follow=True)
    assert "回到本单位后请登记返回时间，回到本单位后24小时内上传入库" in answer.content.decode()
    answer = browser.post(page, base | {"work": "day", "work_ended_at": ""}, follow=True)
    assert "最迟2026年2月16日" in answer.content.decode()
