"""What the conditions of rules (`when`, `opens_when`, `met_when`, `from_field`) may ask: fields that a fact or a matter has, and values that those
fields can take. A rule that asks for anything else would never apply, and nobody would hear of it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from rulebook.model import Condition, Rule, Value

Labels: TypeAlias = Mapping[Value, str]
Fields: TypeAlias = Mapping[str, "Domain"]
_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Domain:
    """What a field may hold: values of one type, and where they are a closed set, which."""

    type: type
    known: Callable[[], Labels] | None = None

    def holds(self, value: Value) -> bool:
        """Whether the field can have this value; true is no number."""
        if self.type not in (str, int, bool) or type(value) is not self.type:
            return False
        return self.known is None or value in self.known()

    @property
    def may_be_day(self) -> bool:
        """Whether a period may be counted from it: days are kept as text."""
        return self.type is date or (self.type is str and self.known is None)

    @property
    def in_words(self) -> str:
        """What it may hold, for a refusal."""
        if self.type not in (str, int, bool):
            return "是一组值或者日期，不能作条件"
        if self.type is bool:
            return "应为 true 或 false"
        if self.known is None:
            return "应为整数" if self.type is int else "应为文字"
        labelled = [f"{value}（{label}）" if label else str(value) for value, label in self.known().items()]
        return f"应为 {'、'.join(labelled[:_SHOWN])}{'等' if len(labelled) > _SHOWN else ''} 之一"


def one_of(choices: Iterable[tuple[str, object]] | Callable[[], Iterable[tuple[str, object]]]) -> Domain:
    """A text from a closed set of values with their labels, as Django's choices are; read when it is first asked for, if it is a function."""
    if callable(choices):
        asked = choices
        return Domain(str, lambda: {value: str(label) for value, label in asked()})
    labels: Labels = {value: str(label) for value, label in choices}
    return Domain(str, lambda: labels)


@dataclass(frozen=True, slots=True)
class Read:
    """What a check reads from the rules that name it: numbers that each must give, those that single items want (item -> number), and
    whether it reads a threshold.
    """

    numbers: tuple[str, ...] = ()
    sums: Mapping[str, str] = dataclasses.field(default_factory=dict)
    threshold: bool = False


WHETHER: Final = Domain(bool)
NUMBER: Final = Domain(int)
TEXT: Final = Domain(str)
DAY: Final = Domain(date)
SEVERAL: Final = Domain(tuple)


def wrong_conditions(rule: Rule, facts: Mapping[str, Fields], guards: Mapping[str, Fields]) -> Iterator[str]:
    """Every reason for which a condition of the rule can never hold. `guards` gives for each check the fields of the matter it is asked
    about. Facts, fields of facts and checks that no code knows at all are refused elsewhere.
    """
    opening = {name: facts[name] for name in rule.opens_on if name in facts}
    yield from _never("when", rule.when, "事实", opening)
    yield from _never("opens_when", rule.opens_when, "事实", opening)
    yield from _never("met_when", rule.met_when, "事实", {name: facts[name] for name in rule.met_by if name in facts})
    checked = {key: guards[key] for key in rule.guards if key in guards}
    for key, fields in checked.items():
        for name, _ in rule.when:
            if name not in fields:
                yield f"when 的 {name} 不是核查 {key} 能看到的字段，应为 {'、'.join(sorted(fields))} 之一"
    yield from _never("when", rule.when, "核查", checked)
    for name in rule.opens_on:
        domain = facts.get(name, {}).get(rule.from_field) if rule.from_field else None
        if domain is not None and not domain.may_be_day:
            yield f"from_field 的 {rule.from_field} 不是日期，不能从它起算"


def _never(name: str, condition: Condition, noun: str, asked: Mapping[str, Fields]) -> Iterator[str]:
    """Values that none of these can have, and those of these that can have none of the values."""
    for field, values in condition:
        domains = {of: fields[field] for of, fields in asked.items() if field in fields}
        for value in values:
            if domains and not any(domain.holds(value) for domain in domains.values()):
                of, domain = next(iter(domains.items()))
                yield f"{name} 的 {field} 不会是 {_written(value)}：{noun} {of} 的 {field} {domain.in_words}"
        for of, domain in domains.items():
            if len(domains) > 1 and not any(domain.holds(value) for value in values):
                yield f"{name} 的 {field} 对{noun} {of} 永远不成立：{domain.in_words}"


def _written(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)
