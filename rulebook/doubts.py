"""What a rulebook may say and hardly means: nothing is refused for it, whoever enters a locality is told."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from rulebook.files import Place
from rulebook.library import Rulebook
from rulebook.model import Rule


def doubts(book: Rulebook) -> Iterator[str]:
    """Sentences that name file, rule and reason."""
    yield from _forgotten(book)
    newest = [rule for rule in book.rules if rule.is_enforced]
    yield from _acts_named_twice(book, newest)
    yield from _extensions_named_twice(book, [rule for rule in newest if rule.extends])


def _forgotten(book: Rulebook) -> Iterator[str]:
    """Documents that the profile of their own agency neither lists nor adopts from: they bind nobody there."""
    for instrument in book.instruments:
        profile = book.profile(instrument.profile)
        adopted = {book.rule(name).instrument for name in profile.adopts}
        if instrument.id not in {*profile.instruments, *adopted}:
            reason = f"机关类型 {profile.id} 的 instruments 没有列出本文件，它对本机关不适用"
            yield str(Place(instrument.file).refuse(reason))


def _acts_named_twice(book: Rulebook, rules: list[Rule]) -> Iterator[str]:
    """Clocks that the same facts start and end, for acts of two names: each would be a duty of its own."""
    clocks = [rule for rule in rules if rule.is_clock and rule.opens_on]
    for first, second in combinations(clocks, 2):
        alike = set(first.opens_on) & set(second.opens_on) and set(first.met_by) == set(second.met_by)
        if alike and first.kind == second.kind and first.obligation != second.obligation:
            yield _said(book, *_rarer_first(rules, first, second), "起算和办结的事实相同")


def _extensions_named_twice(book: Rulebook, extensions: list[Rule]) -> Iterator[str]:
    """Extensions of one act that have two names: a step asks for one of them only."""
    for first, second in combinations(extensions, 2):
        same = book.rule(first.extends).obligation == book.rule(second.extends).obligation
        if same and first.obligation != second.obligation:
            yield _said(book, *_rarer_first(extensions, first, second), "延长的是同一行为的期限")


def _rarer_first(rules: list[Rule], first: Rule, second: Rule) -> tuple[Rule, Rule]:
    """The one whose act fewer rules name is the likelier slip; of two alike the later entered."""
    named = [rule.obligation for rule in rules]
    return (first, second) if named.count(first.obligation) < named.count(second.obligation) else (second, first)


def _said(book: Rulebook, rule: Rule, other: Rule, why: str) -> str:
    place = Place(book.instrument(rule.instrument).file, rule.id)
    return str(place.refuse(f"与 {other.id} {why}，obligation 却不同（{rule.obligation}、{other.obligation}）"))
