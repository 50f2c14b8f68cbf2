"""To which part of the product a rule belongs, and how far it is held there: enforced, counted only, or not yet."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from django.apps import apps

from core import constraints, law, lifecycle
from rulebook.model import Rule
from rulebook.waiting import wait_of

State: TypeAlias = Literal["enforced", "counted", "not_yet"]
STATES: Final[dict[State, str]] = {"enforced": "执行中", "counted": "只能计算", "not_yet": "尚未纳入执行"}
# As a case goes through them.
APPS: Final = ("enforcement", "recording", "legalreview", "disclosure", "supervision")


def state_of(rule: Rule) -> State:
    """Whether code holds the rule today; if not, whether its last day can at least be counted."""
    if rule.is_enforced:
        return "enforced"
    return "counted" if rule.is_clock or rule.is_periodic else "not_yet"


def part_of(rule: Rule) -> str:
    """The name of the part that holds the rule, or of the one it waits for."""
    label = _app_of(rule) if rule.is_enforced else wait_of(rule).part
    return str(apps.get_app_config(label).verbose_name) if label in APPS else label


def in_order(parts: set[str]) -> list[str]:
    """The apps that are there first, then what is to come."""
    own = [str(apps.get_app_config(label).verbose_name) for label in APPS]
    return [part for part in own if part in parts] + sorted(parts - set(own))


def _app_of(rule: Rule) -> str:
    """Where its first mechanism lives: the check, what holds it without a step, or the act that fulfils it."""
    for key in rule.guards:
        return lifecycle.guard_function(key).__module__.split(".")[0]
    for key in rule.constraints:
        return constraints.find(key).code.__module__.split(".")[0]
    for name in (*rule.met_by, *rule.opens_on):
        return name.split(".")[0]
    held_with = next(iter((*filter(None, [rule.extends]), *rule.allows_pause_of)))
    return _app_of(law.rulebook().rule(held_with))
