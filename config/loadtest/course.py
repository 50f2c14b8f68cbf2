"""The course of a case in a load test: which fact on which day, which states it passes, and what the rulebook makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final, Literal

from django.utils import timezone

from core import duties, law
from core.facts import Subject
from core.models import Duty
from rulebook.library import by_obligation

Place = Literal["case", "notice", "review", "recording"]


@dataclass(frozen=True, slots=True)
class Happening:
    """One fact of a course: how many days after the registration, the payload its rules look at, whose it is.

    `place` is the stream it is written to; `ending` is set for those that happen only to cases that end so, and then `day` counts from the
    last fact before.
    """

    name: str
    label: str
    day: int
    payload: dict[str, Any]
    by: str = "lead"
    place: Place = "case"
    ending: str = ""


PENALTY: Final = {"act_kind": "penalty", "is_major": True, "has_fine": True}
COURSE: Final = (
    Happening("enforcement.source_registered", "登记案源", 0, {"channel": "complaint"}),
    Happening("enforcement.initiation_proposed", "呈报立案", 1, {"violation": "inspection-26-1"}),
    Happening("enforcement.case_filed", "立案", 3, {"act_kind": "penalty", "is_major": True}, "head"),
    Happening("enforcement.evidence_taken", "调查取证", 8, {"act_kind": "penalty", "kind": "site_inspection"}),
    Happening("enforcement.evidence_taken", "调查取证", 15, {"act_kind": "penalty", "kind": "interview"}),
    Happening(
        "enforcement.investigation_closed", "调查终结", 40, {"violation": "inspection-30-3", "is_complex": False}
    ),
    Happening("enforcement.rights_notified", "告知拟处罚内容和权利", 43, {"has_fine": True, "hearing_offered": True}),
    Happening("enforcement.rights_answered", "当事人答复", 46, {"kind": "waived"}),
    Happening("enforcement.decision_drafted", "拟制处罚决定", 48, {"version": 1, "is_major": True}),
    Happening("enforcement.decision_made", "作出行政处罚决定", 55, PENALTY, "leader"),
    Happening(
        "enforcement.decision_served",
        "送达处罚决定书",
        59,
        {"act_kind": "penalty", "method": "direct", "has_fine": True},
    ),
    Happening("disclosure.published", "公示", 62, {}, "publisher", "notice"),
    Happening("enforcement.fine_paid", "缴清罚款", 68, {}),
    Happening("enforcement.case_closed", "结案", 72, {"outcome": "performed", "ground": ""}, "head"),
)
# Facts of the review of the draft and of the recording of the inspection, beside the case's own.
FIRST_OF_REVIEW: Final = 20
REVIEW: Final = (
    Happening("legalreview.submitted", "送法制审核", 49, {"round": 1}, place="review"),
    Happening("legalreview.package_accepted", "接收完备的送审材料", 50, {"round": 1}, "reviewer", "review"),
    Happening("legalreview.opinion_issued", "出具法制审核意见", 54, {"round": 1, "opinion": "agree"}, "reviewer", "review"),
)  # fmt: skip
FIRST_OF_RECORDING: Final = 30
RECORDING: Final = (
    Happening("recording.made", "形成音像记录", 8, {"sequence": 1, "away": False, "ends_day": True}, place="recording"),
    Happening("recording.stored", "录像入库", 9, {}, place="recording"),
    Happening("recording.indexed", "完善录像索引", 10, {}, place="recording"),
)
# How cases end that do not go the whole way: key -> ground, reason, facts.
FIRST_OF_ENDINGS: Final = 40
NOT_FILED, DISMISSED, REVOKED = "not_filed", "dismissed", "revoked"
GROUNDS: Final = {
    NOT_FILED: ("other_procedure", "双方有争议，已告知通过劳动争议处理程序解决。"),
    DISMISSED: ("corrected", "情节轻微，当事人已在期限内改正。"),
    REVOKED: ("revoked", "行政复议机关撤销原处罚决定。"),
}
ENDINGS: Final = (
    Happening("enforcement.case_closed", "结案", 1, {"outcome": "not_filed", "ground": "other_procedure"}, "head", ending=NOT_FILED),
    Happening("enforcement.case_closed", "结案", 6, {"outcome": "dismissed", "ground": "corrected"}, "leader", ending=DISMISSED),
    Happening("enforcement.decision_revoked", "撤销处罚决定", 30, {"ground": "revoked"}, "leader", ending=REVOKED),
    Happening("disclosure.withdrawn", "撤回公示", 31, {}, "publisher", "notice", ending=REVOKED),
)  # fmt: skip


# Every fact that a case may have, by its number.
HAPPENINGS: Final = {
    **dict(enumerate(COURSE)),
    **dict(enumerate(REVIEW, FIRST_OF_REVIEW)),
    **dict(enumerate(RECORDING, FIRST_OF_RECORDING)),
    **dict(enumerate(ENDINGS, FIRST_OF_ENDINGS)),
}


@dataclass(frozen=True, slots=True)
class Share:
    """Of a hundred cases so many stand after this many facts of the course, and end so; the path leads there by the procedure's edges.

    What happens beside the case may go on for some `more_days`, which must have passed.
    """

    percent: int
    facts: int
    path: tuple[str, ...] = ()
    ending: str = ""
    more_days: int = field(default=0)

    @property
    def last_day(self) -> int:
        """Days from the registration to the last fact of the course."""
        return COURSE[self.facts - 1].day

    @property
    def ends_after(self) -> int:
        """Days from there to the fact that ends the case."""
        return min((each.day for each in ENDINGS if each.ending == self.ending), default=0) if self.ending else 0

    @property
    def length(self) -> int:
        """Days from the registration to the last fact of all."""
        tail = [each.day for each in ENDINGS if self.ending and each.ending == self.ending]
        return self.last_day + max([self.more_days, *tail])

    @property
    def is_over(self) -> bool:
        """Whether such cases gather over the years."""
        return bool(self.ending) or self.facts == len(COURSE)


_FILED: Final = ("proposed", "investigating")
_TOLD: Final = (*_FILED, "concluded", "notified")
_SERVED: Final = (*_TOLD, "decided", "served")
_CLOSED: Final = (*_SERVED, "performed", "closed")
SHARES: Final = (
    Share(2, 1),
    Share(2, 2, ("proposed",)),
    Share(3, 3, _FILED),
    Share(3, 4, _FILED, more_days=2),
    Share(4, 5, _FILED),
    Share(2, 6, (*_FILED, "concluded")),
    Share(1, 7, _TOLD),
    Share(1, 8, _TOLD),
    Share(2, 9, _TOLD, more_days=2),
    Share(2, 10, (*_TOLD, "decided")),
    Share(1, 11, _SERVED),
    Share(2, 12, _SERVED),
    Share(1, 13, (*_SERVED, "performed")),
    Share(2, 1, ("not_filed",), NOT_FILED),
    Share(1, 2, ("proposed", "not_filed"), NOT_FILED),
    Share(1, 5, (*_FILED, "dismissed"), DISMISSED),
    Share(1, 6, (*_FILED, "concluded", "dismissed"), DISMISSED),
    Share(1, 14, (*_CLOSED, "revoked"), REVOKED),
    Share(68, 14, _CLOSED),
)
LONGEST_PATH: Final = max(len(share.path) for share in SHARES)
OPENED_AT: Final = time(10, 0)
_NOWHERE: Final = Subject("case:0", "", "")


def duties_opened(number: int, day: date, *, unit: int, profile: str) -> Iterator[Duty]:
    """What a fact of the course opens on a day, as the product itself would count it; unsaved."""
    happening = HAPPENINGS[number]
    rules = law.rulebook().rules_for(happening.name, happening.payload, profile, day)
    at = datetime.combine(day, OPENED_AT, tzinfo=timezone.get_default_timezone())
    for group in by_obligation(rules).values():
        yield duties._duty(group, profile=profile, at=at, anchor="", file=_NOWHERE, unit_id=unit, opened_by=None)


def meetings(profile: str, on: date) -> Iterator[tuple[str, int]]:
    """(obligation, number of the fact) for every fact of the course that meets a duty."""
    for number, happening in HAPPENINGS.items():
        for rule in law.rulebook().met_by(happening.name, profile, on, happening.payload):
            yield rule.obligation, number
