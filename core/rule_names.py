"""What rules may name: the facts, checks and constraints that code knows, and the acts that other rules demand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core import constraints, law
from core.facts import Fact
from core.lifecycle import guard_fields, guard_items, guard_reads
from rulebook.conditions import Domain, Fields
from rulebook.library import by_obligation
from rulebook.model import APPROVERS, Rule


def known_facts() -> dict[str, Fields]:
    """All facts the apps define: their names, the fields of each, and what each field may hold."""
    found: dict[str, dict[str, Domain]] = {}
    for fact in _facts():
        fields = found.setdefault(fact.name, {})
        for name, domain in fact.domains().items():
            # of several definitions the narrower one
            if name not in fields or domain.known is not None:
                fields[name] = domain
    return dict(found)


def unknown() -> list[str]:
    """A sentence naming file, rule and reason for every name in the rulebook that no code provides, and for every condition that could
    never hold.
    """
    book, facts = law.rulebook(), known_facts()
    names = book.unknown_names(facts=facts, guards=guard_reads(), constraints=constraints.keys(), items=guard_items())
    return [str(refused) for refused in (*names, *book.impossible_conditions(facts=facts, guards=guard_fields()))]


def listed(word: str) -> Iterator[str]:
    """Every name that a rule may use, a line each under its heading; with a word, those whose line has it."""
    for heading, lines in (
        ("事实（opens_on、met_by；括号内为可以写进 when、opens_when、met_when、from_field 的字段）", _fact_lines()),
        ("核查（guard；括号内为须在 numbers 中给出的数，和 items 只能有的键）", _guard_lines()),
        ("约束（constraint）", _constraint_lines()),
        ("批准人（approver）", (f"{key}　{label}" for key, label in APPROVERS.items())),
        ("行为（obligation；同一行为用同一名称）", _obligation_lines()),
    ):
        found = [line for line in lines if word in line]
        if found:
            yield heading
            yield from (f"  {line}" for line in found)


def _fact_lines() -> Iterator[str]:
    fields = known_facts()
    for name, label in sorted({fact.name: fact.label for fact in _facts()}.items()):
        yield f"{name}　{label}{_bracketed(fields[name])}"


def _guard_lines() -> Iterator[str]:
    for key, read in sorted(guard_reads().items()):
        items = guard_items().get(key, ())
        numbers = [*read.numbers, *(f"{number}（items 有 {item} 时）" for item, number in read.sums.items())]
        threshold = "（threshold 为人数）" if read.threshold else ""
        yield f"{key}{threshold}{_bracketed(numbers)}{_bracketed(items, 'items ')}{_used_by([rule for rule in law.rulebook().rules if key in rule.guards])}"


def _constraint_lines() -> Iterator[str]:
    for key in sorted(constraints.keys()):
        yield f"{key}{_used_by([rule for rule in law.rulebook().rules if key in rule.constraints])}"


def _obligation_lines() -> Iterator[str]:
    for obligation, rules in sorted(by_obligation(law.rulebook().rules).items()):
        yield f"{obligation}{_used_by(list(rules))}"


def _used_by(rules: list[Rule]) -> str:
    """The titles of rules that name it, so that they say what it is, and where to look."""
    titles = "、".join(list(dict.fromkeys(rule.title for rule in rules))[:4])
    return f"　{titles}，见 {rules[0].id}" if rules else ""


def _bracketed(names: Iterable[str], what: str = "") -> str:
    words = sorted(names)
    return f"（{what}{'、'.join(words)}）" if words else ""


def _facts() -> list[type[Fact]]:
    return [fact for fact in _subclasses(Fact) if "name" in vars(fact)]


def _subclasses(cls: type[Fact]) -> set[type[Fact]]:
    direct = set(cls.__subclasses__())
    return direct.union(*(_subclasses(child) for child in direct))
