"""What no single file can show to be wrong: two instruments that are one and the same, a rule outside the validity of its instrument,
an extension without the period that it extends, figures that cannot be meant. All of it is refused at loading, with file, rule and reason.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING, Final

from rulebook.files import Place, nearest
from rulebook.model import PERIODIC_KINDS, Instrument, Period, Profile, Rule, Unit

if TYPE_CHECKING:
    from rulebook.library import Rulebook

# Beyond these a figure is a slip of the pen: no rule counts so far, and the calendar ends.
LONGEST: Final[Mapping[Unit, int]] = {"hour": 720, "working_day": 500, "day": 3660, "month": 600, "year": 100}
UNIT_NAMES: Final[Mapping[Unit, str]] = {
    "hour": "小时",
    "working_day": "个工作日",
    "day": "日",
    "month": "个月",
    "year": "年",
}
# The fewest working days that lie in a unit, weekends and holidays taken out, so that an alert surely falls inside the period.
_FEWEST: Final[Mapping[Unit, float]] = {"working_day": 1, "day": 5 / 7, "month": 15, "year": 235}
_EARLIEST: Final = date(1949, 10, 1)
_LATEST: Final = date(2099, 12, 31)
_BRACKETS = re.compile(r"\([^()]*\)")
_YEARS = re.compile(r"(?:\d{4}|[〇零一二三四五六七八九]{4})(?:年度|年)?")


def check(book: Rulebook, versions: Mapping[str, tuple[Rule, ...]]) -> None:
    """Refuse with RulebookError the first thing that does not hold together."""
    for directory, found in (("instruments", book.instruments), ("profiles", book.profiles)):
        if not found:
            raise Place(directory).refuse("目录中没有任何 .toml 文件")
    for instrument in book.instruments:
        _check_instrument(instrument, book)
    for rule in (rule for group in versions.values() for rule in group):
        instrument = book.instrument(rule.instrument)
        place = Place(instrument.file, rule.id)
        for reason in (*_outside(rule, instrument, book), *_unmeant(rule), *_without_effect(rule)):
            raise place.refuse(reason)
        for name in filter(None, (rule.extends, *rule.allows_pause_of)):
            _check_reach(rule, name, versions[name], place)
    _check_copies([rule for group in versions.values() for rule in group], book)
    for profile in book.profiles:
        _check_profile(profile, book)


# --- instruments ------------------------------------------------------------------------------------------------


def _check_instrument(instrument: Instrument, book: Rulebook) -> None:
    place = Place(instrument.file)
    for name in ("effective_from", "effective_to", "issued_on"):
        day = getattr(instrument, name)
        if day is not None and not _EARLIEST <= day <= _LATEST:
            raise place.refuse(f"{name} 不可能：{day}")
    known = {one.id: one for one in book.instruments}
    for older_id in instrument.replaces:
        if older_id == instrument.id:
            raise place.refuse("replaces 不得写本文件自己")
        older = known.get(older_id)
        if older is None:
            raise place.refuse(f"replaces 所列 {older_id} 不存在{nearest(older_id, known)}")
        above, own = book.profile(older.profile), book.profile(instrument.profile)
        if set(above.instruments) < set(own.instruments):
            raise place.refuse(
                f"replaces 所列 {older_id} 是上一层的文件（{above.id}），本机关的文件不能代替它；要求同一行为的，用同一个 obligation，两条都适用"
            )
        if older.effective_from >= instrument.effective_from:
            raise place.refuse(
                f"replaces 所列 {older_id} 自{older.effective_from}施行，不早于本文件的{instrument.effective_from}，不能由本文件代替"
            )


def _outside(rule: Rule, instrument: Instrument, book: Rulebook) -> Iterator[str]:
    """A rule holds only while its instrument does; an annual one goes on past its year where some profile continues it."""
    first, last = instrument.effective_from, instrument.effective_to
    if rule.effective_from < first:
        yield f"有效期间不成立：规则自{rule.effective_from}起，而文件自{first}起才施行"
    if last is not None and (rule.effective_to is None or rule.effective_to > last):
        yield f"有效期间不成立：规则到{rule.effective_to or '不定期'}，而文件到{last}为止"
    continued = any(instrument.id in profile.continues for profile in book.profiles)
    if instrument.annual and not continued and rule.effective_from.year > first.year:
        yield f"有效期间不成立：规则自{rule.effective_from}起，而{first.year}年度的文件没有机关沿用"


def series(title: str) -> str:
    """What the titles of an instrument and of its next edition have in common: years, brackets and spaces are left out."""
    bare = re.sub(r"[\s《》]", "", unicodedata.normalize("NFKC", title))
    while (shorter := _BRACKETS.sub("", bare)) != bare:
        bare = shorter
    return _YEARS.sub("", bare)


# --- rules ------------------------------------------------------------------------------------------------------


def _unmeant(rule: Rule) -> Iterator[str]:
    """Figures that are possible in themselves and cannot be meant."""
    for name, period in (("within", rule.within), ("before", rule.before)):
        if period is not None and period.is_same_day and rule.kind != "deadline":
            yield f"{name} 的期限不可能：0日，当日办结的只能是 deadline"
        if period is not None and period.amount > LONGEST[period.unit]:
            most = f"{LONGEST[period.unit]}{UNIT_NAMES[period.unit]}"
            yield f"{name} 的期限不可能：{period.amount}{UNIT_NAMES[period.unit]}，最长{most}"
    if rule.threshold == 0:
        yield "threshold 的人数不可能：0"
    if not rule.alert_before:
        return
    if len(set(rule.alert_before)) < len(rule.alert_before) or 0 in rule.alert_before:
        yield "alert_before 应为不重复的正整数（到期前的工作日数）"
    counted = rule.within or rule.before
    if counted is None and rule.kind not in PERIODIC_KINDS:
        yield f"{rule.kind} 没有到期的时候，不能有 alert_before"
    elif counted is not None and max(rule.alert_before) >= _working_days_in(counted):
        length = f"{counted.amount}{UNIT_NAMES[counted.unit]}"
        yield f"alert_before 的{max(rule.alert_before)}个工作日不短于期限本身（{length}），期限没有开始就要提醒"


def _working_days_in(period: Period) -> float:
    """At least so many working days lie in a period; none in one of hours."""
    return period.amount * _FEWEST.get(period.unit, 0)


def _without_effect(rule: Rule) -> Iterator[str]:
    """What stands in an enforced rule and nothing reads: the rule would not do what it says."""
    if not rule.is_enforced:
        return
    if rule.when and not (rule.opens_on or rule.guards):
        yield "有 when 而没有 opens_on 或者 guard：没有事实、核查可以对照，条件不会起作用"
    if rule.threshold is not None and not rule.guards:
        yield "有 threshold 而没有 guard：没有核查使用这个数"
    if rule.kind == "retention" and rule.opens_on:
        yield "retention 是保管多久，不产生要办的事，不得有 opens_on"
    checked = rule.guards or rule.constraints
    if rule.kind == "deadline" and rule.met_by and not rule.opens_on:
        yield "有 met_by 而没有 opens_on：这一期限永远不会开始"
    if rule.kind in ("gate", "prohibition") and not checked:
        yield f"{rule.kind} 须有 guard 或者 constraint，没有它什么也拦不住"
    if rule.kind in PERIODIC_KINDS and not rule.met_by:
        yield "没有 met_by：这一期限每次都会开始，永远不能办结"
    if rule.before is not None and rule.opens_on and not rule.from_field:
        yield "before 从活动之日向前倒算，须用 from_field 写明事实的哪个字段是活动之日"


def _check_reach(rule: Rule, name: str, targets: tuple[Rule, ...], place: Place) -> None:
    """An extension or pause and what it is for are valid on some day together, and count in the same unit on every such day."""
    met = [one for one in targets if _overlap(_span(rule), _span(one))]
    if not met:
        raise place.refuse(f"与 {name} 没有一天同时有效，不会起作用")
    if rule.extends == name and rule.within is not None:
        for one in met:
            if one.within is None or one.within.unit != rule.within.unit:
                raise place.refuse(f"延长的单位与 {name} 自{one.effective_from}起的期限不同")
    if name in rule.allows_pause_of and any(
        one.within is not None and (one.within.is_same_day or one.within.unit == "hour") for one in met
    ):
        raise place.refuse(f"{name} 的期限按小时或者当日计算，不能暂停")
    if rule.items and name in rule.allows_pause_of and {item.key for item in rule.items} != set(rule.pause_kinds):
        raise place.refuse("items 的键与 pause_kinds 不同：页面按 items 选择暂停的理由，选了的要在 pause_kinds 中才行")


def _check_copies(rules: list[Rule], book: Rulebook) -> None:
    """One demand of one article entered under two ids would stand twice on every page."""
    known: dict[tuple[object, ...], Rule] = {}
    for rule in rules:
        said = rule.instrument, rule.article, rule.quote, rule.kind, rule.obligation
        told = (
            *said,
            rule.opens_on,
            rule.when,
            rule.opens_when,
            rule.within,
            rule.before,
            rule.fixed,
            rule.each,
            rule.guards,
            rule.constraints,
        )
        other = known.setdefault(told, rule)
        if other.id != rule.id and _overlap(_span(other), _span(rule)):
            place = Place(book.instrument(rule.instrument).file, rule.id)
            raise place.refuse(f"与 {other.id} 的条文、原文、行为、期限都相同，同一规定录了两次")


# --- profiles ---------------------------------------------------------------------------------------------------


def _check_profile(profile: Profile, book: Rulebook) -> None:
    place = Place(profile.file)
    if not profile.instruments:
        raise place.refuse("instruments 没有列出任何文件，没有规则适用于这个机关")
    _check_adopted_editions(profile, book, place)
    for first, second in combinations(map(book.instrument, profile.instruments), 2):
        if series(first.title) == series(second.title) or _says_the_same(first, second, book):
            _refuse_two_at_once(first, second, profile, book, place)
    bound = {rule.id for rule in book.binding(profile.id)}
    for rule in book.binding(profile.id):
        named = filter(None, (rule.extends, *rule.allows_pause_of))
        if (rule.extends or rule.allows_pause_of) and bound.isdisjoint(named) and not _reaches(rule, profile, book):
            asked = "、".join(filter(None, (rule.extends, *rule.allows_pause_of)))
            does = "延长" if rule.extends else "暂停"
            listed = f"adopts 所列 {rule.id}" if rule.id in profile.adopts else f"{rule.instrument} 的 {rule.id}"
            raise place.refuse(
                f"{listed} 是{does} {asked} 的规则，而 {asked} 对本机关不适用，须一并适用（列入 adopts 或者 instruments）"
            )


def _reaches(rule: Rule, profile: Profile, book: Rulebook) -> bool:
    """Whether some rule of the profile is extended or paused by this one, though it names another."""
    clocks = [one for one in book.binding(profile.id) if one.is_clock]
    asked = book.extensions_of if rule.extends else book.pauses_of
    return any(rule in asked(one.id, profile.id) for one in clocks)


def _check_adopted_editions(profile: Profile, book: Rulebook, place: Place) -> None:
    """Who is bound by an instrument is bound by what replaced it, not by single rules of it."""
    for rule_id in profile.adopts:
        newer = book.instrument(book.rule(rule_id).instrument)
        older = next((name for name in book.replaced_by(newer.id) if name in profile.instruments), None)
        if older is not None:
            raise place.refuse(
                f"adopts 所列规则 {rule_id} 出自 {newer.id}，它代替了本机关适用的 {older}，应把 {newer.id} 列入 instruments"
            )


def _says_the_same(first: Instrument, second: Instrument, book: Rulebook) -> bool:
    """Whether every rule of one stands in the other too, words and article: the same document under another title."""
    said = [{(rule.article, rule.quote) for rule in book.rules_of(one.id)} for one in (first, second)]
    fewer, more = sorted(said, key=len)
    return len(fewer) > 1 and fewer <= more


def _refuse_two_at_once(first: Instrument, second: Instrument, profile: Profile, book: Rulebook, place: Place) -> None:
    older, newer = sorted((first, second), key=lambda one: one.effective_from)
    shared = _overlap(book.span_of(older.id, profile.id), book.span_of(newer.id, profile.id))
    if shared is None:
        return
    if older.title == newer.title:
        same = f"都是《{newer.title}》"
    elif series(older.title) == series(newer.title):
        same = f"是《{newer.title}》的前后两份"
    else:
        same = "各条规则的条号、原文都相同，是同一份文件"
    raise place.refuse(
        f"有效期重叠：{older.id} 和 {newer.id} {same}，{shared}同时适用。新的代替旧的，在新文件写 replaces = "
        f'"{older.id}"；同一份录了两次的，只列一份；不是一回事的，title 写全制定机关'
    )


def _span(rule: Rule) -> tuple[date, date | None]:
    return rule.effective_from, rule.effective_to


def _overlap(first: tuple[date, date | None] | None, second: tuple[date, date | None] | None) -> date | None:
    """The first day of both spans; None where there is none. A span without an end goes on."""
    if first is None or second is None:
        return None
    day = max(first[0], second[0])
    return day if all(last is None or day <= last for _, last in (first, second)) else None
