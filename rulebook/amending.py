"""A notice that changes one already in force (关于延长2020年春节假期的通知, 关于调整2019年劳动节假期安排的通知): what it says, put in the words of
a whole notice, and joined with what it leaves as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from rulebook.workdays import Notice

STATUTORY: Final = ("元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆")
KNOWN: Final = r"(?:元旦|春节|清明节?|劳动节|端午节?|中秋节?|国庆节?)"
DAY: Final = r"(?:(?P<year>\d{4})年)?(?:(?P<month>\d{1,2})月)?(?P<day>\d{1,2})日(?:\s*\((?P<note>[^)]*)\))?"
_BARE_DAY = r"(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日(?:\([^)]*\))?"
_CHANGE = re.compile(
    rf"延长[^。]{{0,12}}{KNOWN}|{KNOWN}[^。:]{{0,10}}(?:延长|调整|变更|改为)|调整[^。]{{0,12}}(?:{KNOWN}|假期|放假安排|节假日安排)|调整(?:后|为|如下)"
)
_YEAR = re.compile(r"(?:延长|调整|变更|关于|现?将)\D{0,8}(\d{4})年(?!\d{1,2}月)")
_TITLE = re.compile(r"国务院办公厅关于[^。:]{2,40}?的通知")
_ITEM = re.compile(r"^[一二三四五六七八九十]{1,3}、")
_LONGER = re.compile(
    rf"(?:延长(?:\d{{4}}年)?(?P<a>{KNOWN})(?:假期|放假)?(?:时间|日期)?(?:延长)?|(?P<b>{KNOWN})(?:假期|放假)?(?:时间|日期)?[^。:]{{0,20}}?延长)"
    rf"[至到](?P<to>{_BARE_DAY})(?:,?(?P<back>{_BARE_DAY})起(?:正常|恢复|照常)*上班)?"
)
_CHANGED = re.compile(
    rf"(?P<name>{KNOWN}(?:[、和及]{KNOWN})*)(?:假期|放假)?(?:安排|时间|日期)?:?(?:调整|变更|修改|改)(?:后的?|为|如下|后为)+(?:放假)?(?:安排|时间|日期)?[:,]?"
)
_ACT = re.compile(r"\d{1,2}日.*(?:放假|上班)")
_VERB = re.compile("放假|上班")
# So many holidays named are a whole notice, whatever else it speaks of.
_WHOLE: Final = 5


@dataclass(frozen=True, slots=True)
class Span:
    """Days off in a row under one name, and what is worked for them."""

    name: str
    first: date
    last: date
    worked: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """The lines in the words of a whole notice, and what is wrong with them: line and reason."""

    lines: list[str]
    problems: list[tuple[int, str]]


def is_change(lines: Sequence[str]) -> bool:
    """Whether these are the words of a change of a notice rather than of a whole one."""
    said = "\n".join(lines)
    named = sum(re.search(rf"{stem}[^。:]{{0,6}}:", said) is not None for stem in STATUTORY)
    return named < _WHOLE and _CHANGE.search(said) is not None


def years_of(lines: Iterable[str]) -> set[int]:
    """The years of which a change says that it is."""
    return {int(found[1]) for line in lines for found in _YEAR.finditer(line)}


def title_of(lines: Iterable[str]) -> str:
    """What the change is called; empty where its title was not pasted."""
    return next((found[0] for line in lines if (found := _TITLE.search(line))), "")


def stems_of(name: str) -> frozenset[str]:
    """国庆节、中秋节 is 国庆 and 中秋; what is no statutory holiday is itself."""
    return frozenset(stem for stem in STATUTORY if stem in name) or frozenset({name})


def spans_of(notice: Notice) -> list[Span]:
    """The days off of a notice in rows, each with the make-up days that the notice gives for it."""
    found: list[Span] = []
    for day, name in notice.off:
        if found and found[-1].name == name and day - found[-1].last == timedelta(days=1):
            found[-1] = Span(name, found[-1].first, day)
        else:
            found.append(Span(name, day, day))
    last = {span.name: place for place, span in enumerate(found)}
    for name, place in last.items():
        span = found[place]
        found[place] = Span(name, span.first, span.last, tuple(day for day, of in notice.worked_for if of == name))
    return found


def as_whole(lines: Sequence[str], base: Notice) -> Change:
    """A change's lines rewritten: 延长……至 as the whole holiday, 调整为 as a holiday's own line. Lines keep their number."""
    said = "。".join(lines)
    named = {match for found in _CHANGE.finditer(said) for match in re.findall(KNOWN, found[0])}
    only = next(iter(named)) if len(named) == 1 else ""
    change = Change([], [])
    for place, line in enumerate(lines, start=1):
        longer = _LONGER.search(line)
        if longer is not None:
            line = _longer(longer, place, base, change)
        else:
            line, changed = _CHANGED.subn(lambda found: f"{found['name']}:", _ITEM.sub("", line))
            if changed and not _VERB.search(line):
                line = f"{line.rstrip('。')}放假。"
            if only and _ACT.search(line) and ":" not in line:
                line = f"{only}:{line}"
        change.lines.append(line)
    return change


def _longer(found: re.Match[str], place: int, base: Notice, change: Change) -> str:
    name = found["a"] or found["b"]
    spans = [span for span in spans_of(base) if stems_of(name) & stems_of(span.name)]
    to = re.fullmatch(DAY, found["to"])
    if not spans or to is None:
        change.problems.append((place, f"{base.year}年现行的安排中没有{name}，无从延长"))
        return ""
    first, last = spans[0].first, spans[-1].last
    until = _day(to, base.year, last.month)
    if until is None or until <= last:
        change.problems.append((place, f"{name}现在放假到{last.month}月{last.day}日，“{found['to']}”不是延长"))
        return ""
    back = re.fullmatch(DAY, found["back"]) if found["back"] else None
    if back is not None and _day(back, base.year, until.month) != until + timedelta(days=1):
        change.problems.append((place, f"放假到{found['to']}，“{found['back']}起上班”不是第二天"))
    kept = [day for span in spans for day in span.worked if not first <= day <= until]
    worked = "、".join(f"{day.year}年{day.month}月{day.day}日" for day in kept)
    written = found["to"] if to["month"] else f"{last.month}月{found['to']}"
    return f"{spans[0].name}:{first.year}年{first.month}月{first.day}日至{written}放假。" + (
        f"{worked}上班。" if worked else ""
    )


def _day(found: re.Match[str], year: int, month: int) -> date | None:
    try:
        return date(int(found["year"] or year), int(found["month"] or month), int(found["day"]))
    except ValueError:
        return None


def joined(base: Notice, changed: Sequence[Span]) -> list[Span]:
    """The base's days off and make-up days, those of the changed holidays replaced."""
    stems = frozenset(stem for span in changed for stem in stems_of(span.name))
    left = [span for span in spans_of(base) if not stems & stems_of(span.name)]
    return sorted([*left, *changed], key=lambda span: span.first)
