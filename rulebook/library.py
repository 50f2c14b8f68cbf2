"""The whole rulebook in memory: loading and cross-checking the files, and the questions that the rest of the product
asks of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from rulebook import coherence, conditions
from rulebook.conditions import Fields, Read
from rulebook.files import Place, nearest
from rulebook.model import Citation, Instrument, Period, Profile, Rule, RulebookError
from rulebook.planning import check_plan
from rulebook.reading import read_instrument, read_profile

ROOT = Path(__file__).parent


class Rulebook:
    """All instruments, rules and profiles. Immutable; every unknown name is refused with RulebookError.

    A rule may stand in several versions with validities that do not overlap: an amendment never rewrites the past.
    """

    def __init__(
        self,
        instruments: Mapping[str, Instrument],
        rules: Mapping[str, tuple[Rule, ...]],
        profiles: Mapping[str, Profile],
    ) -> None:
        self._instruments = dict(instruments)
        self._versions = dict(rules)
        self._newest = tuple(versions[-1] for versions in rules.values())
        self._profiles = dict(profiles)
        self._binding = {profile.id: self._bind(profile) for profile in profiles.values()}
        self._adopted = {profile.id: frozenset(profile.adopts) for profile in profiles.values()}
        self._replaced_on = {profile.id: self._replacements(profile) for profile in profiles.values()}

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """Every instrument, by id."""
        return tuple(self._instruments.values())

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """Every profile, by id."""
        return tuple(self._profiles.values())

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule in its newest version, instrument by instrument in the order of the files."""
        return self._newest

    @property
    def digest(self) -> str:
        """The version hash of all instruments together."""
        text = "\n".join(f"{one.id} {one.digest}" for one in self._instruments.values())
        return hashlib.sha256(text.encode()).hexdigest()

    def rule(self, rule_id: str, on: date | None = None) -> Rule:
        """A rule, in the version valid on a day, else in its newest."""
        versions = self._versions.get(rule_id)
        if versions is None:
            raise RulebookError(f"没有规则 {rule_id}")
        if on is not None:
            for version in versions:
                if _valid(version.effective_from, version.effective_to, on):
                    return version
        return versions[-1]

    def instrument(self, instrument_id: str) -> Instrument:
        """An instrument by its id."""
        found = self._instruments.get(instrument_id)
        if found is None:
            raise RulebookError(f"没有文件 {instrument_id}")
        return found

    def profile(self, profile_id: str) -> Profile:
        """A profile by its id."""
        found = self._profiles.get(profile_id)
        if found is None:
            raise RulebookError(f"没有规则档案 {profile_id}{nearest(profile_id, self._profiles)}")
        return found

    def with_period(self, rule_id: str, period: Period) -> Rulebook:
        """A copy in which a rule has another period in all its versions; what stands in the files stays as it is.

        Refused with RulebookError: a rule that has no period of its own, a unit that its direction or its extension cannot have.
        """
        rule = self.rule(rule_id)
        if rule.within is None and rule.before is None:
            raise RulebookError(f"{rule_id}: 没有可以更改的期限")
        if rule.before is not None and period.unit not in ("day", "working_day"):
            raise RulebookError(f"{rule_id}: 向前倒算的期限只能是日或者工作日")
        extending = next((each for each in self.rules if each.extends in self._terms(rule_id) and each.within), None)
        if extending and extending.within and extending.within.unit != period.unit:
            raise RulebookError(f"{rule_id}: 延长（{extending.id}）的单位与更改后的期限不同")
        changed = {
            name: tuple(
                (replace(one, before=period) if one.before is not None else replace(one, within=period))
                if name == rule_id
                else one
                for one in versions
            )
            for name, versions in self._versions.items()
        }
        return Rulebook(self._instruments, changed, self._profiles)

    def rules_of(self, instrument_id: str) -> tuple[Rule, ...]:
        """The rules of one instrument, newest versions, in the order of its file."""
        self.instrument(instrument_id)
        return tuple(rule for rule in self.rules if rule.instrument == instrument_id)

    def default_profile(self, rule: Rule) -> Profile:
        """The profile of the agency whose instrument the rule stands in."""
        return self.profile(self.instrument(rule.instrument).profile)

    def cite(self, rule_id: str, profile: str | None = None) -> Citation:
        """The citation of a rule, marked 参照 where the profile only adopts it."""
        rule = self.rule(rule_id)
        instrument = self.instrument(rule.instrument)
        return Citation(
            rule_id=rule.id,
            instrument_id=instrument.id,
            instrument_title=instrument.title,
            short_title=instrument.short_title,
            article=rule.article,
            quote=rule.quote,
            adopted=profile is not None and self.is_adopted(rule_id, profile),
        )

    def binding(self, profile_id: str, on: date | None = None) -> tuple[Rule, ...]:
        """The rules that bind a profile, in its order of precedence; with a day, only those in force on it."""
        self.profile(profile_id)
        rules = self._binding[profile_id]
        return rules if on is None else tuple(rule for rule in rules if self.in_force(rule, on, profile_id))

    def binds(self, rule_id: str, profile_id: str) -> bool:
        """Whether a rule binds a profile, by its instrument or by adoption."""
        rule = self.rule(rule_id)
        profile = self.profile(profile_id)
        return rule.instrument in profile.instruments or rule_id in self._adopted[profile_id]

    def is_adopted(self, rule_id: str, profile_id: str) -> bool:
        """Whether a rule binds a profile by reference only (参照)."""
        self.profile(profile_id)
        return rule_id in self._adopted[profile_id]

    def in_force(self, rule: Rule, on: date, profile_id: str) -> bool:
        """Whether a rule is valid on a day; an annual instrument beyond its year only if the profile continues it."""
        return _valid(rule.effective_from, self._last_day(rule, profile_id), on)

    def in_force_between(self, rule: Rule, first: date, last: date, profile_id: str) -> bool:
        """Whether a rule is valid on some day of a span."""
        end = self._last_day(rule, profile_id)
        return rule.effective_from <= last and (end is None or first <= end)

    def is_continued(self, rule_id: str, profile_id: str, on: date) -> bool:
        """Whether a rule is in force only because the profile continues last year's instrument (沿用)."""
        rule = self.rule(rule_id, on)
        instrument = self.instrument(rule.instrument)
        return instrument.annual and on.year > instrument.effective_from.year and self.in_force(rule, on, profile_id)

    def span_of(self, instrument_id: str, profile_id: str) -> tuple[date, date | None] | None:
        """The first and last day on which an instrument binds a profile; the last is None while none is known. None where another
        took its place before it began.
        """
        instrument = self.instrument(instrument_id)
        last = self._end(instrument, instrument.effective_to, profile_id)
        return None if last is not None and last < instrument.effective_from else (instrument.effective_from, last)

    def replaced_by(self, instrument_id: str) -> tuple[str, ...]:
        """The instruments in whose place this one stands, and those in whose place they stood."""
        found: list[str] = []
        waiting = list(self.instrument(instrument_id).replaces)
        while waiting:
            name = waiting.pop(0)
            if name in self._instruments and name not in found:
                found.append(name)
                waiting += self._instruments[name].replaces
        return tuple(found)

    def rules_for(self, fact_name: str, fields: Mapping[str, object], profile_id: str, on: date) -> tuple[Rule, ...]:
        """The rules whose clock a fact starts on a day, in order of precedence."""
        return tuple(
            rule for rule in self.binding(profile_id, on) if rule.is_enforced and rule.opens(fact_name, fields)
        )

    def met_by(
        self, fact_name: str, profile_id: str, on: date | None = None, fields: Mapping[str, object] | None = None
    ) -> tuple[Rule, ...]:
        """The rules that a fact fulfils; without its fields, those it might; without a day, in every version."""
        return tuple(
            rule
            for rule in self.binding(profile_id, on)
            if fact_name in rule.met_by and (fields is None or rule.is_met_by(fact_name, fields))
        )

    def gates(
        self, guard_key: str, profile_id: str, on: date, fields: Mapping[str, object] | None = None
    ) -> tuple[Rule, ...]:
        """The rules that make a guard binding on a day; with the matter's fields, only those that speak of it."""
        return tuple(
            rule
            for rule in self.binding(profile_id, on)
            if guard_key in rule.guards and (fields is None or rule.applies_to(fields))
        )

    def held_by(self, constraint_key: str, profile_id: str, on: date) -> tuple[Rule, ...]:
        """The rules in force on a day that name a constraint as what holds them, in order of precedence."""
        return tuple(rule for rule in self.binding(profile_id, on) if constraint_key in rule.constraints)

    def periodic(self, profile_id: str, on: date) -> tuple[Rule, ...]:
        """The rules owed once a year or quarter without any fact, as far as they are enforced."""
        return tuple(rule for rule in self.binding(profile_id, on) if rule.is_periodic and rule.is_enforced)

    def extensions_of(self, rule_id: str, profile_id: str, on: date | None = None) -> tuple[Rule, ...]:
        """The rules of a profile by which a period may be extended; with a day, in the version in force on it."""
        terms = self._terms(rule_id)
        return tuple(rule for rule in self.binding(profile_id, on) if rule.extends in terms)

    def pauses_of(self, rule_id: str, profile_id: str, on: date | None = None) -> tuple[Rule, ...]:
        """The rules of a profile that allow a period to pause; with a day, in the version in force on it. No other pause exists (counting 19)."""
        terms = self._terms(rule_id)
        return tuple(rule for rule in self.binding(profile_id, on) if not terms.isdisjoint(rule.allows_pause_of))

    def facts_named(self) -> frozenset[str]:
        """Every fact that some rule names; code must know them all."""
        return frozenset(name for rule in self._every_version() for name in (*rule.opens_on, *rule.met_by))

    def guards_named(self) -> frozenset[str]:
        """Every guard that some rule names; code must know them all."""
        return frozenset(key for rule in self._every_version() for key in rule.guards)

    def constraints_named(self) -> frozenset[str]:
        """Every constraint that some rule names; code must know them all."""
        return frozenset(key for rule in self._every_version() for key in rule.constraints)

    def unknown_names(
        self,
        *,
        facts: Mapping[str, Collection[str]],
        guards: Mapping[str, Read],
        constraints: Collection[str],
        items: Mapping[str, Collection[str]] | None = None,
    ) -> Iterator[RulebookError]:
        """A refusal, naming file, rule and reason, for every name that no code knows.

        `facts` gives for each fact its fields, `guards` for each check the numbers it reads: a rule that names the check gives
        just these, and a threshold only where one of its checks reads it. `items` gives, for checks that look for certain items only, their keys.
        """
        for rule in self._every_version():
            place = Place(self.instrument(rule.instrument).file, rule.id)
            for name in (*rule.opens_on, *rule.met_by):
                if name not in facts:
                    yield place.refuse(f"所指事实 {name} 没有实现{nearest(name, facts)}")
            yield from _wrong_fields(rule, place, facts)
            for key in rule.guards:
                if key not in guards:
                    yield place.refuse(f"guard 所指核查 {key} 没有实现{nearest(key, guards)}")
            for key in rule.constraints:
                if key not in constraints:
                    yield place.refuse(f"constraint 所指约束 {key} 没有实现{nearest(key, constraints)}")
            yield from _wrong_numbers(rule, place, guards)
            yield from _wrong_items(rule, place, items or {})

    def impossible_conditions(
        self, *, facts: Mapping[str, Fields], guards: Mapping[str, Fields]
    ) -> Iterator[RulebookError]:
        """A refusal, naming file, rule and reason, for every condition of an enforced rule that could never hold.

        `facts` gives for each fact its fields and what each may hold, `guards` the same of the matter that a check is asked about.
        """
        for rule in self._every_version():
            place = Place(self.instrument(rule.instrument).file, rule.id)
            if rule.is_enforced:
                yield from (place.refuse(reason) for reason in conditions.wrong_conditions(rule, facts, guards))

    def _every_version(self) -> Iterable[Rule]:
        return (rule for versions in self._versions.values() for rule in versions)

    def _terms(self, rule_id: str) -> frozenset[str]:
        """The rule and those its article refers to, whose extension and pauses are its own too."""
        return frozenset({rule_id, *(one.terms_of for one in self._versions.get(rule_id, ()) if one.terms_of)})

    def _bind(self, profile: Profile) -> tuple[Rule, ...]:
        own = [rule for name in profile.instruments for rule in self._every_version() if rule.instrument == name]
        return (*own, *(rule for rule_id in profile.adopts for rule in self._versions[rule_id]))

    def _last_day(self, rule: Rule, profile_id: str) -> date | None:
        return self._end(self.instrument(rule.instrument), rule.effective_to, profile_id)

    def _end(self, instrument: Instrument, stated: date | None, profile_id: str) -> date | None:
        """The last day of an instrument or of one of its rules in a profile. `stated` is what the file says."""
        last = stated
        if instrument.annual:
            year_end = date(instrument.effective_from.year, 12, 31)
            if instrument.id not in self.profile(profile_id).continues:
                last = min(stated or year_end, year_end)
            elif stated == year_end:
                last = None
        replaced = self._replaced_on[profile_id].get(instrument.id)
        return last if replaced is None else min(last or replaced, replaced)

    def _replacements(self, profile: Profile) -> dict[str, date]:
        """The last day of each instrument of a profile in whose place another of them stands. What is only adopted from both gives way
        likewise.
        """
        adopted = {self._versions[rule_id][0].instrument for rule_id in profile.adopts}
        last: dict[str, date] = {}
        for newer in (self._instruments[name] for name in {*profile.instruments, *adopted}):
            for older in self.replaced_by(newer.id):
                day = newer.effective_from - timedelta(days=1)
                last[older] = min(last.get(older, day), day)
        return last


def by_obligation(rules: Iterable[Rule]) -> dict[str, tuple[Rule, ...]]:
    """Rules grouped by the act they demand, each group in the order given: one duty per obligation."""
    groups: dict[str, list[Rule]] = {}
    for rule in rules:
        groups.setdefault(rule.obligation, []).append(rule)
    return {obligation: tuple(group) for obligation, group in groups.items()}


def load(root: Path | None = None) -> Rulebook:
    """Read and check every file under `root`; whatever cannot be trusted is refused, naming file, rule and reason."""
    root = ROOT if root is None else root
    instruments: dict[str, Instrument] = {}
    files: dict[str, str] = {}
    versions: dict[str, list[Rule]] = {}
    for path in sorted((root / "instruments").glob("*.toml")):
        instrument, rules = read_instrument(path)
        if instrument.id in instruments:
            raise Place(path.name).refuse(f"文件编号 {instrument.id} 与 {files[instrument.id]} 重复")
        instruments[instrument.id] = instrument
        files[instrument.id] = path.name
        for rule in rules:
            _add_version(versions, rule, path.name, files)
    profiles = _profiles(root, instruments, versions)
    for instrument in instruments.values():
        place = Place(files[instrument.id])
        if instrument.profile not in profiles:
            listed = (
                f"profiles 目录中有 {'、'.join(sorted(profiles))}" if profiles else "profiles 目录中没有 .toml 文件"
            )
            near = nearest(instrument.profile, profiles) or f"，{listed}"
            raise place.refuse(f"没有规则档案 '{instrument.profile}'{near}")
    for group in versions.values():
        for rule in group:
            _check_references(rule, versions, Place(files[rule.instrument], rule.id))
    for instrument in instruments.values():
        check_plan(instrument.plan, versions, instrument.id, Place(files[instrument.id]))
    ordered = {rule_id: tuple(sorted(group, key=lambda one: one.effective_from)) for rule_id, group in versions.items()}
    book = Rulebook(instruments, ordered, profiles)
    coherence.check(book, ordered)
    return book


@lru_cache(maxsize=1)
def get() -> Rulebook:
    """The product's own rulebook, read and checked once."""
    return load()


def _add_version(versions: dict[str, list[Rule]], rule: Rule, file: str, files: Mapping[str, str]) -> None:
    place = Place(file, rule.id)
    for other in versions.get(rule.id, []):
        if other.instrument != rule.instrument:
            raise place.refuse(f"规则编号与 {files[other.instrument]} 重复")
        if (other.effective_from, other.effective_to) == (rule.effective_from, rule.effective_to):
            raise place.refuse("规则编号重复")
        first, second = sorted((other, rule), key=lambda one: one.effective_from)
        if first.effective_to is None or second.effective_from <= first.effective_to:
            raise place.refuse(f"有效期重叠：自{second.effective_from}起有两个版本")
    versions.setdefault(rule.id, []).append(rule)


def _profiles(root: Path, instruments: Mapping[str, Instrument], rules: Mapping[str, list[Rule]]) -> dict[str, Profile]:
    profiles: dict[str, Profile] = {}
    for path in sorted((root / "profiles").glob("*.toml")):
        profile = read_profile(path)
        place = Place(path.name)
        if profile.id in profiles:
            raise place.refuse(f"规则档案编号 {profile.id} 与 {profiles[profile.id].file} 重复")
        if unknown := next((name for name in profile.instruments if name not in instruments), None):
            raise place.refuse(f"instruments 所列 {unknown} 不存在{_looked_for(unknown, instruments)}")
        if unknown := next((name for name in profile.adopts if name not in rules), None):
            whole = "：这是整份文件，应列入 instruments；adopts 只列单条规则的编号" if unknown in instruments else ""
            raise place.refuse(f"adopts 所列规则 {unknown} 不存在{whole or nearest(unknown, rules)}")
        if bound := next((name for name in profile.adopts if rules[name][0].instrument in profile.instruments), None):
            raise place.refuse(f"adopts 所列规则 {bound} 的文件本已适用，无须参照")
        for name in profile.continues:
            if name not in profile.instruments or not instruments[name].annual:
                raise place.refuse(f"continues 所列 {name} 不是本机关适用的年度文件")
        profiles[profile.id] = profile
    return profiles


def _looked_for(instrument_id: str, instruments: Mapping[str, Instrument]) -> str:
    return f"：instruments 目录中没有这个编号的文件（文件名须以 .toml 结尾）{nearest(instrument_id, instruments)}"


def _check_references(rule: Rule, rules: Mapping[str, list[Rule]], place: Place) -> None:
    if rule.extends:
        if rule.extends not in rules:
            others = set(rules) - {rule.id}
            raise place.refuse(f"extends 所指规则 {rule.extends} 不存在{nearest(rule.extends, sorted(others))}")
        extended = rules[rule.extends][0]
        if extended.within is None or not extended.is_clock:
            raise place.refuse(f"extends 所指规则 {rule.extends} 没有可以延长的期限")
        if rule.within is None or rule.within.unit != extended.within.unit:
            raise place.refuse(f"延长的单位与 {rule.extends} 的期限不同")
    if rule.terms_of:
        if rule.terms_of not in rules:
            raise place.refuse(f"terms_of 所指规则 {rule.terms_of} 不存在{nearest(rule.terms_of, rules)}")
        if rule.within is None or rules[rule.terms_of][0].within != rule.within:
            raise place.refuse(f"terms_of 所指规则 {rule.terms_of} 的期限不同")
    for name in rule.allows_pause_of:
        if name not in rules:
            raise place.refuse(f"allows_pause_of 所指规则 {name} 不存在{nearest(name, rules)}")
        if rules[name][0].within is None:
            raise place.refuse(f"allows_pause_of 所指规则 {name} 没有可以暂停的期限")


def _wrong_fields(rule: Rule, place: Place, facts: Mapping[str, Collection[str]]) -> Iterator[RulebookError]:
    """What a rule asks of a fact's fields must be a field of each of its facts, or it would never apply."""
    asked = {
        name: [field for field, _ in rule.when + rule.opens_when] + [rule.from_field] * bool(rule.from_field)
        for name in rule.opens_on
    }
    for name in rule.met_by:
        asked.setdefault(name, []).extend(field for field, _ in rule.met_when)
    for name, fields in asked.items():
        for field in fields:
            if name in facts and field not in facts[name]:
                yield place.refuse(f"事实 {name} 没有字段 {field}{nearest(field, facts[name])}")


def _wrong_numbers(rule: Rule, place: Place, guards: Mapping[str, Read]) -> Iterator[RulebookError]:
    """Numbers that a check of the rule reads and the rule does not give, and those that nothing reads, the threshold too; what is not
    enforced yet states its numbers for the check to come.
    """
    if not rule.is_enforced:
        return
    checks = [guards[key] for key in rule.guards if key in guards]
    sums = {item: number for check in checks for item, number in check.sums.items()}
    listed, given = {item.key for item in rule.items}, {name for name, _ in rule.numbers}
    wanted = {name for check in checks for name in check.numbers}
    for name in sorted(wanted - given):
        yield place.refuse(f"numbers 缺少 {name}")
    for item, name in sums.items():
        if item in listed and name not in given:
            yield place.refuse(f"numbers 缺少 {name}：items 的 {item} 按它认定")
        if name in given and item not in listed and name not in wanted:
            yield place.refuse(f"numbers 所列 {name} 没有用处：要按它认定，items 中须有 {item}")
    for name in sorted(given - wanted - set(sums.values())):
        known = [*wanted, *sums.values()]
        yield place.refuse(f"numbers 所列 {name} 没有核查使用{nearest(name, known)}")
    if rule.threshold is not None and len(checks) == len(rule.guards) and not any(one.threshold for one in checks):
        yield place.refuse("threshold 是人数，所列核查都不使用；金额写在 numbers")


def _wrong_items(rule: Rule, place: Place, items: Mapping[str, Collection[str]]) -> Iterator[RulebookError]:
    """Items that a check of the rule does not know how to look for. Of several checks the others may be meant (SZS-13-2)."""
    closed = [items[key] for key in rule.guards if key in items]
    if not closed:
        return
    known = sorted({key for keys in closed for key in keys})
    for item in rule.items:
        if item.key not in known:
            yield place.refuse(f"items 所列 {item.key} 没有核查使用，应为 {'、'.join(known)} 之一")


def _valid(first: date, last: date | None, on: date) -> bool:
    return first <= on and (last is None or on <= last)
