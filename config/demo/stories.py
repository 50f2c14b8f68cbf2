"""A demonstration case: whose it is, which steps it takes, and when: at working hours of working days."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.utils import timezone

from core import calendars
from enforcement.models import Case

# Of each section two officers and the head.
TEAMS = {
    "inspection": ("zhang", "li", "wu"),
    "relations": ("he", "lv", "shi"),
}

# Working days from the step before to this one, hour and minute; a story may say otherwise.
PACE: dict[str, tuple[int, int, int]] = {
    "register": (0, 9, 10),
    "propose": (1, 10, 0),
    "send_back": (1, 15, 20),
    "accept": (1, 9, 30),
    "visit": (2, 9, 5),
    "interview": (3, 14, 10),
    "order": (1, 16, 0),
    "verify": (6, 10, 30),
    "end": (0, 15, 40),
    "conclude": (2, 11, 0),
    "notify": (1, 15, 0),
    "waive": (2, 9, 40),
    "state": (3, 10, 15),
    "draft": (1, 14, 30),
    "submit": (0, 16, 45),
    "receive": (1, 9, 20),
    "give_back": (1, 11, 10),
    "points": (2, 15, 30),
    "faulty_points": (2, 15, 30),
    "pause": (1, 10, 0),
    "agree": (1, 10, 50),
    "correct": (1, 10, 50),
    "redraft": (2, 9, 45),
    "decide": (1, 11, 20),
    "serve": (2, 15, 10),
    "prepare": (2, 9, 30),
    "publish": (1, 16, 10),
    "pay": (5, 10, 5),
    "urge": (15, 10, 30),
    "lapse": (120, 9, 50),
    "ask_court": (15, 14, 20),
    "close": (2, 14, 0),
    "not_file": (2, 10, 40),
    "dismiss": (2, 10, 40),
    "exclude": (1, 10, 30),
    "withhold": (1, 15, 40),
    "revoke": (20, 9, 30),
    "withdraw": (1, 16, 20),
    "cancel": (1, 9, 50),
}


@dataclass(slots=True)
class Story:
    """One case: whose, against whom, what for, which steps, and how many working days ago the last one was taken."""

    unit: str
    party: str
    violation: str
    steps: tuple[str, ...]
    age: int
    category: str = "organisation"
    channel: str = "complaint"
    fine: int = 8000
    base: int | None = None
    workers: int = 6
    pace: dict[str, int] = field(default_factory=dict)
    number: int = 0
    case: Case | None = None

    @property
    def the_case(self) -> Case:
        assert self.case is not None
        self.case = Case.objects.select_related("party", "source").get(pk=self.case.pk)
        return self.case

    def moments(self, today: date) -> list[datetime]:
        """When each step is taken: backwards from the last one, over working days of the calendar."""
        calendar = calendars.current()
        day = calendar.nth_working_day_before(today, self.age)
        found: list[datetime] = []
        for name in reversed(self.steps):
            gap, hour, minute = PACE[name]
            found.append(datetime.combine(day, time(hour, minute), tzinfo=timezone.get_default_timezone()))
            gap = self.pace.get(name, gap)
            if gap:
                day = calendar.nth_working_day_before(day, gap)
        return found[::-1]
