"""The days of a deadline's explanation, laid out for the eye: counted, passed over and why, paused, nominal and last.

Up to 17 days stand in one row, up to 35 in weeks. Of a longer period the first and last weeks are shown and between them what every
month counted and skipped, or, where months and years are counted, the days on which each was full. Input is the JSON of one deadline;
nothing is counted here a second time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from rulebook import periods, workdays
from rulebook.deadlines import PAUSED
from rulebook.model import Period

ROW: Final = 17
WEEKS: Final = 35
# Three years of days in one table.
LISTED: Final = 1100
# Days shown at either end of a folded period: two weeks of numbers say something, of a month's plain days one is enough.
EDGE: Final = 14
PLAIN_EDGE: Final = 7
WEEKDAYS: Final = "一二三四五六日"
MAKE_UP: Final = "班"
OFF: Final = "休息日"

Kind: TypeAlias = Literal["zero", "count", "run", "skip", "pause"]
CSS: Final[dict[Kind, str]] = {"zero": "zero", "count": "cnt", "run": "run", "skip": "passed", "pause": "paused"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One day: whether it counts, as which number, and why not.

    `run` lies within a period that is not counted in days, or is the day to which the end moved. `note` is why it is passed over, or 班. `said` takes the place of the words
    under the day where a moment or a warning belongs there. `is_nominal` is the last day before it moved to another.
    """

    day: date
    kind: Kind
    number: int = 0
    note: str = ""
    said: str = ""
    is_due: bool = False
    is_nominal: bool = False
    is_today: bool = False
    is_first: bool = False

    @property
    def css(self) -> str:
        """Class names of the cell; the weekday places it in a grid of weeks."""
        marks = [CSS[self.kind], f"w{self.day.isoweekday()}"]
        marks += ["first"] * self.is_first + ["due"] * self.is_due + ["nominal"] * self.is_nominal
        return " ".join(marks + ["is-today"] * self.is_today)

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
        if self.said:
            return self.said
        if self.is_due:
            return f"{MAKE_UP}·到期" if self.note == MAKE_UP else "到期"
        if self.is_nominal:
            return "名义日"
        if self.is_today and self.kind not in ("skip", "pause"):
            return "今天"
        if self.kind == "zero":
            return "不计入"
        return self.note

    @property
    def told(self) -> str:
        """The same for a screen reader."""
        off = f"（{self.note}）" if self.note and self.is_nominal else ""
        parts = [
            {
                "zero": "起算日，不计入",
                "count": f"第{self.number}日" + ("，调休上班" if self.note == MAKE_UP else ""),
                "run": "" if self.is_due else "期间内",
                "skip": f"跳过：{self.note}",
                "pause": "暂停，不计入",
            }[self.kind],
            self.said,
            f"名义到期日{off}" if self.is_nominal else "",
            "到期" if self.is_due else "",
            "今天" if self.is_today else "",
        ]
        return "，".join(filter(None, parts))


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
class Milestone:
    """The day on which so many months or years were full."""

    label: str
    day: date


@dataclass(frozen=True, slots=True)
class Strip:
    """`cells` when all days are shown; otherwise `head` and `tail`, and of the `hidden` days between them `months` or `milestones`."""

    cells: tuple[Cell, ...] = ()
    head: tuple[Cell, ...] = ()
    months: tuple[Month, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    tail: tuple[Cell, ...] = ()
    hidden: int = 0
    in_weeks: bool = False

    @property
    def days(self) -> tuple[Cell, ...]:
        """Every day that is drawn."""
        return self.cells or (*self.head, *self.tail)

    @property
    def is_folded(self) -> bool:
        """Whether the middle is only told, not drawn."""
        return bool(self.head)

    @property
    def gaps(self) -> tuple[str, ...]:
        """What counting skipped, in words: 春节2月15日至23日共9天, 周末4天; and which weekend counted."""
        if all(cell.kind != "count" for cell in self.cells):
            return ()
        reasons: dict[str, list[date]] = {}
        for cell in self.cells:
            if cell.kind == "skip":
                reasons.setdefault(cell.note, []).append(cell.day)
        told = [_stretch(reason, days) for reason, days in reasons.items()]
        worked = [cell for cell in self.cells if cell.kind == "count" and cell.note == MAKE_UP]
        return (*told, *(f"{_month_day(cell.day)}（{cell.weekday}）调休上班，计入" for cell in worked))

    @property
    def legend(self) -> tuple[tuple[str, str], ...]:
        """Class and meaning of every kind of day that is drawn and does not explain itself."""
        drawn = {cell.kind for cell in self.days}
        named: tuple[tuple[Kind, str], ...] = (
            ("count", "计入，数字为第几日"),
            ("skip", "不计入" if "count" in drawn else "休息日"),
            ("pause", "暂停，不计入"),
        )
        found = [(CSS[kind], words) for kind, words in named if kind in drawn]
        if any(cell.is_nominal for cell in self.days):
            found.append(("nominal", "名义到期日"))
        return (*found, ("due", "到期日"))


def circled(number: int) -> str:
    """① … ㊿; plain figures above fifty."""
    if 1 <= number <= 20:
        return chr(0x2460 + number - 1)
    if number <= 35:
        return chr(0x3251 + number - 21)
    return chr(0x32B1 + number - 36) if number <= 50 else str(number)


def lay_out(explanation: Mapping[str, Any], *, today: date) -> Strip:
    """The strip of one explanation; empty where a date of the year is its own last working day, and so nothing moves."""
    told = _Told.of(explanation, today)
    if told.is_periodic:
        return told.warning()
    return told.folded() if len(told.days) > WEEKS else Strip(cells=told.cells(), in_weeks=len(told.days) > ROW)


def every_day(explanation: Mapping[str, Any], *, today: date) -> tuple[Cell, ...]:
    """All days of a strip that is folded. Empty where it shows them itself, where months or years are full without counting days, and where
    pauses make them more than a page should hold: then the JSON has them.
    """
    told = _Told.of(explanation, today)
    is_listed = not told.is_periodic and WEEKS < len(told.days) <= LISTED and not told.is_plain
    return told.cells() if is_listed else ()


@dataclass(frozen=True, slots=True)
class _Told:
    """What an explanation says of its days."""

    zero: date
    due: date
    nominal: date
    alert_from: date
    unit: str
    begins: str
    ends: str
    numbers: Mapping[date, int]
    skipped: Mapping[date, str]
    days: tuple[date, ...]
    today: date

    @classmethod
    def of(cls, explanation: Mapping[str, Any], today: date) -> _Told:
        zero, due, nominal = (_day(explanation[name]) for name in ("day_zero", "due", "nominal"))
        numbers = {_day(text): number for number, text in enumerate(explanation["counted"], start=1)}
        skipped = {_day(entry["day"]): str(entry["reason"]) for entry in explanation["skipped"]}
        days = [zero, due, nominal, *numbers, *skipped]
        return cls(
            zero=zero,
            due=due,
            nominal=nominal,
            alert_from=_day(explanation["alert_from"]),
            unit=explanation["unit"],
            begins=minute_of_beginning(explanation),
            ends=datetime.fromisoformat(explanation["due"]).strftime("%H:%M"),
            numbers=numbers,
            skipped=skipped,
            days=tuple(_between(min(days), max(days))),
            today=today,
        )

    @property
    def is_periodic(self) -> bool:
        """Owed once in a span, so that no day starts it: a period of a year that is counted ends in another year."""
        return self.unit in ("fixed_date", "quarter", "half_year") or (
            self.unit == "year" and self.nominal.year == self.zero.year
        )

    @property
    def is_plain(self) -> bool:
        """Whether months or years are counted and nothing stopped them: then no day has a number and none is passed over."""
        return not self.numbers and PAUSED not in self.skipped.values() and self.unit in ("month", "year")

    def cells(self, part: tuple[date, ...] | None = None) -> tuple[Cell, ...]:
        """A cell for each of these days, or for all."""
        return tuple(self._cell(day, first=index == 0) for index, day in enumerate(part or self.days))

    def _cell(self, day: date, *, first: bool) -> Cell:
        kind: Kind
        note = self.skipped.get(day, "")
        if day == self.zero:
            kind = "zero"
        elif day in self.numbers:
            kind = "count"
            if day.weekday() >= 5 and self.unit == "working_day":
                note = MAKE_UP
        elif note == PAUSED:
            kind = "pause"
        elif note and day != self.nominal:
            kind = "skip"
        elif self.numbers and day != self.due:
            kind, note = "skip", note or "不计入"
        else:
            kind = "run"
        return Cell(
            day,
            kind,
            self.numbers.get(day, 0),
            note,
            self._hour_of(day),
            is_due=day == self.due,
            is_nominal=day == self.nominal != self.due,
            is_today=day == self.today,
            is_first=first,
        )

    def _hour_of(self, day: date) -> str:
        """Where hours are counted: from which minute, to which."""
        if self.unit != "hour" or day not in (self.zero, self.due):
            return ""
        if self.zero == self.due:
            return f"{self.begins}至{self.ends}"
        return f"{self.begins}起" if day == self.zero else f"{self.ends}止"

    def warning(self) -> Strip:
        """A date of the year: from the last working day, on which one is warned, to the day itself."""
        if self.alert_from == self.due:
            return Strip()
        cells = tuple(
            Cell(
                day,
                "run" if day in (self.alert_from, self.due) else "skip",
                note="" if day == self.alert_from else workdays.WEEKEND if day.weekday() >= 5 else OFF,
                said="提醒" if day == self.alert_from else "",
                is_due=day == self.due,
                is_today=day == self.today,
                is_first=day == self.alert_from,
            )
            for day in _between(self.alert_from, self.due)
        )
        return Strip(cells=cells)

    def folded(self) -> Strip:
        """Whole weeks at both ends, the middle in words."""
        edge = EDGE if self.numbers else PLAIN_EDGE
        after_head = edge - self.days[0].weekday()
        before_tail = len(self.days) - edge + 6 - self.days[-1].weekday()
        head, middle, tail = self.days[:after_head], self.days[after_head:before_tail], self.days[before_tail:]
        return Strip(
            head=self.cells(head),
            months=() if self.is_plain else tuple(_by_month(self.cells(middle))),
            milestones=tuple(self._milestones(middle)) if self.is_plain else (),
            tail=self.cells(tail),
            hidden=len(middle),
            in_weeks=True,
        )

    def _milestones(self, middle: tuple[date, ...]) -> Iterator[Milestone]:
        unit: Literal["month", "year"] = "month" if self.unit == "month" else "year"
        for amount in range(1, 1 + (self.nominal.year - self.zero.year + 1) * 12):
            full = periods.full_after(self.zero, Period(amount, unit))
            if full > middle[-1]:
                return
            if full >= middle[0]:
                yield Milestone(f"满{amount}{'个月' if unit == 'month' else '年'}", full)


def minute_of_beginning(explanation: Mapping[str, Any]) -> str:
    """From which minute hours are counted: that many before the end. Nothing where an extension made them more."""
    if explanation["unit"] != "hour" or explanation["extended_on"]:
        return ""
    return (datetime.fromisoformat(explanation["due"]) - timedelta(hours=explanation["amount"])).strftime("%H:%M")


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


def _day(text: str) -> date:
    """The day of an ISO day or moment; moments of an explanation are always +08:00."""
    return date.fromisoformat(text[:10])


def _between(first: date, last: date) -> Iterator[date]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


def _by_month(middle: tuple[Cell, ...]) -> Iterator[Month]:
    for year, month in dict.fromkeys((each.day.year, each.day.month) for each in middle):
        held = [each for each in middle if (each.day.year, each.day.month) == (year, month)]
        reasons = Counter(each.note for each in held if each.kind in ("skip", "pause"))
        yield Month(year, month, sum(each.kind in ("count", "run") for each in held), tuple(reasons.most_common()))
