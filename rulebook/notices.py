"""The State Council's holiday notice as it is published (一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。…), or as a file of
`rulebook/calendars`: read, checked against itself, and written as such a file.

What a notice says twice must agree: the weekday with the date, the number of days with the span. Every refusal names its line.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from rulebook import amending
from rulebook.amending import STATUTORY, Span
from rulebook.model import RulebookError
from rulebook.pasting import plain_lines
from rulebook.workdays import FIRST_DAY, LAST_DAY, Notice, parse_notice

TITLE = "国务院办公厅关于{}年部分节假日安排的通知"
WEEKDAYS = "一二三四五六日"
LONGEST = 20_000
_TOML = re.compile(r"^\s*(?:year\s*=|title\s*=|\[\[\s*holiday\s*\]\])", re.M)
_KNOWN = amending.KNOWN
_HEAD = re.compile(
    rf"(?:(?<![一-龥\d])(?:[一二三四五六七八九十]{{1,3}}|\d{{1,2}})[、.．]\s*(?P<named>[^:。,，\d]{{2,24}})|(?P<known>{_KNOWN}(?:[、和及]{_KNOWN})*))\s*:"
)
_TOKEN = re.compile(rf"(?P<to>(?:至|到|[-—–~～])\s*)?{amending.DAY}")
_DATED = re.compile(r"\d{1,2}月\d{1,2}日")
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
_COUNT = re.compile(r"(?:共|放假)\s*(\d{1,2}|[一二三四五六七八九十])\s*天")
_YEAR = re.compile(r"(?:关于|现将|^)\s*(\d{4})年(?!\d{1,2}月)[^。]{0,40}(?:节假日|放假)")
_TITLE = re.compile(r"国务院办公厅关于\d{4}年部分节假日安排的通知")
_NUMBER = re.compile(r"[一-龥]{2,12}[〔\[(]\d{4}[〕\])]\d{1,4}号")
_ISSUED = re.compile(r"^(\d{4})年(\d{1,2})月(\d{1,2})日$")
# "1月1日放假,1月2日上班": each verb ends a clause, the count of days goes with the first.
_VERB = re.compile(r"(?:放假(?:调休)?(?:[,、]?共?\s*(?:\d{1,2}|[一二三四五六七八九十])\s*天)?|上班)[,、]?")
_HALF = re.compile(r"半天|半日|0\.5天")
_SOME = re.compile(r"妇女|青年|儿童|军人|少数民族|学生|教师|护士|记者")
_A_HOLIDAY = re.compile(r"[一-龥]{1,6}(?:节|纪念日|胜利日)")
_NUMERALS = {sign: value for value, sign in enumerate("一二三四五六七八九十", start=1)}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one line of a notice; line 0 is the notice as a whole."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"第{self.line}行：{self.reason}" if self.line else self.reason


class NoticeUnreadable(RulebookError):
    """A notice that cannot be taken as it stands, with everything that is wrong with it. The message is Chinese."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("；".join(map(str, problems)))
        self.problems = problems


class YearUnclear(RulebookError):
    """Which year a notice is for is not said, or said differently elsewhere. The message is Chinese."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A notice as read: what it says, the same as a file of `rulebook/calendars`, and the statutory holidays it does not name."""

    notice: Notice
    toml: str
    missing: tuple[str, ...]


def read(
    text: str,
    *,
    year: int | None = None,
    number: str = "",
    in_force: Callable[[int], Notice | None] = lambda year: None,
) -> Reading:
    """A notice from its published words or from a file's text.

    `year` and `number` are those of the notice where the words pasted leave them out. `in_force` gives the notice of a year, to which a
    notice that only changes it is joined. Raises NoticeUnreadable naming the lines, YearUnclear where the year is not known or contradicted.
    """
    if len(text) > LONGEST:
        raise NoticeUnreadable(Problem(0, f"内容超过{LONGEST:,}字，不像是一份放假安排"))
    if not text.strip():
        raise NoticeUnreadable(Problem(0, "没有内容"))
    if _TOML.search(text):
        toml, lines = text, None
        notice = _parsed(toml)
    else:
        plain = plain_lines(text)
        if amending.is_change(plain):
            toml, lines = _changed(plain, year, number, in_force)
        else:
            words = _Words(plain, year)
            toml, lines = words.as_toml(number), words.lines
        notice = _parsed(toml)
    if year is not None and notice.year != year:
        raise YearUnclear(f"内容是{notice.year}年的放假安排，与所填的{year}年不一致")
    _refuse_worked_weekdays(notice, toml, lines)
    named = {name for _, name in notice.off}
    missing = tuple(each for each in STATUTORY if not any(each in name for name in named))
    return Reading(notice, toml, missing)


def _changed(
    plain: list[str], year: int | None, number: str, in_force: Callable[[int], Notice | None]
) -> tuple[str, dict[date, int]]:
    """A change of the notice in force, joined with it, as a file; and the line of each day that it says."""
    said = amending.years_of(plain)
    if year is None and len(said) != 1:
        raise YearUnclear("没有写明调整的是哪一年的放假安排，请填写年份")
    if year is not None and said - {year}:
        raise YearUnclear(f"内容是对{min(said - {year})}年放假安排的调整，与所填的{year}年不一致")
    year = year or said.pop()
    base = in_force(year)
    if base is None:
        raise NoticeUnreadable(
            Problem(0, f"这是对{year}年已有安排的调整，而{year}年的放假安排还没有录入：请先录入原来的通知，再录入调整")
        )
    change = amending.as_whole(plain, base)
    if change.problems:
        raise NoticeUnreadable(*(Problem(line, reason) for line, reason in change.problems))
    words = _Words(change.lines, year)
    known = {stem for span in amending.spans_of(base) for stem in amending.stems_of(span.name)}
    if unknown := [each for each in words.holidays if not amending.stems_of(each.name) & known]:
        raise NoticeUnreadable(
            *(Problem(each.line, f"{year}年现行的安排中没有{each.name}，看不出调整的是什么") for each in unknown)
        )
    title = amending.title_of(plain) or f"关于调整{'、'.join(each.name for each in words.holidays)}放假安排的通知"
    number = number.strip() or words.number
    amended_by = "、".join(filter(None, (base.amended_by, title + (f"（{number}）" if number else ""))))
    issued = [base.issued_on] if base.issued_on else []
    spans = amending.joined(base, words.spans())
    return _toml(year, base.title, base.number, issued, spans, amended_by=amended_by), words.lines


def _parsed(toml: str) -> Notice:
    """As `load_calendar` has always read it, with the line of what is wrong."""
    try:
        tomllib.loads(toml)
    except tomllib.TOMLDecodeError as wrong:
        at = re.search(r"at line (\d+)", str(wrong))
        line = int(at[1]) if at else toml.rstrip().count("\n") + 1
        raise NoticeUnreadable(Problem(line, "不是有效的TOML")) from wrong
    try:
        return parse_notice(toml, "放假安排")
    except RulebookError as wrong:
        raise NoticeUnreadable(Problem(_line_of(toml, str(wrong)), str(wrong).removeprefix("放假安排: "))) from wrong


def _line_of(toml: str, message: str) -> int:
    """The line a message is about: that of the date, the holiday or the field it names; 0 where it names none."""
    for kind in (r"\d{4}-\d{2}-\d{2}", r"[a-z_]{4,}", r"[一-龥、]{2,}节|元旦"):
        for words in re.findall(kind, message):
            for place, line in enumerate(toml.split("\n"), start=1):
                if words in line:
                    return place
    return 0


def _refuse_worked_weekdays(notice: Notice, toml: str, lines: dict[date, int] | None) -> None:
    """A make-up day is a Saturday or Sunday; another is a slip of the pen."""
    wrong = [day for day in notice.worked if day.weekday() < 5]
    if wrong:
        raise NoticeUnreadable(
            *(
                Problem(
                    lines.get(day, 0) if lines else _line_of(toml, day.isoformat()),
                    f"{_shown(day)}本来就是工作日，不能列为调休上班",
                )
                for day in wrong
            )
        )


def _shown(day: date) -> str:
    return f"{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）"


# --- the published words ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Sentence:
    line: int
    text: str


@dataclass(slots=True)
class _Holiday:
    name: str
    line: int
    sentences: list[_Sentence] = field(default_factory=list)
    spans: list[tuple[date, date]] = field(default_factory=list)
    worked: list[date] = field(default_factory=list)


class _Words:
    """The items of a notice and what stands around them."""

    def __init__(self, lines: list[str], year: int | None) -> None:
        self._problems: list[Problem] = []
        self.holidays, self._around = self._items(lines)
        self.year = self._year(lines, year)
        self.lines: dict[date, int] = {}
        if not self.holidays:
            raise NoticeUnreadable(
                *self._problems
                or [
                    Problem(
                        0, "没有读到任何假日；每个假日应写成“一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。”"
                    )
                ]
            )
        for holiday in self.holidays:
            self._read(holiday)
        if self._problems:
            raise NoticeUnreadable(*self._problems)

    def _items(self, lines: list[str]) -> tuple[list[_Holiday], list[str]]:
        """The holidays with their sentences, and the lines that belong to none."""
        holidays: list[_Holiday] = []
        around: list[str] = []
        is_unfinished = False
        for place, line in enumerate(lines, start=1):
            heads = list(_HEAD.finditer(line))
            before = line[: heads[0].start()] if heads else line
            goes_on = False
            if before.strip():
                goes_on = bool(holidays) and (is_unfinished or self._continues(holidays[-1], before))
                if goes_on:
                    self._add(holidays[-1], place, before, joined=is_unfinished)
                elif _DATED.search(before) and re.search(r"放假|上班", before):
                    reason = _not_for_all(before) or f"看不出“{before[:20]}”说的是哪个假日"
                    self._problems.append(Problem(place, reason))
                else:
                    around.append(before.strip())
            ends = [head.start() for head in heads[1:]] + [len(line)]
            for head, end in zip(heads, ends[: len(heads)], strict=True):
                name = (head["named"] or head["known"]).strip()
                holidays.append(_Holiday(re.sub("[和及]", "、", name), place))
                self._add(holidays[-1], place, line[head.end() : end])
            if line:
                is_unfinished = (goes_on or bool(heads)) and not line.endswith("。")
        return holidays, around

    @staticmethod
    def _continues(holiday: _Holiday, text: str) -> bool:
        """A line that begins with a date goes on with the holiday above it, unless it names another."""
        return re.match(r"\d{1,2}月\d{1,2}日", text) is not None and not _another(holiday, text)

    @staticmethod
    def _add(holiday: _Holiday, line: int, text: str, *, joined: bool = False) -> None:
        parts = [part.strip() for part in re.split(r"[。;]", text)]
        if joined and holiday.sentences and parts:
            holiday.sentences[-1].text += parts.pop(0)
        holiday.sentences += [_Sentence(line, part) for part in parts if part]

    def _year(self, lines: list[str], given: int | None) -> int:
        said = {int(found[1]) for line in lines if (found := _YEAR.search(line))}
        if out := [one for one in said if not FIRST_DAY.year <= one <= LAST_DAY.year]:
            raise YearUnclear(f"只能录入{FIRST_DAY.year}至{LAST_DAY.year}年的放假安排，不能录入{out[0]}年的")
        if len(said) > 1:
            raise YearUnclear(f"内容里有不止一年的放假安排（{'、'.join(map(str, sorted(said)))}），请只留下一年的")
        if given is not None:
            if said and given not in said:
                raise YearUnclear(f"内容是{min(said)}年的放假安排，与所填的{given}年不一致")
            return given
        if not said:
            raise YearUnclear("内容没有写明是哪一年的放假安排，请填写年份")
        return said.pop()

    def _read(self, holiday: _Holiday) -> None:
        for each in holiday.sentences:
            if _is_headed_twice(each.text):
                reason = f"看不出“{each.text[:24]}”中哪些日子放假、哪些日子上班，请写成“1月1日至3日放假，1月4日上班”"
                self._problems.append(Problem(each.line, reason))
                return
        for sentence in (clause for each in holiday.sentences for clause in _clauses(each)):
            if sentence.text.startswith("鼓励"):
                continue
            if reason := _not_for_all(sentence.text):
                self._problems.append(Problem(sentence.line, reason))
            elif named := _another(holiday, sentence.text):
                reason = f"“{sentence.text[:24]}”写在{holiday.name}里，说的却是{named}，请另起一行，写成“{named}：……”"
                self._problems.append(Problem(sentence.line, reason))
            elif "上班" in sentence.text:
                holiday.worked += [day for first, last in self._days(holiday, sentence) for day in _span(first, last)]
            elif "放假" in sentence.text:
                spans = self._days(holiday, sentence)
                holiday.spans += spans
                if spans:
                    self._check_count(sentence, spans)
            elif _DATED.search(sentence.text):
                self._problems.append(Problem(sentence.line, f"“{sentence.text[:24]}”没有写明是放假还是上班"))
        if not holiday.spans and not any(problem.line >= holiday.line for problem in self._problems):
            written = "；".join(sentence.text for sentence in holiday.sentences)[:24]
            shown = f"，这里写的是“{written}”；日期应写成“1月1日”或者“1月1日至3日”" if written else ""
            self._problems.append(Problem(holiday.line, f"{holiday.name}没有写明放假的日期{shown}"))

    def _days(self, holiday: _Holiday, sentence: _Sentence) -> list[tuple[date, date]]:
        """The days and spans of a sentence; a month or year not repeated is that of the day before."""
        spans: list[tuple[date, date]] = []
        year, month = None, None
        for token in _TOKEN.finditer(sentence.text):
            month = int(token["month"]) if token["month"] else month
            if token["year"]:
                year = int(token["year"])
            elif year is None or token["month"]:
                # New Year's days of December, and what is worked for them, lie in the year before.
                year = self.year - 1 if "元旦" in holiday.name and (month or 0) >= 11 else self.year
            day = self._date(sentence, token, year, month)
            if day is None:
                return []
            if token["to"] and spans:
                first = spans.pop()[0]
                if day < first or (day - first).days > 31:
                    self._problems.append(Problem(sentence.line, f"{_shown(first)}至{_shown(day)}的起止不成立"))
                    return []
                said = _WEEKDAY.findall(token["note"] or "")
                if len(said) > 1 and not self._is_weekday(sentence, first, said[0]):
                    return []
                spans.append((first, day))
            else:
                spans.append((day, day))
        self._note(holiday, sentence, spans)
        return spans

    def _date(self, sentence: _Sentence, token: re.Match[str], year: int, month: int | None) -> date | None:
        written = token[0].lstrip("至到-—–~～ ")
        if month is None:
            self._problems.append(Problem(sentence.line, f"“{written}”没有月份"))
            return None
        try:
            day = date(year, month, int(token["day"]))
        except ValueError:
            self._problems.append(Problem(sentence.line, f"没有{year}年{month}月{token['day']}日这一天"))
            return None
        if not (day.year == self.year or (day.year == self.year - 1 and day.month == 12)):
            self._problems.append(Problem(sentence.line, f"“{written}”不在{self.year}年"))
            return None
        # 1月1日至3日(周四至周六): the last is this day's, the first that of the day it began with.
        said = _WEEKDAY.findall(token["note"] or "")
        return day if not said or self._is_weekday(sentence, day, said[-1]) else None

    def _is_weekday(self, sentence: _Sentence, day: date, said: str) -> bool:
        weekday = WEEKDAYS[day.weekday()]
        if weekday == said.replace("天", "日"):
            return True
        reason = f"{day.year}年{day.month}月{day.day}日是周{weekday}，这里写的是周{said}"
        self._problems.append(Problem(sentence.line, reason))
        return False

    def _note(self, holiday: _Holiday, sentence: _Sentence, spans: list[tuple[date, date]]) -> None:
        for day in (one for first, last in spans for one in _span(first, last)):
            if day in self.lines:
                self._problems.append(Problem(sentence.line, f"{_shown(day)}已经在第{self.lines[day]}行写过"))
                return
            self.lines[day] = sentence.line

    def _check_count(self, sentence: _Sentence, spans: list[tuple[date, date]]) -> None:
        said = _COUNT.search(sentence.text)
        if said is None:
            return
        wanted = _NUMERALS.get(said[1]) or int(said[1])
        count = sum((last - first).days + 1 for first, last in spans)
        if count != wanted:
            self._problems.append(Problem(sentence.line, f"起止日期共{count}天，这里写的是{wanted}天"))

    @property
    def number(self) -> str:
        """The number under which the notice was issued; empty where it was not pasted."""
        return found[0] if (found := _NUMBER.search("\n".join(self._around))) else ""

    def spans(self) -> list[Span]:
        """Every row of days off; what is worked for a holiday stands with its last."""
        return [
            Span(holiday.name, first, last, tuple(holiday.worked) if place == len(holiday.spans) else ())
            for holiday in self.holidays
            for place, (first, last) in enumerate(holiday.spans, start=1)
        ]

    def as_toml(self, number: str) -> str:
        """The notice as a file of `rulebook/calendars`."""
        title = found[0] if (found := _TITLE.search("\n".join(self._around))) else TITLE.format(self.year)
        return _toml(self.year, title, number.strip() or self.number, list(self._issued()), self.spans())

    def _issued(self) -> Iterator[date]:
        """The day under the notice: a line of its own."""
        for line in reversed(self._around):
            if found := _ISSUED.match(line.replace(" ", "")):
                try:
                    day = date(*map(int, found.groups()))
                except ValueError:
                    continue
                if FIRST_DAY <= day <= LAST_DAY:
                    yield day
                    return


def _clauses(sentence: _Sentence) -> list[_Sentence]:
    """A sentence in parts that each say one thing of their days: off, or worked."""
    ends = [found.end() for found in _VERB.finditer(sentence.text)]
    if not ends or (len(ends) == 1 and not re.search(r"\d日", sentence.text[: ends[0]])):
        return [sentence]  # 放假时间为1月1日至3日
    if not re.search(r"\d日", sentence.text[ends[-1] :]):
        ends[-1] = len(sentence.text)
    parts = [sentence.text[begin:end].strip(",、") for begin, end in pairwise([0, *ends, len(sentence.text)])]
    return [_Sentence(sentence.line, part) for part in parts if part]


def _another(holiday: _Holiday, text: str) -> str:
    """The other holiday that a sentence about days names, outside its brackets; empty where there is none."""
    if not _DATED.search(text):
        return ""
    for found in _A_HOLIDAY.finditer(re.sub(r"\([^)]*\)", "", text)):
        named = found[0].removeprefix("日")
        if not amending.stems_of(named) <= amending.stems_of(holiday.name):
            return named
    return ""


def _is_headed_twice(text: str) -> bool:
    """放假时间1月1日至3日,1月4日上班: a verb before all dates, and another after some of them."""
    ends = [found.end() for found in _VERB.finditer(text)]
    return len(ends) > 1 and _DATED.search(text[: ends[0]]) is None and _DATED.search(text[ends[0] :]) is not None


def _not_for_all(text: str) -> str:
    """Why what is said here is no day off of the whole country; empty where it is, or where no day is named."""
    if not _DATED.search(text) or text.startswith("鼓励"):
        return ""
    if _HALF.search(text):
        return f"“{text[:24]}”是半天，不是整日：期限按整日计算，半天的假日仍是工作日，请删去这一句"
    if _SOME.search(text) and "放假" in text:
        return f"“{text[:24]}”只对部分人放假：全体放假的日子才不计入期限，请删去这一句"
    return ""


def _span(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _toml(year: int, title: str, number: str, issued_on: list[date], spans: list[Span], *, amended_by: str = "") -> str:
    lines = [f"year = {year}", f"title = {_quoted(title)}"]
    lines += [f"number = {_quoted(number)}"] if number else []
    lines += [f"issued_on = {day}" for day in issued_on]
    lines += [f"amended_by = {_quoted(amended_by)}"] if amended_by else []
    for span in spans:
        lines += ["", "[[holiday]]", f"name = {_quoted(span.name)}", f"from = {span.first}", f"to = {span.last}"]
        if span.worked:
            lines.append(f"worked = [{', '.join(map(str, span.worked))}]")
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
