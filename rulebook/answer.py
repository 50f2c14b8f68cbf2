"""What due() answers: by when, why, on which bases, and the readings that were not used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from rulebook.model import Rule
from rulebook.periods import Pause

State: TypeAlias = Literal["open", "deadline_precedes_rule"]


@dataclass(frozen=True, slots=True)
class Counted:
    """The n-th counted day; `make_up` where it counts only because of the notice (班)."""

    day: date
    n: int
    make_up: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """A day passed over, and why: the holiday's name, 周末 or 暂停."""

    day: date
    reason: str


@dataclass(frozen=True, slots=True)
class Basis:
    """One binding rule of the same obligation and the moment it gives."""

    rule: str
    instrument: str
    article: str
    title: str
    due: datetime
    adopted: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading that was not used: another agency's rule, or the window of a backward period. `due` is none where it
    starts from another fact.
    """

    rule: str
    instrument: str
    article: str
    due: datetime | None
    window: tuple[date, date] | None
    reason: str


@dataclass(frozen=True, slots=True)
class StripDay:
    """One day of the strip that explains a period: day 0, the n-th counted, or passed over; `label` is 班, the
    holiday's name or 暂停.
    """

    day: date
    n: int | None
    label: str
    is_zero: bool
    is_due: bool


@dataclass(frozen=True, slots=True)
class Due:
    """By when, and why. `due` is the last lawful second; `nominal` the day before any rolling; from `alert_from` on
    one is warned.
    """

    rule: Rule
    profile: str
    bases: tuple[Basis, ...]
    day_zero: date
    counted: tuple[Counted, ...]
    skipped: tuple[Skipped, ...]
    pauses: tuple[Pause, ...]
    extended_on: date | None
    nominal: date
    due: datetime
    alert_from: date
    calendar_id: str
    calendar_digest: str
    provisional: bool
    adopted: bool
    in_force: bool
    state: State
    others: tuple[Reading, ...]
    conventions: tuple[str, ...]

    @property
    def day(self) -> date:
        """The last day."""
        return self.due.date()

    @property
    def amount(self) -> int | None:
        """How many units the rule gives; none for a fixed date."""
        period = self.rule.within or self.rule.before
        return period.amount if period else 1 if self.rule.each else None

    @property
    def unit(self) -> str:
        """The rule's unit; for a fixed date `fixed_date`, for a periodic duty `quarter` or `year`."""
        period = self.rule.within or self.rule.before
        return period.unit if period else self.rule.each or "fixed_date"

    @property
    def is_same_day(self) -> bool:
        """Whether the act is owed on day 0 itself."""
        return self.rule.within is not None and self.rule.within.is_same_day

    def as_json(self) -> dict[str, object]:
        """The JSON of one deadline, the same on the page, in the API and on the command line."""
        return {
            "rule": self.rule.id,
            "profile": self.profile,
            "instrument": self.rule.instrument,
            "article": self.rule.article,
            "quote": self.rule.quote,
            "bases": [
                {
                    "rule": basis.rule,
                    "instrument": basis.instrument,
                    "article": basis.article,
                    "title": basis.title,
                    "due": basis.due.isoformat(),
                    "adopted": basis.adopted,
                }
                for basis in self.bases
            ],
            "day_zero": self.day_zero.isoformat(),
            "unit": self.unit,
            "amount": self.amount,
            "counted": [counted.day.isoformat() for counted in self.counted],
            "skipped": [{"day": skipped.day.isoformat(), "reason": skipped.reason} for skipped in self.skipped],
            "pauses": [[pause.start.isoformat(), pause.end.isoformat()] for pause in self.pauses],
            "extended_on": self.extended_on.isoformat() if self.extended_on else None,
            "nominal": self.nominal.isoformat(),
            "due": self.due.isoformat(),
            "alert_from": self.alert_from.isoformat(),
            "calendar": {"id": self.calendar_id, "digest": self.calendar_digest},
            "provisional": self.provisional,
            "adopted": self.adopted,
            "in_force": self.in_force,
            "state": self.state,
            "others": [
                {
                    "rule": other.rule,
                    "instrument": other.instrument,
                    "article": other.article,
                    "due": other.due.isoformat() if other.due else None,
                    "window": [day.isoformat() for day in other.window] if other.window else None,
                    "reason": other.reason,
                }
                for other in self.others
            ],
        }

    def strip(self) -> tuple[StripDay, ...]:
        """The days from day 0 to the end (or from the end to day 0), for drawing; empty where days are not what is
        counted.
        """
        if not self.counted:
            return ()
        numbers = {counted.day: counted for counted in self.counted}
        reasons = {skipped.day: skipped.reason for skipped in self.skipped}
        first, last = sorted((self.day_zero, self.day))
        return tuple(
            StripDay(
                day=day,
                n=numbers[day].n if day in numbers else None,
                label=reasons.get(day) or ("班" if day in numbers and numbers[day].make_up else ""),
                is_zero=day == self.day_zero,
                is_due=day == self.day,
            )
            for day in days(first, last)
        )


def days(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last, both included."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
