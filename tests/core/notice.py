"""An invented notice for 2027, whose real one is not published, and duties that it moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import count

from agency.models import Official, Unit
from core import facts
from core.facts import Fact, Subject
from core.models import Duty, FactRecord
from rulebook import notices
from rulebook.notices import Reading

# 1 January 2027 is a Friday. Without a notice 1 January is off and 4-8 are worked; here 1-5 are off and Saturday 9 is worked.
NOTICE = """
year = 2027
title = "示例通知"
number = "示例〔2026〕1号"
[[holiday]]
name = "元旦"
from = 2027-01-01
to = 2027-01-05
worked = [2027-01-09]
"""
# The same with one more day off.
LONGER = NOTICE.replace("2027-01-05", "2027-01-06").replace("1号", "2号")
_numbers = count(100)


def reading(text: str = NOTICE) -> Reading:
    return notices.read(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Fact):
    name = "enforcement.decision_made"
    label = "作出决定"
    act_kind: str = "penalty"
    has_fine: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed(Fact):
    name = "enforcement.case_filed"
    label = "立案"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsEnded(Fact):
    """Counted from a day that it names."""

    name = "enforcement.remedies_ended"
    label = "登记复议、诉讼期限届满"
    ended_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted(Fact):
    name = "legalreview.package_accepted"
    label = "接收送审材料"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made(Fact):
    name = "recording.made"
    label = "制作音像记录"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served(Fact):
    name = "enforcement.decision_served"
    label = "送达"
    has_fine: bool = True


def happen(kind: type[Fact], section: Unit, by: Official, at: datetime, **payload: object) -> list[Duty]:
    """A fact of this kind on a case of its own, and the duties that it opens."""
    number = next(_numbers)
    file = Subject(stream=f"case:{number}", title=f"某某示例公司案{number}", url=f"/desk/cases/{number}/")
    record: FactRecord = facts.record(kind(subject=file, unit=section.pk, **payload), happened_at=at, by=by)
    return list(Duty.objects.filter(opened_by=record).order_by("pk"))


def decide(section: Unit, by: Official, at: datetime) -> list[Duty]:
    """A decision of a case of its own, and the duties that it opens."""
    return happen(Decision, section, by, at)


def publish_duty(section: Unit, by: Official, at: datetime) -> Duty:
    """Publication within seven working days."""
    return next(duty for duty in decide(section, by, at) if duty.obligation == "publish_decision")
