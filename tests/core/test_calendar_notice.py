"""R8: a notice is entered, open duties move, their owners are told which and why."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from agency.models import Official, Role, Unit
from core import calendars, facts, registry
from core.facts import Fact, Subject
from core.models import Alert, CalendarYear, Duty
from tests.alerts.conftest import last_second, moment

pytestmark = pytest.mark.django_db

# An invented notice: 2027's real one is not published.
NOTICE = """
year = 2027
title = "示例通知"
number = "示例〔2026〕1号"
[[holiday]]
name = "元旦"
from = 2027-01-01
to = 2027-01-05
worked = [2027-01-09]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Fact):
    name = "enforcement.decision_made"
    label = "作出决定"
    act_kind: str = "penalty"
    has_fine: bool = True


@pytest.fixture(autouse=True)
def _forget_calendar() -> None:
    """Every test begins with the calendar of the files."""
    calendars._cached = None


@pytest.fixture
def provisional(section: Unit, clerk: Official, monkeypatch: pytest.MonkeyPatch) -> Duty:
    """Publication within seven working days of a decision at the end of 2026: it ends in a year without a notice."""
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: moment("2026-12-30T12:00"))
    monkeypatch.setattr(registry, "handlers_of", lambda name: ())
    file = Subject(stream="case:7", title="某某示例公司案", url="/desk/cases/7/")
    facts.record(Decision(subject=file, unit=section.pk), happened_at=moment("2026-12-30T10:00"), by=clerk)
    return Duty.objects.get(obligation="publish_decision")


def write(tmp_path: Path, text: str) -> str:
    file = tmp_path / "2027.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_r8_without_a_notice_the_end_is_provisional_and_moves_when_it_is_entered(
    provisional: Duty, clerk: Official, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert provisional.provisional
    assert provisional.due_at == last_second("2027-01-11")  # 31 Dec, 4-8 Jan, 11 Jan
    call_command("load_calendar", write(tmp_path, NOTICE), "--incomplete", skip_checks=True)
    provisional.refresh_from_db()
    # 31 Dec ①, 6 ② 7 ③ 8 ④ 9 (worked) ⑤ 11 ⑥ 12 ⑦
    assert provisional.due_at == last_second("2027-01-12")
    assert not provisional.provisional
    shown = capsys.readouterr().out
    assert "已录入2027年：示例通知（示例〔2026〕1号）" in shown
    assert "2027年1月11日（周一） → 2027年1月12日（周二）" in shown
    told = Alert.objects.get(recipient=clerk, key__startswith="calendar:2027:")
    assert "1月12日" in told.body
    assert "示例通知（示例〔2026〕1号）" in told.body


def test_the_moves_are_told_as_json(provisional: Duty, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_calendar", write(tmp_path, NOTICE), "--incomplete", "--json", skip_checks=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["year"], told["citation"]) == (2027, "示例通知（示例〔2026〕1号）")
    assert {
        "duty": provisional.title,
        "subject": "某某示例公司案",
        "old": "2027-01-11T23:59:59+08:00",
        "new": "2027-01-12T23:59:59+08:00",
    } in told["moves"]
    assert len(told["moves"]) == Duty.objects.filter(due_at=last_second("2027-01-12")).count()


def test_entering_the_same_notice_again_moves_nothing_and_tells_nobody_twice(provisional: Duty, tmp_path: Path) -> None:
    file = write(tmp_path, NOTICE)
    call_command("load_calendar", file, "--incomplete", skip_checks=True)
    before = Alert.objects.count()
    call_command("load_calendar", file, "--incomplete", skip_checks=True)
    assert Alert.objects.count() == before


def test_a_preview_names_the_moves_and_writes_nothing(
    provisional: Duty, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("load_calendar", write(tmp_path, NOTICE), "--preview", skip_checks=True)
    said = capsys.readouterr()
    assert "2027年：示例通知（示例〔2026〕1号）（预览，没有录入）" in said.out
    assert "2项期限将要改变" in said.out
    assert "2027年1月11日（周一） → 2027年1月12日（周二）" in said.out
    assert "没有列出春节、清明、劳动、端午、中秋、国庆" in said.err
    call_command("load_calendar", write(tmp_path, NOTICE), "--preview", "--json", skip_checks=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["preview"], told["total"], len(told["moves"])) == (True, 2, 2)
    assert not CalendarYear.objects.exists()
    provisional.refresh_from_db()
    assert provisional.due_at == last_second("2027-01-11")


def test_the_published_words_are_a_file_too(
    provisional: Duty, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = write(tmp_path, "一、元旦：1月1日（周五）至5日（周二）放假调休，共5天。1月9日（周六）上班。")
    call_command("load_calendar", words, "--incomplete", "--year=2027", "--number=示例〔2026〕1号", skip_checks=True)
    assert "已录入2027年：国务院办公厅关于2027年部分节假日安排的通知（示例〔2026〕1号）" in capsys.readouterr().out
    provisional.refresh_from_db()
    assert provisional.due_at == last_second("2027-01-12")


def test_an_entry_is_undone_with_its_reason(
    provisional: Duty, clerk: Official, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("load_calendar", write(tmp_path, NOTICE), "--incomplete", skip_checks=True)
    with pytest.raises(CommandError, match="请说明撤销的理由"):
        call_command("load_calendar", "--undo=2027", skip_checks=True)
    call_command("load_calendar", "--undo=2027", "--reason=示例：录错了通知", skip_checks=True)
    assert "已撤销录入：2027年：示例通知" in capsys.readouterr().out
    provisional.refresh_from_db()
    assert provisional.due_at == last_second("2027-01-11")
    with pytest.raises(CommandError, match="2027年没有可以撤销的录入"):
        call_command("load_calendar", "--undo=2027", "--reason=示例", skip_checks=True)


def test_in_whose_name_the_server_enters_is_said_and_must_be_legal_affairs(
    provisional: Duty, clerk: Official, official: Callable[..., Official], legal_office: Unit, tmp_path: Path
) -> None:
    official("赵样本", Role.LEGAL_REVIEWER, legal_office)
    file = write(tmp_path, NOTICE)
    with pytest.raises(CommandError, match="放假安排由法制科室的人员录入和撤销"):
        call_command("load_calendar", file, "--incomplete", "--by=张示例", skip_checks=True)
    with pytest.raises(CommandError, match="没有用户名为 nobody 的在用账号"):
        call_command("load_calendar", file, "--incomplete", "--by=nobody", skip_checks=True)
    call_command("load_calendar", file, "--incomplete", "--by=赵样本", skip_checks=True)
    assert CalendarYear.objects.get().entered_by.name == "赵样本"


@pytest.mark.parametrize("arguments", [[], ["2027.toml", "--undo=2027"]])
def test_a_file_or_a_year_to_undo_is_needed(db: None, arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="请给出放假安排的文件，或者用 --undo 写明撤销哪一年的录入"):
        call_command("load_calendar", *arguments, skip_checks=True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("year = 2027\n", "缺少通知名称"),
        ("year = 20227\ntitle='x'\n", "year 应为"),
        ("year = ", "不是有效的TOML"),
        (NOTICE.replace("to = 2027-01-05", "to = 2026-12-01"), "起止日"),
        (NOTICE + "mystery = 1\n", "第10行：.*未知字段 mystery"),
        ("一、元旦：2027年1月1日（周四）放假。", "没有写明是哪一年的"),
        ("关于2027年放假\n一、元旦：1月1日（周四）放假。", "第2行：2027年1月1日是周五，这里写的是周四"),
    ],
)
def test_a_wrong_file_is_refused_with_its_reason_and_nothing_changes(
    provisional: Duty, tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(CommandError, match=reason):
        call_command("load_calendar", write(tmp_path, text), skip_checks=True)
    assert not CalendarYear.objects.exists()
    provisional.refresh_from_db()
    assert provisional.due_at == last_second("2027-01-11")


def test_a_notice_that_leaves_holidays_out_is_entered_only_where_it_is_said_to(
    provisional: Duty, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, NOTICE)
    with pytest.raises(
        CommandError, match=r"2027\.toml：没有列出春节、清明、劳动、端午、中秋、国庆，没有录入.*加 --incomplete"
    ):
        call_command("load_calendar", file, skip_checks=True)
    assert not CalendarYear.objects.exists()
    provisional.refresh_from_db()
    assert provisional.provisional
    assert calendars.current().is_provisional(2027)
    call_command("load_calendar", file, "--incomplete", skip_checks=True)
    assert "没有列出春节、清明、劳动、端午、中秋、国庆，这些节日将按普通的日子计算" in capsys.readouterr().err
    assert not calendars.current().is_provisional(2027)


@pytest.mark.parametrize(
    ("coding", "name"), [("gb18030", "GB18030"), ("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16")]
)
def test_a_file_as_an_office_saves_it_is_read_and_its_encoding_named(
    provisional: Duty, tmp_path: Path, capsys: pytest.CaptureFixture[str], coding: str, name: str
) -> None:
    file = tmp_path / "通知.txt"
    file.write_bytes(NOTICE.encode(coding))
    call_command("load_calendar", str(file), "--preview", skip_checks=True)
    assert f"文件按 {name} 读取" in capsys.readouterr().out
    call_command("load_calendar", str(file), "--preview", "--json", skip_checks=True)
    assert json.loads(capsys.readouterr().out)["encoding"] == name


def test_a_file_that_is_no_text_is_refused(provisional: Duty, tmp_path: Path) -> None:
    file = tmp_path / "notice.doc"
    file.write_bytes(b"\xd0\xcf\x11\xe0\x00\x00")
    with pytest.raises(CommandError, match=r"notice\.doc：文件不是文本，读不出来"):
        call_command("load_calendar", str(file), skip_checks=True)


def test_a_change_of_the_notice_in_force_is_entered_as_it_is_published(
    provisional: Duty, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("load_calendar", write(tmp_path, NOTICE), "--incomplete", skip_checks=True)
    change = tmp_path / "change.txt"
    change.write_text(
        "国务院办公厅关于延长2027年元旦假期的通知\n延长2027年元旦假期至1月6日（周三），1月7日（周四）起正常上班。",
        encoding="utf-8",
    )
    call_command("load_calendar", str(change), "--incomplete", skip_checks=True)
    assert "示例通知（示例〔2026〕1号），经国务院办公厅关于延长2027年元旦假期的通知调整" in capsys.readouterr().out
    provisional.refresh_from_db()
    # 31 Dec ①, 7 ② 8 ③ 9 (worked) ④ 11 ⑤ 12 ⑥ 13 ⑦
    assert provisional.due_at == last_second("2027-01-13")
