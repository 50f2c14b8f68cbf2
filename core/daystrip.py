"""The counted and skipped days of a deadline's explanation, laid out for the eye.

Up to 17 days stand in one row, up to 35 in weeks; a longer period shows its first and last two weeks and, between them,
what every month counted and skipped. Input is the JSON of one deadline; nothing is counted here a second time.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

ROW: Final = 17
WEEKS: Final = 35
EDGE: Final = 14

Kind = Literal["zero", "count", "skip", "pause"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One day: whether it counts, as which number, and why not."""

    day: date
    kind: Kind
    number: int = 0
    note: str = ""
    is_due: bool = False
    is_today: bool = False
    is_first: bool = False

    @property
    def css(self) -> str:
        """Class names of the cell; the weekday places it in a grid of weeks."""
        names = {"zero": "zero", "count": "cnt", "skip": "passed", "pause": "passed"}
        marks = [names[self.kind], f"w{self.day.isoweekday()}"]
        return " ".join(marks + ["due"] * self.is_due + ["is-today"] * self.is_today)

    @property
    def weekday(self) -> str:
        """周五."""
        return f"周{'一二三四五六日'[self.day.weekday()]}"

    @property
    def label(self) -> str:
        """The day's number, with its month where a part or a month begins."""
        return f"{self.day.month}/{self.day.day}" if self.is_first or self.day.day == 1 else str(self.day.day)

    @property
    def mark(self) -> str:
        """起, or the circled number of a counted day."""
        if self.kind == "zero":
            return "起"
        return circled(self.number) if self.kind == "count" else ""

    @property
    def words(self) -> str:
        """What stands under the number."""
        if self.is_due:
            return "到期"
        if self.is_today and self.kind != "skip":
            return "今天"
        if self.kind == "zero":
            return "不计入"
        return self.note

    @property
    def told(self) -> str:
        """The same for a screen reader."""
        counted = {"zero": "起算日，不计入", "count": f"第{self.number}日", "skip": f"跳过：{self.note}", "pause": "暂停，不计入"}[self.kind]
        return counted + "，到期" * self.is_due + "，今天" * self.is_today


@dataclass(frozen=True, slots=True)
class Month:
    """What a month in the folded middle counted and skipped."""

    year: int
    month: int
    counted: int
    skipped: tuple[tuple[str, int], ...]

    @property
    def skipped_days(self) -> int:
        """Days not counted, for whatever reason."""
        return sum(days for _, days in self.skipped)


@dataclass(frozen=True, slots=True)
class Strip:
    """`cells` when all days are shown; otherwise `head` and `tail` with the `months` between."""

    cells: tuple[Cell, ...] = ()
    head: tuple[Cell, ...] = ()
    months: tuple[Month, ...] = ()
    tail: tuple[Cell, ...] = ()
    in_weeks: bool = False

    @property
    def is_folded(self) -> bool:
        """Whether the middle is only told by months."""
        return bool(self.months)


def circled(number: int) -> str:
    """① … ㊿; plain figures above fifty."""
    if 1 <= number <= 20:
        return chr(0x2460 + number - 1)
    if number <= 35:
        return chr(0x3251 + number - 21)
    return chr(0x32B1 + number - 36) if number <= 50 else str(number)


def lay_out(explanation: dict[str, Any], *, today: date) -> Strip:
    """The strip of one explanation. A period in hours has no days to show: an empty strip."""
    counted = [_day(text) for text in explanation["counted"]]
    if not counted:
        return Strip()
    skipped = dict(_skips(explanation["skipped"]))
    numbers = {day: number for number, day in enumerate(counted, start=1)}
    zero, due = _day(explanation["day_zero"]), _day(explanation["due"])
    paused = {day for pause in explanation["pauses"] for day in _between(_day(pause[0]) + timedelta(days=1), _day(pause[1]))}
    ends = [zero, due, *counted, *skipped]
    days = list(_between(min(ends), max(ends)))

    def cell(day: date, *, first: bool) -> Cell:
        kind: Kind = "count"
        note = skipped.get(day, "")
        if day == zero:
            kind = "zero"
        elif day in paused and day not in numbers:
            kind, note = "pause", "暂停"
        elif day not in numbers:
            kind, note = "skip", note or "不计入"
        elif day.weekday() >= 5 and explanation["unit"] == "working_day":
            note = "班"
        return Cell(day, kind, numbers.get(day, 0), note, is_due=day == due, is_today=day == today, is_first=first)

    def cells(part: list[date]) -> tuple[Cell, ...]:
        return tuple(cell(day, first=index == 0) for index, day in enumerate(part))

    if len(days) <= WEEKS:
        return Strip(cells=cells(days), in_weeks=len(days) > ROW)
    after_head = EDGE - days[0].weekday()
    before_tail = len(days) - EDGE + 6 - days[-1].weekday()
    middle = cells(days[after_head:before_tail])
    return Strip(head=cells(days[:after_head]), months=tuple(_by_month(middle)), tail=cells(days[before_tail:]), in_weeks=True)


def _day(text: str) -> date:
    """The day of an ISO day or moment; moments of an explanation are always +08:00."""
    return date.fromisoformat(text[:10])


def _skips(entries: list[Any]) -> Iterator[tuple[date, str]]:
    for entry in entries:
        day, reason = (entry["day"], entry["reason"]) if isinstance(entry, dict) else entry
        yield _day(day), reason


def _between(first: date, last: date) -> Iterator[date]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


def _by_month(middle: tuple[Cell, ...]) -> Iterator[Month]:
    for year, month in dict.fromkeys((each.day.year, each.day.month) for each in middle):
        held = [each for each in middle if (each.day.year, each.day.month) == (year, month)]
        reasons = Counter(each.note for each in held if each.kind in ("skip", "pause"))
        yield Month(year, month, sum(each.kind == "count" for each in held), tuple(reasons.most_common()))
