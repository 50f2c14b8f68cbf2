"""The holiday notice as it is published is read as the calendar files hold it; what cannot be right is refused at its line."""

from __future__ import annotations

from datetime import date
from itertools import groupby

import pytest

from rulebook import notices, workdays
from rulebook.notices import NoticeUnreadable, YearUnclear
from rulebook.workdays import Notice

NUMERALS = "一二三四五六七"
# The line is that of the State Council's notice for 2026.
NEW_YEAR = "一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。"


def published(notice: Notice, *, weekdays: bool = True) -> str:
    """A calendar file said in the words of a notice: the year only where it is not the notice's own."""

    def said(day: date, *, short: date | None = None) -> str:
        year = f"{day.year}年" if day.year != (short.year if short else notice.year) else ""
        month = "" if short and (short.year, short.month) == (day.year, day.month) else f"{day.month}月"
        note = f"（周{'一二三四五六日'[day.weekday()]}）" if weekdays else ""
        return f"{year}{month}{day.day}日{note}"

    lines = [notice.title, notice.number, "各省、自治区、直辖市人民政府：", ""]
    worked = list(notice.worked)
    for place, (name, group) in enumerate(groupby(notice.off, key=lambda each: each[1])):
        days = [day for day, _ in group]
        span = said(days[0]) + (f"至{said(days[-1], short=days[0])}" if len(days) > 1 else "")
        near = [day for day in worked if abs((day - days[0]).days) < 20]
        worked = [day for day in worked if day not in near]
        line = f"　　{NUMERALS[place]}、{name}：{span}放假调休，共{len(days)}天。"
        lines.append(line + ("、".join(map(said, near)) + "上班。" if near else ""))
    assert not worked
    issued = notice.issued_on
    assert issued is not None
    tail = ["　　节假日期间，各地区、各部门要妥善安排好值班和安全、保卫等工作。", "国务院办公厅"]
    return "\n".join([*lines, *tail, f"{issued.year}年{issued.month}月{issued.day}日"])


@pytest.mark.parametrize("weekdays", [True, False])
@pytest.mark.parametrize("year", range(2020, 2027))
def test_the_words_of_every_notice_are_read_as_its_file_holds_them(year: int, weekdays: bool) -> None:
    filed = workdays.get().notice(year)
    assert filed is not None
    read = notices.read(published(filed, weekdays=weekdays))
    assert (read.notice.off, read.notice.worked) == (filed.off, filed.worked)
    assert (read.notice.title, read.notice.number, read.notice.issued_on) == (
        filed.title,
        filed.number,
        filed.issued_on,
    )
    assert read.missing == ()


def test_what_was_read_is_a_file_that_says_the_same() -> None:
    read = notices.read(NEW_YEAR, year=2026, number="示例〔2025〕1号")
    again = notices.read(read.toml)
    assert again.notice == read.notice
    assert read.notice.citation == "国务院办公厅关于2026年部分节假日安排的通知（示例〔2025〕1号）"


def test_one_line_of_a_notice_is_enough_and_what_it_leaves_out_is_said() -> None:
    read = notices.read(NEW_YEAR, year=2026)
    assert [day for day, _ in read.notice.off] == [date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)]
    assert read.notice.worked == (date(2026, 1, 4),)
    assert read.missing == ("春节", "清明", "劳动", "端午", "中秋", "国庆")


@pytest.mark.parametrize(
    ("text", "off", "worked"),
    [
        ("元旦：1月1日放假，与周末连休。", ["2024-01-01"], []),
        ("一、元旦: 2022年12月31日至2024年1月1日放假", None, None),
        ("元旦：12月31日至1月1日放假，共2天。12月30日（周六）上班。", ["2023-12-31", "2024-01-01"], ["2023-12-30"]),
        (
            "二、春节：2月10日至17日放假调休，共8天。2月4日（星期日）、18日（星期天）上班。鼓励安排职工在除夕（2月9日）休息。",
            [f"2024-02-{day}" for day in range(10, 18)],
            ["2024-02-04", "2024-02-18"],
        ),
        ("1. 端午节：6月8日、9日、10日放假，共三天。", ["2024-06-08", "2024-06-09", "2024-06-10"], []),
        (
            "四、劳动节：5月1日（周三）至5日（周日）放假调休，\n共5天。\n4月28日（周日）\n上班。",
            [f"2024-05-0{day}" for day in range(1, 6)],
            ["2024-04-28"],
        ),
        (
            "六、中秋节和国庆节：9月29日至10月1日放假。 七、示例纪念日：11月3日放假。",
            ["2024-09-29", "2024-09-30", "2024-10-01", "2024-11-03"],
            [],
        ),
    ],
)
def test_the_ways_in_which_notices_are_written(text: str, off: list[str] | None, worked: list[str] | None) -> None:
    if off is None or worked is None:
        with pytest.raises(NoticeUnreadable, match="“2022年12月31日”不在2024年"):
            notices.read(text, year=2024)
        return
    read = notices.read(text, year=2024).notice
    assert [day.isoformat() for day, _ in read.off] == off
    assert [day.isoformat() for day in read.worked] == worked


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (f"{NEW_YEAR}\n二、春节：2月15日（周六）至23日放假。", 2, "2026年2月15日是周日，这里写的是周六"),
        (f"{NEW_YEAR}\n\n二、春节：2月15日至23日放假，共8天。", 3, "起止日期共9天，这里写的是8天"),
        (f"{NEW_YEAR}\n二、春节：2月30日放假。", 2, "没有2026年2月30日这一天"),
        (f"{NEW_YEAR}\n二、春节：2月23日至15日放假。", 2, "2月23日（周一）至2月15日（周日）的起止不成立"),
        (f"{NEW_YEAR}\n二、春节：15日至23日放假。", 2, "“15日”没有月份"),
        (f"{NEW_YEAR}\n二、春节：1月3日放假。", 2, "1月3日（周六）已经在第1行写过"),
        (f"{NEW_YEAR}\n二、春节：2月15日至23日。", 2, "“2月15日至23日”没有写明是放假还是上班"),
        (f"{NEW_YEAR}\n二、春节：另行通知。", 2, "春节没有写明放假的日期"),
        (f"{NEW_YEAR}\n二、春节：2月15日放假。2月16日上班。", 2, "2月16日（周一）本来就是工作日，不能列为调休上班"),
        ("5月1日至5日放假。", 1, "看不出“5月1日至5日放假。”说的是哪个假日"),
        ("放假安排", 0, "没有读到任何假日"),
        ("  \n", 0, "没有内容"),
        ("year = 2027\ntitle = 'x'\n[[holiday]]\nname = ", 4, "不是有效的TOML"),
        ("year = 2027\ntitle = 'x'\n[[holiday]]\nname='元旦'\nfrom=2027-01-01\nto=2026-12-01\n", 5, "起止日"),
        (
            "year = 2027\ntitle = 'x'\n[[holiday]]\nname='元旦'\nfrom=2027-01-01\nto=2027-01-01\nrest=1\n",
            7,
            "未知字段 rest",
        ),
    ],
)
def test_what_cannot_be_right_is_refused_at_its_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(NoticeUnreadable) as refused:
        notices.read(text, year=2026 if "year =" not in text else None)
    [problem] = refused.value.problems
    assert (problem.line, reason in problem.reason) == (line, True), str(problem)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(NoticeUnreadable) as refused:
        notices.read("一、元旦：1月1日（周五）放假。\n二、春节：2月30日放假。", year=2026)
    assert [problem.line for problem in refused.value.problems] == [1, 2]
    assert str(refused.value) == "第1行：2026年1月1日是周四，这里写的是周五；第2行：没有2026年2月30日这一天"


@pytest.mark.parametrize(
    ("text", "year", "reason"),
    [
        (NEW_YEAR, None, "没有写明是哪一年的"),
        (
            f"国务院办公厅关于2026年部分节假日安排的通知\n{NEW_YEAR}",
            2027,
            "内容是2026年的放假安排，与所填的2027年不一致",
        ),
        (f"关于2026年、现将2027年放假\n关于1999年放假\n{NEW_YEAR}", None, "不能录入1999年的"),
        (
            "year = 2026\ntitle='x'\n[[holiday]]\nname='元旦'\nfrom=2026-01-01\nto=2026-01-01\n",
            2027,
            "内容是2026年的放假安排",
        ),
    ],
)
def test_a_year_that_is_not_clear_is_asked_for(text: str, year: int | None, reason: str) -> None:
    with pytest.raises(YearUnclear, match=reason):
        notices.read(text, year=year)


def test_a_book_is_not_a_notice() -> None:
    with pytest.raises(NoticeUnreadable, match="不像是一份放假安排"):
        notices.read("元旦：1月1日放假。" * 3000, year=2026)
