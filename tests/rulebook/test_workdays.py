"""Which days are working days, and why the others are not."""

from __future__ import annotations

import pickle
import time
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest

from rulebook import workdays
from rulebook.model import RulebookError
from rulebook.workdays import Calendar, parse_notice

NOTICE_2027 = """
year = 2027
title = "示例：2027年部分节假日安排"

[[holiday]]
name = "元旦"
from = 2026-12-31
to = 2027-01-03

[[holiday]]
name = "春节"
from = 2027-02-05
to = 2027-02-12
worked = [2027-01-30, 2027-02-20]
"""


@pytest.mark.parametrize("year", range(2020, 2027))
def test_every_day_equals_another_transcription_of_the_notices(calendar: Calendar, year: int) -> None:
    day = date(year, 1, 1)
    while day.year == year:
        assert calendar.is_working(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2026-02-14", "调休上班"),
        ("2026-02-15", "春节"),
        ("2026-03-01", "周末"),
        ("2026-03-02", ""),
        ("2020-01-31", "春节"),
        ("2020-02-03", ""),
        ("2022-12-31", "元旦"),
        ("2025-10-06", "国庆节、中秋节"),
    ],
)
def test_a_day_says_why(calendar: Calendar, day: str, reason: str) -> None:
    assert calendar.reason(date.fromisoformat(day)) == reason


@pytest.mark.parametrize("year", range(2020, 2027))
def test_every_year_names_its_notice(calendar: Calendar, year: int) -> None:
    notice = calendar.notice(year)
    assert notice is not None
    assert notice.title == f"国务院办公厅关于{year}年部分节假日安排的通知"
    assert notice.number.startswith(f"国办发明电〔{year - 1}〕")
    assert notice.issued_on is not None
    assert notice.issued_on.year == year - 1


def test_2020_names_the_notice_that_extended_spring_festival(calendar: Calendar) -> None:
    notice = calendar.notice(2020)
    assert notice is not None
    assert "延长2020年春节假期" in notice.citation


@pytest.mark.parametrize(
    ("day", "works", "reason"),
    [
        ("2027-02-05", False, "春节"),  # the eve, since 2025
        ("2027-02-08", False, "春节"),
        ("2027-02-09", True, ""),
        ("2027-05-02", False, "劳动节"),
        ("2027-05-03", True, ""),
        ("2027-06-09", False, "端午节"),
        ("2027-09-15", False, "中秋节"),
        ("2027-10-04", True, ""),
        ("2036-10-01", False, "国庆节"),
        ("2036-02-07", True, ""),
        ("2019-05-02", True, ""),
    ],
)
def test_a_year_without_notice_has_statutory_holidays_and_weekends_only(
    calendar: Calendar, day: str, works: bool, reason: str
) -> None:
    when = date.fromisoformat(day)
    assert calendar.is_provisional(when)
    assert calendar.is_provisional(when.year)
    assert calendar.is_working(when) is works
    assert calendar.reason(when) == reason


def test_entering_a_notice_ends_the_provisional_year_and_changes_the_digest(calendar: Calendar) -> None:
    entered = calendar.with_notices(parse_notice(NOTICE_2027))
    assert not entered.is_provisional(2027)
    assert entered.covers == (*range(2020, 2028),)
    assert entered.reason(date(2026, 12, 31)) == "元旦"
    assert entered.is_working(date(2027, 1, 30))
    assert entered.is_working(date(2027, 4, 5))  # this notice does not list Qingming
    assert entered.digest != calendar.digest
    assert entered.id == "cn-2020-2027"
    assert calendar.is_provisional(2027)
    assert calendar.is_working(date(2026, 12, 31))


def test_counting_forward_and_back_and_between(calendar: Calendar) -> None:
    zero = date(2026, 2, 11)
    seventh = calendar.nth_working_day(zero, 7)
    assert seventh == date(2026, 2, 27)
    assert calendar.nth_working_day_before(date(2026, 2, 28), 7) == date(2026, 2, 12)
    assert calendar.working_days_between(zero, seventh) == 7
    assert calendar.working_days_between(seventh, zero) == -7
    assert calendar.working_days_in(zero, seventh)[2] == date(2026, 2, 14)
    assert calendar.next_working_day(date(2026, 2, 15)) == date(2026, 2, 24)
    assert calendar.next_working_day(date(2026, 2, 14)) == date(2026, 2, 14)
    assert calendar.previous_working_day(date(2026, 2, 23)) == date(2026, 2, 14)
    assert calendar.previous_working_day(date(2026, 2, 14)) == date(2026, 2, 14)


def test_the_edges_of_the_calendar_are_refused_not_guessed(calendar: Calendar) -> None:
    assert calendar.is_working(workdays.LAST_DAY) in (True, False)
    for ask in (
        lambda: calendar.is_working(date(1999, 12, 31)),
        lambda: calendar.nth_working_day(date(2099, 12, 30), 9),
        lambda: calendar.nth_working_day_before(date(2000, 1, 3), 1),
    ):
        with pytest.raises(RulebookError, match="范围"):
            ask()
    with pytest.raises(RulebookError, match="应为正数"):
        calendar.nth_working_day(date(2026, 1, 1), 0)


def test_a_calendar_survives_being_sent_to_another_process(calendar: Calendar) -> None:
    assert pickle.loads(pickle.dumps(calendar)) == calendar


def test_a_hundred_thousand_counts_take_a_fraction_of_walking(calendar: Calendar) -> None:
    starts = [date(2021, 1, 1) + timedelta(days=n % 2000) for n in range(100_000)]
    begun = time.process_time()
    for start in starts:
        calendar.nth_working_day(start, 20)
    # 0.1 s on the reference machine; ten times that still excludes walking day by day (18 s)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("year = 'x'", "year 应为"),
        ("year = 1990\ntitle = 'x'", "year 应为"),
        ("year = 2027", "缺少通知名称"),
        ("year = 2027\ntitle = 'x'", "没有任何假日"),
        ("year = 2027\ntitle = 'x'\nsurprise = 1", "未知字段 surprise"),
        ("year = = 1", "不是有效的TOML"),
        ("year = 2027\ntitle = 'x'\n[[holiday]]\nname = '元旦'\nfrom = 2027-01-03\nto = 2027-01-01", "起止日"),
        ("year = 2027\ntitle = 'x'\n[[holiday]]\nname = '元旦'\nfrom = 2028-01-01\nto = 2028-01-01", "不在2027年"),
        ("year = 2027\ntitle = 'x'\n[[holiday]]\nname = '元旦'\nfrom = 2027-01-01\nto = 2027-06-01", "超过一个月"),
        (
            "year = 2027\ntitle = 'x'\n[[holiday]]\nname = '元旦'\nfrom = 2027-01-01\nto = 2027-01-02\n"
            "worked = [2027-01-02]",
            "列了两次",
        ),
        ("year = 2027\ntitle = 'x'\n[[holiday]]\nfrom = 2027-01-01\nto = 2027-01-02", "没有名称"),
        ("year = 2027\ntitle = 'x'\n[[holiday]]\nname = '元旦'\nday = 1", "未知字段 day"),
    ],
)
def test_a_wrong_notice_is_refused_with_file_and_reason(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "2027.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RulebookError, match=reason) as refused:
        workdays.read_notice(path)
    assert str(refused.value).startswith("2027.toml: ")


def test_two_files_for_one_year_are_refused(tmp_path: Path) -> None:
    for name in ("2027.toml", "2027b.toml"):
        (tmp_path / name).write_text(NOTICE_2027, encoding="utf-8")
    with pytest.raises(RulebookError, match="2027年有两份通知"):
        workdays.load(tmp_path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RulebookError, match="读不出来"):
        workdays.read_notice(tmp_path / "2030.toml")
