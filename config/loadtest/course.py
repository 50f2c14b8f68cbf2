"""The course of a case in a load test: which fact on which day, which states it passes, and what the rulebook makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.utils import timezone

from core import duties, law
from core.facts import Subject
from core.models import Duty
from rulebook.library import by_obligation


@dataclass(frozen=True, slots=True)
class Happening:
    """One fact of a course: how many days after the registration, and the payload its rules look at."""

    name: str
    label: str
    day: int
    payload: dict[str, Any]


PENALTY: Final = {"act_kind": "penalty", "is_major": True, "has_fine": True}
COURSE: Final = (
    Happening("enforcement.source_registered", "登记案源", 0, {"channel": "complaint"}),
    Happening("enforcement.initiation_proposed", "呈报立案", 1, {"violation": "inspection-30-3"}),
    Happening("enforcement.case_filed", "立案", 3, {"act_kind": "penalty", "is_major": True}),
    Happening("enforcement.evidence_taken", "调查取证", 8, {"act_kind": "penalty", "kind": "site_inspection"}),
    Happening("enforcement.evidence_taken", "调查取证", 15, {"act_kind": "penalty", "kind": "interview"}),
    Happening("enforcement.investigation_closed", "调查终结", 40, {"is_complex": False}),
    Happening("enforcement.rights_notified", "告知拟处罚内容和权利", 43, {"has_fine": True, "hearing_offered": True}),
    Happening("enforcement.rights_answered", "当事人答复", 46, {"kind": "waived"}),
    Happening("enforcement.decision_drafted", "拟制处罚决定", 48, {"version": 1, "is_major": True}),
    Happening("enforcement.decision_made", "作出行政处罚决定", 55, PENALTY),
    Happening("enforcement.decision_served", "送达处罚决定书", 59, {"method": "direct", "has_fine": True}),
    Happening("disclosure.published", "公示", 62, {}),
    Happening("enforcement.fine_paid", "缴清罚款", 68, {}),
    Happening("enforcement.case_closed", "结案", 72, {"outcome": "performed", "ground": ""}),
)
PUBLISHED: Final = 11

# Of a hundred cases so many stand after this many facts, in this state; the path leads there by the procedure's edges.
SHARES: Final = (
    # share, facts, path
    (2, 1, ()),
    (2, 2, ("proposed",)),
    (3, 3, ("proposed", "investigating")),
    (3, 4, ("proposed", "investigating")),
    (4, 5, ("proposed", "investigating")),
    (2, 6, ("proposed", "investigating", "concluded")),
    (1, 7, ("proposed", "investigating", "concluded", "notified")),
    (1, 8, ("proposed", "investigating", "concluded", "notified")),
    (2, 9, ("proposed", "investigating", "concluded", "notified")),
    (2, 10, ("proposed", "investigating", "concluded", "notified", "decided")),
    (1, 11, ("proposed", "investigating", "concluded", "notified", "decided", "served")),
    (2, 12, ("proposed", "investigating", "concluded", "notified", "decided", "served")),
    (1, 13, ("proposed", "investigating", "concluded", "notified", "decided", "served", "performed")),
    (74, 14, ("proposed", "investigating", "concluded", "notified", "decided", "served", "performed", "closed")),
)  # fmt: skip
OPENED_AT: Final = time(10, 0)


def duties_opened(first: date, last: date, *, unit: int, profile: str) -> Iterator[tuple[Happening, date, Duty]]:
    """Every duty that a fact of the course opens on each day of the span, as the product itself would count it; unsaved."""
    nowhere = Subject("case:0", "", "")
    book = law.rulebook()
    for happening in {each.name: each for each in COURSE}.values():
        for passed in range((last - first).days + 1):
            day = first + timedelta(days=passed)
            at = datetime.combine(day, OPENED_AT, tzinfo=timezone.get_default_timezone())
            rules = book.rules_for(happening.name, happening.payload, profile, day)
            for group in by_obligation(rules).values():
                yield (
                    happening,
                    day,
                    duties._duty(group, profile=profile, at=at, anchor="", file=nowhere, unit_id=unit, opened_by=None),
                )


def meetings(profile: str, on: date) -> Iterator[tuple[str, str]]:
    """(obligation, fact) for every fact of the course that meets a duty."""
    for happening in {each.name: each for each in COURSE}.values():
        for rule in law.rulebook().met_by(happening.name, profile, on, happening.payload):
            yield rule.obligation, happening.name
