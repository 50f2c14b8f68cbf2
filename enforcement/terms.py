"""The periods and rates of the law as they bind a case, counted and in words. Every number comes from the rulebook."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from core import calendars, law
from enforcement.models import EvidenceAct
from rulebook import deadlines
from rulebook.deadlines import Due

if TYPE_CHECKING:
    from enforcement.models import Case
    from rulebook.model import Period, Rule

DIGITS = "零一二三四五六七八九"
PLACES = ("", "十", "百", "千")
UNITS = {"working_day": "日（工作日）", "day": "日", "month": "个月", "year": "年", "hour": "小时"}


def numeral(number: int) -> str:
    """十五 for 15, as documents write a number of days; figures from 10,000 on."""
    if not 0 < number < 10_000:
        return str(number)
    words, gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if not digit:
            gap = bool(words)
            continue
        words += ("零" if gap else "") + DIGITS[digit] + PLACES[place]
        gap = False
    return words.removeprefix("一") if words.startswith("一十") else words


def in_words(period: Period) -> str:
    """十五日, or 五日（工作日）."""
    return f"{numeral(period.amount)}{UNITS[period.unit]}"


def hearing_period(case: Case, on: date) -> Period | None:
    """How long after its notice the party may ask for a hearing (Penalty Law 64); None where no rule says."""
    told = {"hearing_offered": True}
    return law.period_after("enforcement.rights_notified", "request_hearing", unit_id=case.unit_id, on=on, fields=told)


def payment_period(case: Case, on: date) -> Period | None:
    """How long after service a fine is to be paid (Penalty Law 67); None where no rule says."""
    fined = {"has_fine": True}
    return law.period_after("enforcement.decision_served", "pay_fine", unit_id=case.unit_id, on=on, fields=fined)


def demand_period(case: Case, on: date) -> Period | None:
    """How long a demand gives the party before the court may be asked (Coercion Law 54); None where no rule says."""
    return law.period_after(
        "enforcement.performance_demanded", "perform_on_demand", unit_id=case.unit_id, on=on, fields={}
    )


def surcharge_rule(case: Case, on: date) -> Rule | None:
    """The rule that fixes what is added to a fine not paid in time, in per cent of the fine (Penalty Law 72)."""
    return next(iter(law.gates("payment_overdue", unit_id=case.unit_id, on=on, fields=case.law_fields())), None)


def last_day_to_call(case: Case, held_at: datetime) -> Due | None:
    """By when the party must have been told of a hearing on this day (Penalty Law 64); the earliest where several rules say."""
    day = timezone.localdate(held_at)
    rules = law.gates("hearing_called_in_time", unit_id=case.unit_id, on=day, fields=case.law_fields())
    return min((count(rule, day, case) for rule in rules if rule.is_backward), key=lambda due: due.due, default=None)


def answer_period_ends(case: Case, notice_served_at: datetime) -> datetime | None:
    """The last moment to ask for a hearing that a notice served then offers; None when no rule names a period."""
    on = timezone.localdate(notice_served_at)
    fields = case.law_fields() | {"hearing_offered": True}
    rules = law.gates("rights_answered_or_waived", unit_id=case.unit_id, on=on, fields=fields)
    return max((count(rule, notice_served_at, case).due for rule in rules if rule.is_clock), default=None)


def count(rule: Rule, at: datetime | date, case: Case) -> Due:
    """Until when a rule's period runs from a day or moment, as the case's unit is bound."""
    profile = law.profile_of(case.unit_id)
    return deadlines.due(rule, at, calendar=calendars.current(), rulebook=law.rulebook(), profile=profile)


def settlement_period(case: Case, on: date) -> Period | None:
    """Within how long after it was registered and preserved it is decided what becomes of evidence (Penalty Law 56); None where no rule says."""
    told = {"kind": EvidenceAct.Kind.REGISTERED.value}
    return law.period_after(
        "enforcement.evidence_taken", "settle_registered_evidence", unit_id=case.unit_id, on=on, fields=told
    )
