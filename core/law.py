"""The rulebook as this installation is bound by it: which profile, which citation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from itertools import chain

from core import registry
from rulebook import library
from rulebook.library import Rulebook
from rulebook.model import Citation, Period, Rule

_SPANS = {"quarter": "每季度", "half_year": "每半年", "year": "每年"}
UNITS = {"working_day": "个工作日", "day": "日", "month": "个月", "year": "年", "hour": "小时"}


def rulebook() -> Rulebook:
    return library.get()


def profile_of(unit_id: int) -> str:
    """The profile that binds a unit: its own, or the agency's."""
    return registry.agency().profile_of(unit_id)


def cite(rule_id: str, unit_id: int) -> Citation:
    """A rule's citation as it binds this unit; marked 参照 where the profile adopts it by reference."""
    return _cited(rulebook(), rule_id, profile_of(unit_id))


def rule_of_act(rule_id: str, unit_id: int) -> Rule | None:
    """The rule of this unit's own law about an act that code names by a rule: that rule where it binds the unit, else the first that
    demands the same act, or makes the same check binding. None where its law says nothing of the act.
    """
    return _rule_of_act(rulebook(), rule_id, profile_of(unit_id))


def cite_act(rule_id: str, unit_id: int) -> Citation | None:
    """The article under which this unit takes an act that code names by a rule; None where its law says nothing of the act."""
    rule = rule_of_act(rule_id, unit_id)
    return cite(rule.id, unit_id) if rule is not None else None


def short_of_act(rule_id: str, unit_id: int) -> str:
    """The same in its quiet form, as lists show it; empty where there is none, or where code names no rule."""
    citation = cite_act(rule_id, unit_id) if rule_id else None
    return citation.short if citation is not None else ""


def in_words(period: Period) -> str:
    """2个工作日, or 当日, as pages write a period."""
    return "当日" if period.is_same_day else f"{period.amount}{UNITS[period.unit]}"


def term_of(rule: Rule) -> str:
    """7个工作日内, 5日前, 每年1月31日前, 每季度一次, 每季度后次月10日前; nothing for a rule without a term."""
    if rule.within is not None:
        return f"{in_words(rule.within)}{'' if rule.kind in ('retention', 'extension') else '内'}"
    if rule.before is not None:
        return f"{in_words(rule.before)}前"
    if rule.fixed is not None:
        return f"每年{rule.fixed.month}月{rule.fixed.day}日前"
    if rule.each is not None:
        return f"{_SPANS[rule.each]}后次月{rule.by_day}日前" if rule.by_day else f"{_SPANS[rule.each]}一次"
    return ""


def period_after(fact: str, obligation: str, *, unit_id: int, on: date, fields: Mapping[str, object]) -> Period | None:
    """How long after a fact with these fields an obligation of this unit may take; None where no rule in force says."""
    rules = rulebook().rules_for(fact, fields, profile_of(unit_id), on)
    return next((rule.within for rule in rules if rule.obligation == obligation), None)


def counting_from(fact: str, *, unit_id: int, on: date) -> tuple[Rule, ...]:
    """Every rule in force on this unit whose clock this fact may start, whatever the rule asks of its fields."""
    return _counting_from(rulebook(), fact, profile_of(unit_id), on)


def gates(key: str, *, unit_id: int, on: date, fields: dict[str, object]) -> tuple[Rule, ...]:
    """Every rule in force that makes the guard `key` binding on this unit."""
    named = _gates(rulebook(), key, profile_of(unit_id), on)
    return tuple(rule for rule in named if rule.applies_to(fields))


def held_by(key: str, *, unit_id: int, on: date) -> tuple[Rule, ...]:
    """Every rule in force that the constraint `key` holds for this unit."""
    return _held_by(rulebook(), key, profile_of(unit_id), on)


# A rulebook never changes, so its answers may be kept; a page asks for dozens.


@lru_cache(maxsize=4096)
def _cited(book: Rulebook, rule_id: str, profile: str) -> Citation:
    return book.cite(rule_id, profile)


@lru_cache(maxsize=4096)
def _rule_of_act(book: Rulebook, rule_id: str, profile: str) -> Rule | None:
    named = book.rule(rule_id)
    if book.binds(rule_id, profile):
        return named
    enforced = [rule for rule in book.binding(profile) if rule.is_enforced]
    same_act = (rule for rule in enforced if rule.obligation == named.obligation)
    same_check = (rule for rule in enforced if set(rule.guards) & set(named.guards))
    return next(chain(same_act, same_check), None)


@lru_cache(maxsize=4096)
def _counting_from(book: Rulebook, fact: str, profile: str, on: date) -> tuple[Rule, ...]:
    return tuple(rule for rule in book.binding(profile, on) if rule.is_enforced and fact in rule.opens_on)


@lru_cache(maxsize=4096)
def _gates(book: Rulebook, key: str, profile: str, on: date) -> tuple[Rule, ...]:
    return book.gates(key, profile, on)


@lru_cache(maxsize=4096)
def _held_by(book: Rulebook, key: str, profile: str, on: date) -> tuple[Rule, ...]:
    return book.held_by(key, profile, on)
