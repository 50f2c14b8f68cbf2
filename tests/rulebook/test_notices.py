"""The holiday notice as it is published is read as the calendar files hold it; what cannot be right is refused at its line."""

from __future__ import annotations

from datetime import date
from itertools import groupby

import pytest

from rulebook import notices, workdays
from rulebook.model import RulebookError
from rulebook.notices import NoticeUnreadable, YearUnclear
from rulebook.pasting import decoded
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


# --- as it comes from clipboards and files ----------------------------------------------------------------------


def days_of(text: str, year: int = 2026) -> tuple[list[str], list[str]]:
    notice = notices.read(text, year=year).notice
    return [day.isoformat() for day, _ in notice.off], [day.isoformat() for day in notice.worked]


NEW_YEAR_DAYS = (["2026-01-01", "2026-01-02", "2026-01-03"], ["2026-01-04"])


@pytest.mark.parametrize(
    "text",
    [
        "<p><strong>一、<span>元旦</span></strong>：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。</p>",
        "<strong>元旦</strong>：1月1日至3日放假，<br/>共3天。<a\nhref='x'>1月4日</a>上班。",
        "&lt;b&gt;一、元旦&lt;/b&gt;：&nbsp;1月1日&mdash;3日放假。1月4日上班。",
        "**一、元旦：** 1 月 1 日 至 3 日 放假，共 3 天。1 月 4 日（周日）上班。",
        "一、元旦：1月1-3日放假，共3天。1月4日上班。",
        "一、元旦：1月1日-1月3日放假。1月4日上班。",
        "一、元旦：1月1～3日（周四至周六）放假。1月4日上班。",
        "一、元旦：1月1（周四）-3日（周六）放假。1月4日上班。",
        "一、元旦：1月1、2、3日放假，共三天。1月4号上班。",
        "一、元旦：1月1号至3号放假，1月4号上班。",
        "一、元旦：一月一日至三日放假，共三天。一月四日上班。",
        "一、元旦：2026-01-01至2026-01-03放假。2026/1/4上班。",
        "一、元旦：1月1日至3日放假，共3天，1月4日（周日）上班。",
        "一、元旦\u200b：1月1日至3日放假。\u00a01月4日上班。",
        "节日\t放假时间\t调休上班日期\t放假天数\n元旦\t1月1日（周四）至3日（周六）\t1月4日（周日）\t3天",
        "节假日名称\t天数\t放假日期\t补班\n元旦\t3\t1月1-3日\t1月4日",
        "| 节日 | 放假时间 | 上班 |\n| --- | --- | --- |\n| 元旦 | 1月1日至3日 | 1月4日 |",
        "<table><tr><td>节日</td><td>放假时间</td><td>上班</td></tr>\n<tr><td>元旦</td> <td>1月1日至3日</td><td>1月4日</td></tr></table>",
        "元旦\t1月1日至3日放假\t1月4日上班",
        "假期\t日期\t上班\n元旦\t1月1日至3日\t1月4日",
        "一、元旦：1月1日至3日放假，1月4日（周日）补班。",
        "元旦：1月1日至3日休息，1月4日照常上班",
        "元旦：1月1日至3日放假，1月4日正常工作。",
        "元旦：放假时间为1月1日至3日；上班：1月4日。",
        "元旦：1月1日至3日放假，共3天（其中1月3日为周六）。1月4日上班。",
        "元旦 1月1日-3日 放假 3天，1月4日上班",
        "一、元旦\n1月1日至3日放假调休，共3天。1月4日上班。",
    ],
)
def test_what_clipboards_do_to_the_words_is_undone(text: str) -> None:
    assert days_of(text) == NEW_YEAR_DAYS
    assert {name for _, name in notices.read(text, year=2026).notice.off} == {"元旦"}


def test_lines_keep_their_numbers_whatever_was_undone() -> None:
    text = "<div\nclass='x'>\n<p>一、元旦：1月1日（周五）放假。</p>"
    with pytest.raises(NoticeUnreadable, match=r"^第3行：2026年1月1日是周四"):
        notices.read(text, year=2026)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (f"{NEW_YEAR}\n3月8日妇女放假半天。", 2, "“3月8日妇女放假半天”是半天，不是整日"),
        (f"{NEW_YEAR}\n八、妇女节：3月8日放假半天。", 2, "“3月8日放假半天”是半天，不是整日"),
        (f"{NEW_YEAR}3月8日下午放假半日。", 1, "“3月8日下午放假半日”是半天，不是整日"),
        (f"{NEW_YEAR}\n青年节：5月4日14周岁以上的青年放假1天。", 2, "只对部分人放假"),
        (f"{NEW_YEAR}\n9月3日抗战胜利纪念日放假1天。", 2, "看不出“9月3日抗战胜利纪念日放假1天。”说的是哪个假日"),
        (f"{NEW_YEAR}9月3日抗战胜利日放假1天。", 1, "写在元旦里，说的却是抗战胜利日，请另起一行"),
        ("一、元旦：1.1-1.3放假", 1, "元旦没有写明放假的日期，这里写的是“1.1-1.3放假”；日期应写成“1月1日”"),
        ("元旦：1月1日至3日放假，1月4日值班。", 1, "“1月4日值班”没有写明是放假还是上班"),
        (
            "元旦：放假时间1月1日至3日，1月4日上班。",
            1,
            "看不出“放假时间1月1日至3日,1月4日上班”中哪些日子放假、哪些日子上班",
        ),
        ("元旦\t1月1日至3日\t无", 1, "“1月1日至3日”没有写明是放假还是上班"),
        ("一、元旦：1月1日至3日（周三至周六）放假。", 1, "2026年1月1日是周四，这里写的是周三"),
        ("一、元旦：1月1日至3日（周四至周日）放假。", 1, "2026年1月3日是周六，这里写的是周日"),
        ("节日\t放假时间\n元旦\t1月1日（周五）", 2, "2026年1月1日是周四，这里写的是周五"),
    ],
)
def test_what_has_no_one_reading_is_refused_with_the_true_reason(text: str, line: int, reason: str) -> None:
    with pytest.raises(NoticeUnreadable) as refused:
        notices.read(text, year=2026)
    [problem] = refused.value.problems
    assert problem.line == line
    assert reason in problem.reason


def test_the_notices_of_two_years_are_told_apart() -> None:
    title = "国务院办公厅关于{}年部分节假日安排的通知\n"
    with pytest.raises(YearUnclear, match="不止一年的放假安排（2025、2026），请只留下一年的"):
        notices.read(f"{title.format(2025)}{title.format(2026)}{NEW_YEAR}", year=2026)


@pytest.mark.parametrize(
    ("coding", "name"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("gb18030", "GB18030"), ("gbk", "GB18030"), ("utf-16", "UTF-16")],
)
def test_files_of_an_office_are_read_and_the_encoding_is_named(coding: str, name: str) -> None:
    assert decoded(NEW_YEAR.encode(coding)) == (NEW_YEAR, name)


@pytest.mark.parametrize("content", [b"PK\x03\x04\x00\x00", b"\xff\xfe\x00", b"\xff\xff\xff"])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(RulebookError, match="文件不是文本，读不出来"):
        decoded(content)


# --- a change of a notice ---------------------------------------------------------------------------------------

# As the calendar file of 2020 was before the spring festival was lengthened; the words are the State Council's.
LENGTHENED = """国务院办公厅关于延长2020年春节假期的通知
国办发明电〔2020〕1号
各省、自治区、直辖市人民政府：
一、延长2020年春节假期至2月2日（农历正月初九，星期日），2月3日（星期一）起正常上班。
二、各地大专院校、中小学、幼儿园推迟开学，具体时间由教育部门另行通知。
国务院办公厅
2020年1月26日"""


@pytest.fixture
def before_2020() -> Notice:
    text = (workdays.CALENDARS / "2020.toml").read_text(encoding="utf-8")
    lines = [line for line in text.split("\n") if not line.startswith("amended_by")]
    whole = "\n".join(lines).replace("to = 2020-02-02", "to = 2020-01-30")
    return notices.read(whole.replace("worked = [2020-01-19]", "worked = [2020-01-19, 2020-02-01]")).notice


def changed(base: Notice | None, text: str, **options: object) -> Notice:
    return notices.read(text, in_force=lambda year: base if base and base.year == year else None, **options).notice  # type: ignore[arg-type]


def test_the_longer_spring_festival_of_2020_is_read_as_the_calendar_file_holds_it(before_2020: Notice) -> None:
    filed = workdays.get().notice(2020)
    assert filed is not None
    read = changed(before_2020, LENGTHENED)
    assert (read.off, read.worked, read.citation) == (filed.off, filed.worked, filed.citation)
    assert read.worked_for == filed.worked_for


@pytest.mark.parametrize(
    ("text", "off", "worked"),
    [
        ("春节假期延长至2月2日，2月3日起上班。", ["2020-01-24", "2020-02-02"], ["2020-01-19"]),
        ("将春节放假时间调整为1月24日至2月2日", ["2020-01-24", "2020-02-02"], []),
        ("春节放假安排调整为：1月24日至31日放假调休，共8天。1月19日上班。", ["2020-01-24", "2020-01-31"], ["2020-01-19"]),
        ("现将调整后的放假安排通知如下：\n二、春节：1月24日至29日放假，共6天。", ["2020-01-24", "2020-01-29"], []),
        (
            "国务院办公厅关于调整2020年春节假期安排的通知\n一、2020年1月24日至31日放假调休，共8天。1月19日（星期日）上班。",
            ["2020-01-24", "2020-01-31"],
            ["2020-01-19"],
        ),
    ],
)  # fmt: skip
def test_a_change_is_joined_with_what_it_leaves_as_it_is(
    before_2020: Notice, text: str, off: list[str], worked: list[str]
) -> None:
    read = changed(before_2020, text, year=2020)
    spring = [day.isoformat() for day, name in read.off if name == "春节"]
    assert [spring[0], spring[-1]] == off
    assert [day.isoformat() for day, name in read.worked_for if name == "春节"] == worked
    others = {(day, name) for day, name in before_2020.off if name != "春节"}
    assert others == {(day, name) for day, name in read.off if name != "春节"}
    assert set(read.worked_for) >= {(day, name) for day, name in before_2020.worked_for if name != "春节"}
    assert read.title == before_2020.title
    assert read.amended_by.startswith(("关于调整春节", "国务院办公厅关于调整2020年春节"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("春节假期延长至2月2日（周六）", "第1行：2020年2月2日是周日，这里写的是周六"),
        ("春节假期延长至1月29日", "第1行：春节现在放假到1月30日，“1月29日”不是延长"),
        ("春节假期延长至2月2日，2月4日起上班", "第1行：放假到2月2日，“2月4日起上班”不是第二天"),
    ],
)
def test_a_change_that_cannot_be_right_is_refused(before_2020: Notice, text: str, reason: str) -> None:
    with pytest.raises(NoticeUnreadable, match=reason):
        changed(before_2020, text, year=2020)


def test_a_change_of_a_notice_that_is_not_there_says_what_to_enter_first() -> None:
    with pytest.raises(
        NoticeUnreadable, match="这是对2020年已有安排的调整，而2020年的放假安排还没有录入：请先录入原来的通知"
    ):
        changed(None, LENGTHENED)


def test_a_change_says_of_which_year_it_is(before_2020: Notice) -> None:
    with pytest.raises(YearUnclear, match="没有写明调整的是哪一年的放假安排"):
        changed(before_2020, "春节假期延长至2月2日")
    with pytest.raises(YearUnclear, match="内容是对2020年放假安排的调整，与所填的2021年不一致"):
        changed(before_2020, LENGTHENED, year=2021)


@pytest.mark.parametrize("year", range(2020, 2027))
def test_a_whole_notice_is_never_taken_for_a_change(year: int) -> None:
    filed = workdays.get().notice(year)
    assert filed is not None
    said = "节假日期间如遇调整安排，各地区要妥善安排好值班。"
    read = notices.read(f"{published(filed)}\n{said}").notice
    assert (read.off, read.amended_by) == (filed.off, "")
