"""The counted and skipped days of a deadline's explanation, laid out for the eye.

Up to 17 days stand in one row, up to 35 in weeks; a longer period shows its first and last two weeks and, between them,
what every month counted and skipped. Input is the JSON of one deadline; nothing is counted here a second time.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

ROW: Final = 17
WEEKS: Final = 35
EDGE: Final = 14
WEEKDAYS: Final = "一二三四五六日"
MAKE_UP: Final = "班"

Kind = Literal["zero", "count", "skip"]


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
        names = {"zero": "zero", "count": "cnt", "skip": "passed"}
        marks = [names[self.kind], f"w{self.day.isoweekday()}"]
        return " ".join(marks + ["first"] * self.is_first + ["due"] * self.is_due + ["is-today"] * self.is_today)

    @property
    def weekday(self) -> str:
        """周五."""
        return f"周{WEEKDAYS[self.day.weekday()]}"

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
        counted = {"zero": "起算日，不计入", "count": f"第{self.number}日", "skip": f"跳过：{self.note}"}[self.kind]
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
    def gaps(self) -> tuple[str, ...]:
        """What was skipped, in words: 春节2月15日至23日共9天, 周末4天; and which weekend counted."""
        reasons: dict[str, list[date]] = {}
        for cell in self.cells:
            if cell.kind == "skip":
                reasons.setdefault(cell.note, []).append(cell.day)
        told = [_stretch(reason, days) for reason, days in reasons.items()]
        worked = [cell for cell in self.cells if cell.kind == "count" and cell.note == MAKE_UP]
        return (*told, *(f"{_month_day(cell.day)}（{cell.weekday}）调休上班，计入" for cell in worked))

    @property
    def is_folded(self) -> bool:
        """Whether the middle is only told by months."""
        return bool(self.months)


def _month_day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _stretch(reason: str, days: list[date]) -> str:
    """One run of days by its ends, scattered days by their number."""
    if len(days) == 1:
        return f"{reason}{_month_day(days[0])}"
    if (days[-1] - days[0]).days + 1 > len(days):
        return f"{reason}{len(days)}天"
    last = f"{days[-1].day}日" if days[-1].month == days[0].month else _month_day(days[-1])
    return f"{reason}{_month_day(days[0])}至{last}，共{len(days)}天"


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
    skipped = {_day(entry["day"]): str(entry["reason"]) for entry in explanation["skipped"]}
    numbers = {day: number for number, day in enumerate(counted, start=1)}
    zero, due = _day(explanation["day_zero"]), _day(explanation["due"])
    ends = [zero, due, *counted, *skipped]
    days = list(_between(min(ends), max(ends)))

    def cell(day: date, *, first: bool) -> Cell:
        kind: Kind = "count"
        note = skipped.get(day, "")
        if day == zero:
            kind = "zero"
        elif day not in numbers:
            kind, note = "skip", note or "不计入"
        elif day.weekday() >= 5 and explanation["unit"] == "working_day":
            note = MAKE_UP
        return Cell(day, kind, numbers.get(day, 0), note, is_due=day == due, is_today=day == today, is_first=first)

    def cells(part: list[date]) -> tuple[Cell, ...]:
        return tuple(cell(day, first=index == 0) for index, day in enumerate(part))

    if len(days) <= WEEKS:
        return Strip(cells=cells(days), in_weeks=len(days) > ROW)
    after_head = EDGE - days[0].weekday()
    before_tail = len(days) - EDGE + 6 - days[-1].weekday()
    middle = cells(days[after_head:before_tail])
    head, tail = cells(days[:after_head]), cells(days[before_tail:])
    return Strip(head=head, months=tuple(_by_month(middle)), tail=tail, in_weeks=True)


def _day(text: str) -> date:
    """The day of an ISO day or moment; moments of an explanation are always +08:00."""
    return date.fromisoformat(text[:10])


def _between(first: date, last: date) -> Iterator[date]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


def _by_month(middle: tuple[Cell, ...]) -> Iterator[Month]:
    for year, month in dict.fromkeys((each.day.year, each.day.month) for each in middle):
        held = [each for each in middle if (each.day.year, each.day.month) == (year, month)]
        reasons = Counter(each.note for each in held if each.kind == "skip")
        yield Month(year, month, sum(each.kind == "count" for each in held), tuple(reasons.most_common()))
