"""The working-day calendar: which days count, why the others do not, and counting among them without walking day by
day.

A working day is one the State Council's notice lists as worked, or a Monday to Friday it does not list as off
(counting 2).
A year without a notice is provisional: statutory holidays and weekends only (counting 13).
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from rulebook.model import RulebookError

CALENDARS = Path(__file__).parent / "calendars"
STATUTORY = "statutory.toml"
FIRST_DAY = date(2000, 1, 1)
LAST_DAY = date(2099, 12, 31)
_ORIGIN = FIRST_DAY.toordinal()
_LAST = LAST_DAY.toordinal()
_NOTICE_FIELDS = frozenset({"year", "title", "number", "issued_on", "amended_by", "holiday"})
_HOLIDAY_FIELDS = frozenset({"name", "from", "to", "worked"})
MAKE_UP = "调休上班"
WEEKEND = "周末"


@dataclass(frozen=True, slots=True)
class Notice:
    """One year's notice of the State Council: the days off with the name of their holiday, and the weekend days
    worked instead; `worked_for` says for which holiday each of these is.
    """

    year: int
    title: str
    number: str
    issued_on: date | None
    amended_by: str
    off: tuple[tuple[date, str], ...]
    worked: tuple[date, ...]
    digest: str
    worked_for: tuple[tuple[date, str], ...] = ()

    @property
    def citation(self) -> str:
        """Title and number, with the notice that amended it if any."""
        number = f"（{self.number}）" if self.number else ""
        amended = f"，经{self.amended_by}调整" if self.amended_by else ""
        return f"{self.title}{number}{amended}"


class Calendar:
    """Working days of 2000-2099 in Asia/Shanghai, from notices where there are any. Immutable; make another to enter
    a notice.

    Every question about a day outside that range is refused with RulebookError.
    """

    __slots__ = ("_before", "_notices", "_reasons", "_working", "digest", "id")

    def __init__(self, notices: Iterable[Notice], statutory: Mapping[date, str]) -> None:
        self._notices: dict[int, Notice] = {notice.year: notice for notice in sorted(notices, key=lambda n: n.year)}
        self._reasons: dict[int, str] = {
            day.toordinal(): name for day, name in statutory.items() if day.year not in self._notices
        }
        for notice in self._notices.values():
            self._reasons.update((day.toordinal(), name) for day, name in notice.off)
            self._reasons.update((day.toordinal(), MAKE_UP) for day in notice.worked)
        # ordinal % 7 is 0 on Sunday and 6 on Saturday
        reasons, working, before = self._reasons, array("l"), array("l")
        for ordinal in range(_ORIGIN, _LAST + 1):
            before.append(len(working))
            reason = reasons.get(ordinal)
            if reason == MAKE_UP or (reason is None and 0 < ordinal % 7 < 6):
                working.append(ordinal)
        self._working, self._before = working, before
        content = sorted(reasons.items()), sorted(self._notices)
        self.digest = hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
        self.id = f"cn-{_span(sorted(self._notices))}"

    def __repr__(self) -> str:
        return f"<Calendar {self.id} {self.digest[:8]}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calendar) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (tuple(self._notices.values()),)

    @property
    def covers(self) -> tuple[int, ...]:
        """The years whose notice is entered."""
        return tuple(self._notices)

    def notice(self, year: int) -> Notice | None:
        """The notice of this year, or none: then the year is provisional."""
        return self._notices.get(year)

    def with_notices(self, *notices: Notice) -> Calendar:
        """This calendar with further notices entered; a later one replaces that of the same year."""
        years = {**self._notices, **{notice.year: notice for notice in notices}}
        return Calendar(years.values(), _statutory_days())

    def refuse_outside(self, *days: date) -> None:
        """Refuse days that the calendar does not know, before anything is counted from them."""
        for day in days:
            _inside(day)

    def is_provisional(self, when: date | int) -> bool:
        """Whether the notice of this day's year (or of this year) is not entered, so that the day may still move."""
        return (when if isinstance(when, int) else when.year) not in self._notices

    def is_working(self, day: date) -> bool:
        """Whether the day counts as a working day."""
        ordinal = _inside(day)
        following = self._before[ordinal - _ORIGIN + 1] if ordinal < _LAST else len(self._working)
        return following > self._before[ordinal - _ORIGIN]

    def is_make_up(self, day: date) -> bool:
        """Whether the day is worked only because the notice says so (调休上班)."""
        return self._reasons.get(day.toordinal()) == MAKE_UP

    def reason(self, day: date) -> str:
        """Why the day counts or not: the holiday's name, 周末, 调休上班, or nothing for an ordinary working day."""
        ordinal = _inside(day)
        return self._reasons.get(ordinal, "" if 0 < ordinal % 7 < 6 else WEEKEND)

    def nth_working_day(self, after: date, n: int) -> date:
        """The n-th working day after a day that is itself not counted (counting 1, 3); n >= 1."""
        _positive(n)
        ordinal = _inside(after)
        return self._at(bisect_right(self._working, ordinal) + n - 1)

    def nth_working_day_before(self, day: date, n: int) -> date:
        """The n-th working day before a day that is itself not counted (counting 15); n >= 1."""
        _positive(n)
        return self._at(self._before[_inside(day) - _ORIGIN] - n)

    def next_working_day(self, day: date) -> date:
        """The day itself if it is a working day, else the first one after it."""
        return self._at(self._before[_inside(day) - _ORIGIN])

    def previous_working_day(self, day: date) -> date:
        """The day itself if it is a working day, else the last one before it."""
        return self._at(bisect_right(self._working, _inside(day)) - 1)

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days lie after `first` up to and including `last`; negative when `last` comes first."""
        return bisect_right(self._working, _inside(last)) - bisect_right(self._working, _inside(first))

    def working_days_in(self, first: date, last: date) -> tuple[date, ...]:
        """The working days after `first` up to and including `last`, in order."""
        start, stop = bisect_right(self._working, _inside(first)), bisect_right(self._working, _inside(last))
        return tuple(map(date.fromordinal, self._working[start:stop]))

    def _at(self, index: int) -> date:
        if not 0 <= index < len(self._working):
            raise RulebookError(f"计算超出工作日历范围（{FIRST_DAY}至{LAST_DAY}）")
        return date.fromordinal(self._working[index])


def parse_notice(text: str, source: str = "日历") -> Notice:
    """A year's notice from its TOML text; refuses with RulebookError naming `source` and the reason."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise RulebookError(f"{source}: 不是有效的TOML：{wrong}") from wrong
    _known(data, _NOTICE_FIELDS, source)
    year = data.get("year")
    if not isinstance(year, int) or isinstance(year, bool) or not FIRST_DAY.year <= year <= LAST_DAY.year:
        raise RulebookError(f"{source}: year 应为{FIRST_DAY.year}至{LAST_DAY.year}的年份，现为 {year!r}")
    title = data.get("title")
    if not isinstance(title, str) or not title:
        raise RulebookError(f"{source}: 缺少通知名称 title")
    issued_on = data.get("issued_on")
    if issued_on is not None and type(issued_on) is not date:
        raise RulebookError(f"{source}: issued_on 应为日期")
    off: dict[date, str] = {}
    worked: dict[date, str] = {}
    holidays = data.get("holiday", [])
    if not isinstance(holidays, list) or not holidays:
        raise RulebookError(f"{source}: 没有任何假日 holiday")
    for holiday in holidays:
        _read_holiday(holiday, year, off, worked, source)
    if both := sorted(set(off) & set(worked)):
        raise RulebookError(f"{source}: {both[0]} 既列为放假又列为上班")
    return Notice(
        year=year,
        title=title,
        number=str(data.get("number", "")),
        issued_on=issued_on,
        amended_by=str(data.get("amended_by", "")),
        off=tuple(sorted(off.items())),
        worked=tuple(sorted(worked)),
        digest=hashlib.sha256(text.encode()).hexdigest(),
        worked_for=tuple(sorted(worked.items())),
    )


def _read_holiday(holiday: Any, year: int, off: dict[date, str], worked: dict[date, str], source: str) -> None:
    if not isinstance(holiday, dict):
        raise RulebookError(f"{source}: holiday 应为表")
    name = holiday.get("name")
    if not isinstance(name, str) or not name:
        raise RulebookError(f"{source}: 有假日没有名称 name")
    _known(holiday, _HOLIDAY_FIELDS, f"{source}: {name}")
    first, last, extra = holiday.get("from"), holiday.get("to"), holiday.get("worked", [])
    if type(first) is not date or type(last) is not date or last < first:
        raise RulebookError(f"{source}: {name} 的起止日 from、to 不成立")
    if not isinstance(extra, list) or any(type(day) is not date for day in extra):
        raise RulebookError(f"{source}: {name} 的 worked 应为日期列表")
    if (last - first).days > 31:
        raise RulebookError(f"{source}: {name} 放假超过一个月")
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    for day in [*days, *extra]:
        # a notice may reach into the last days of the year before (New Year 2023 began on 31 December 2022)
        if day.year != year and not (day.year == year - 1 and day.month == 12):
            raise RulebookError(f"{source}: {name} 的 {day} 不在{year}年")
        if day in off or day in worked:
            raise RulebookError(f"{source}: {day} 列了两次")
        if day in days:
            off[day] = name
        else:
            worked[day] = name


def read_notice(path: Path) -> Notice:
    """A year's notice from a file; refuses with RulebookError naming the file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        raise RulebookError(f"{path.name}: 读不出来：{wrong}") from wrong
    return parse_notice(text, path.name)


def load(root: Path = CALENDARS, overlays: Iterable[Notice] = ()) -> Calendar:
    """The calendar of the year files under `root`, with further notices on top."""
    notices = [read_notice(path) for path in sorted(root.glob("[0-9]*.toml"))]
    years: dict[int, Notice] = {}
    for notice in notices:
        if notice.year in years:
            raise RulebookError(f"{root.name}: {notice.year}年有两份通知")
        years[notice.year] = notice
    years.update((notice.year, notice) for notice in overlays)
    return Calendar(years.values(), _statutory_days())


@lru_cache(maxsize=1)
def get() -> Calendar:
    """The calendar of the product's own files, read once."""
    return load()


@lru_cache(maxsize=1)
def _statutory_days() -> Mapping[date, str]:
    """Every statutory holiday of the calendar's range, as far as it is known, with its name."""
    tables: dict[str, dict[str, date]] = tomllib.loads((CALENDARS / STATUTORY).read_text(encoding="utf-8"))
    days: dict[date, str] = {}
    for year in range(FIRST_DAY.year, LAST_DAY.year + 1):
        days[date(year, 1, 1)] = "元旦"
        days[date(year, 5, 1)] = "劳动节"
        if year >= 2025:
            days[date(year, 5, 2)] = "劳动节"
        for day in (1, 2, 3):
            days[date(year, 10, day)] = "国庆节"
    for first in tables["spring_festival"].values():
        for offset in range(-1 if first.year >= 2025 else 0, 3):
            days[first + timedelta(days=offset)] = "春节"
    for table, name in (("qingming", "清明节"), ("dragon_boat", "端午节"), ("mid_autumn", "中秋节")):
        for day_off in tables[table].values():
            days.setdefault(day_off, name)
    return days


def _restore(notices: tuple[Notice, ...]) -> Calendar:
    return Calendar(notices, _statutory_days())


def _known(data: Mapping[str, object], allowed: frozenset[str], source: str) -> None:
    if unknown := sorted(set(data) - allowed):
        raise RulebookError(f"{source}: 未知字段 {unknown[0]}")


def _inside(day: date) -> int:
    ordinal = day.toordinal()
    if not _ORIGIN <= ordinal <= _LAST:
        raise RulebookError(f"{day} 超出工作日历范围（{FIRST_DAY}至{LAST_DAY}）")
    return ordinal


def _positive(n: int) -> None:
    if n < 1:
        raise RulebookError(f"工作日数应为正数，现为 {n}")


def _span(years: list[int]) -> str:
    """2020-2026, or 2020-2024+2026 where years are missing."""
    parts: list[list[int]] = []
    for year in years:
        if parts and year == parts[-1][-1] + 1:
            parts[-1].append(year)
        else:
            parts.append([year])
    return "+".join(f"{part[0]}-{part[-1]}" if len(part) > 1 else str(part[0]) for part in parts) or "statutory"
