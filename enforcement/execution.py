"""When what follows a fine that is not paid may be done: more is added, the party is urged, the court is asked."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from core.lifecycle import Attempt, BindingRules, Unmet, guard
from core.models import Duty
from enforcement import terms
from enforcement.models import Case


def payment_duty(case: Case) -> Duty | None:
    """The party's duty to pay this fine."""
    return next((duty for duty in reversed(case.duties_of_its_own("pay_fine")) if duty.voided_at is None), None)


@guard("payment_overdue", numbers=("percent_each_day", "percent_at_most"))
def payment_overdue(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """A surcharge may only be added when the period of payment is over and no payment came in."""
    duty = payment_duty(case)
    if duty is not None and duty.met_at is None and attempt.happened_at > duty.due_at:
        return None
    if duty is None:
        return Unmet(rules, "本案没有到期未缴的罚款", fix=case.get_absolute_url(), fix_label="看案卷")
    last = timezone.localtime(duty.due_at)
    return Unmet(
        rules, f"缴款期还没有届满，{last:%-m月%-d日}24:00届满", fix=duty.get_absolute_url(), fix_label="看计算"
    )


@guard("fine_unpaid")
def fine_unpaid(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """The fine should have been paid by now. Until then nobody thinks of compulsion: the step does not concern the case."""
    duty = payment_duty(case)
    if duty is not None and duty.met_at is None and attempt.happened_at > duty.due_at:
        return None
    return Unmet(rules, "本案没有到期未缴的罚款")


@guard("court_not_asked")
def court_not_asked(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """The court is asked once."""
    return Unmet(rules, "已经申请法院强制执行") if hasattr(case, "court_application") else None


@guard("court_asked_in_time")
def court_asked_in_time(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """The party's terms for review and suit have run out, and since then not more than the three months (Coercion Law 53)."""
    ended = case.remedies_ended_on
    if ended is None:
        fix = case.step_url("state_remedies_ended")
        return Unmet(rules, "没有登记复议、诉讼期限届满之日", fix=fix, fix_label="去登记")
    last = max((terms.count(rule, ended, case).due for rule in rules if rule.is_clock), default=None)
    if last is None or attempt.happened_at <= last:
        return None
    right = next(iter(reversed(case.duties_of_its_own("apply_to_court"))), None)
    where = right.get_absolute_url() if right else case.get_absolute_url()
    text = f"申请法院强制执行的期限已于{_day(last)}届满，不能再申请"
    return Unmet(rules, text, fix=where, fix_label="看计算")


@guard("demanded_before_court")
def demanded_before_court(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """The party was urged in writing, and the ten days since that reached it are over (Coercion Law 54)."""
    demands = list(case.demands.all())
    if not demands:
        return Unmet(rules, "没有催告当事人履行", fix=case.step_url("demand_performance"), fix_label="去催告")
    ends = min(filter(None, (_demand_ends(case, rules, demand.served_at) for demand in demands)), default=None)
    if ends is None or attempt.happened_at > ends:
        return None
    text = f"催告书送达后的履行期限到{_day(ends)}24:00，届满后才能申请"
    return Unmet(rules, text, fix=case.get_absolute_url(), fix_label="看案卷")


def _demand_ends(case: Case, rules: BindingRules, served_at: datetime) -> datetime | None:
    return max((terms.count(rule, served_at, case).due for rule in rules if rule.is_clock), default=None)


def _day(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y年%-m月%-d日}"
