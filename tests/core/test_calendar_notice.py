"""R8: a notice is entered, open duties move, their owners are told which and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from agency.models import Official, Unit
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
    call_command("load_calendar", write(tmp_path, NOTICE), skip_checks=True)
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
    call_command("load_calendar", write(tmp_path, NOTICE), "--json", skip_checks=True)
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
    call_command("load_calendar", file, skip_checks=True)
    before = Alert.objects.count()
    call_command("load_calendar", file, skip_checks=True)
    assert Alert.objects.count() == before


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("year = 2027\n", "缺少通知名称"),
        ("year = 20227\ntitle='x'\n", "year 应为"),
        ("year = ", "不是有效的TOML"),
        (NOTICE.replace("to = 2027-01-05", "to = 2026-12-01"), "起止日"),
        (NOTICE + "mystery = 1\n", "未知字段 mystery"),
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
