"""Whether an act was discovered before its limitation ran out: from when it runs, until when, and what is refused after it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.utils import timezone

from core.lifecycle import Attempt, BindingRules, Unmet, guard
from enforcement import terms
from enforcement.models import ActEnd, Case

if TYPE_CHECKING:
    from rulebook.model import Rule


def passed(case: Case, rules: BindingRules) -> BindingRules:
    """Those of the rules whose limitation was over when the act was discovered; none while the act goes on or nobody stated its end."""
    if case.act_end != ActEnd.ENDED:
        return BindingRules((), ())
    found = [n for n, rule in enumerate(rules.rules) if _was_over(case, rule)]
    return BindingRules(tuple(rules.rules[n] for n in found), tuple(rules.citations[n] for n in found))


def _was_over(case: Case, rule: Rule) -> bool:
    ended = case.act_ended_on
    return rule.is_clock and ended is not None and case.first_discovered_at > terms.count(rule, ended, case).due


@guard("discovered_in_time")
def discovered_in_time(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """Nobody is punished for an act that was discovered too late (Penalty Law 36); to know that, its end must have been stated."""
    if not case.act_end:
        fix = case.step_url("state_act_end")
        return Unmet(rules, "没有登记违法行为终了之日，不能确定是否超过时效", fix=fix, fix_label="去登记")
    over = passed(case, rules)
    if not over:
        return None
    return Unmet(over, f"{_told(case)}，已经超过时效，不再给予处罚", fix=case.step_url("dismiss"), fix_label="去办理")


@guard("pursued_in_time")
def pursued_in_time(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """No case is filed for an act that is known to have been discovered too late (inspection regulation 20); often its end is not known yet."""
    over = passed(case, rules)
    if not over:
        return None
    return Unmet(over, f"{_told(case)}，已经超过时效，不再查处", fix=case.step_url("not_file"), fix_label="去办理")


def is_over(case: Case) -> bool:
    """Whether a limitation that binds a penalty of today was over when the act was discovered."""
    from enforcement.procedure import PENALTY  # it names the guards' steps

    return bool(passed(case, PENALTY.binding("discovered_in_time", case, timezone.now())))


def _told(case: Case) -> str:
    ended, found = case.act_ended_on, timezone.localdate(case.first_discovered_at)
    return f"违法行为{_day(ended)}终了，{_day(found)}才被发现" if ended else ""


def _day(day: date) -> str:
    return f"{day:%Y年%-m月%-d日}"
