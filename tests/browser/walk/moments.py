"""When the steps of the walk happen: on working days before today, so that every clock of the flow runs as in life."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from rulebook import workdays


def back(days: int, at: str) -> datetime:
    """A moment on the n-th working day before today."""
    day = workdays.get().nth_working_day_before(timezone.localdate(), days)
    return datetime.combine(day, time.fromisoformat(at), tzinfo=timezone.get_default_timezone())


def _back(days: int, at: str) -> datetime:
    return field(default_factory=lambda: back(days, at))


@dataclass(frozen=True)
class Moments:
    """What the officials type. Everything after the verification happens when it is entered."""

    received: datetime = _back(3, "09:10")
    proposed: datetime = _back(3, "14:00")
    filed: datetime = _back(2, "09:30")
    # Two working days to hand the recordings in: made on the last working day, handed in now.
    inspected: datetime = _back(1, "09:00")
    interviewed: datetime = _back(1, "10:30")
    ordered: datetime = _back(1, "16:00")

    def until(self, start: datetime, minutes: int) -> datetime:
        return start + timedelta(minutes=minutes)

    @property
    def correct_by(self) -> date:
        """The order is to be obeyed on its own day, so that the verification can be today."""
        return timezone.localdate(self.ordered)
