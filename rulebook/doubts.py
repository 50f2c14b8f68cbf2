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
    yield from _layer_left_out(book)
    yield from _heads(book)
    newest = [rule for rule in book.rules if rule.is_enforced]
    yield from _pauses_without_reasons(book, newest)
    yield from _met_by_the_next(book, newest)
    yield from _acts_named_twice(book, newest)
    yield from _extensions_named_twice(book, [rule for rule in newest if rule.extends])


def _forgotten(book: Rulebook) -> Iterator[str]:
    """Documents that the profile of their own agency neither lists nor adopts from: they bind nobody there."""
    for instrument in book.instruments:
        profile = book.profile(instrument.profile)
        adopted = {book.rule(name).instrument for name in profile.adopts}
        if instrument.id not in {*profile.instruments, *adopted}:
            reason = f"规则档案 {profile.id} 的 instruments 没有列出本文件，它对本机关不适用"
            yield str(Place(instrument.file).refuse(reason))


def _layer_left_out(book: Rulebook) -> Iterator[str]:
    """Documents that a profile leaves out, of a layer that other profiles list whole: the national law, above all."""
    for profile in book.profiles:
        others = [one for one in book.profiles if one is not profile]
        for layer in others:
            whole = [one for one in others if set(layer.instruments) < set(one.instruments)]
            missing = [name for name in layer.instruments if name not in profile.instruments]
            # what most build on is a layer, and not one locality with its branches
            if 2 * len(whole) > len(others) > 1 and missing:
                reason = f"instruments 没有列出 {'、'.join(missing)}，其中的规则对本机关不起作用；{layer.file} 的文件各机关都适用"
                yield str(Place(profile.file).refuse(reason))


def _met_by_the_next(book: Rulebook, rules: list[Rule]) -> Iterator[str]:
    """Periods that end only with the fact that begins the next one: what happens once is owed for ever."""
    for rule in rules:
        both = set(rule.opens_on) & set(rule.met_by)
        if both and not (rule.when or rule.opens_when or rule.met_when):
            reason = f"{min(both)} 既起算又办结：再次发生才办结上一期，只发生一次的永远不能办结"
            yield str(Place(book.instrument(rule.instrument).file, rule.id).refuse(reason))


def _heads(book: Rulebook) -> Iterator[str]:
    """What stands at the head of a file and reads wrongly on pages."""
    for instrument in book.instruments:
        place = Place(instrument.file)
        if any(name.startswith("《") and name.endswith("》") for name in (instrument.title, instrument.short_title)):
            yield str(place.refuse("title、short_title 不写书名号，页面会加上"))
        if instrument.issued_on is not None and instrument.issued_on > instrument.effective_from:
            yield str(place.refuse(f"issued_on {instrument.issued_on} 晚于 effective_from {instrument.effective_from}"))
    titles: dict[str, str] = {}
    for profile in book.profiles:
        other = titles.setdefault(profile.title, profile.file)
        if other != profile.file:
            yield str(Place(profile.file).refuse(f"title 与 {other} 相同，选择规则档案时分不出来"))


def _pauses_without_reasons(book: Rulebook, rules: list[Rule]) -> Iterator[str]:
    """Pauses whose reasons have no names: the page offers those that `items` name, here none."""
    for rule in rules:
        if rule.allows_pause_of and not rule.items:
            place = Place(book.instrument(rule.instrument).file, rule.id)
            yield str(place.refuse("暂停的理由没有名称，页面上选不出来：items 中写明 pause_kinds 的每一种"))


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
