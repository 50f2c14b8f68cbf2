"""The nouns of the rulebook: instruments, articles, rules, citations, profiles. Immutable, without behaviour that
needs a calendar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Literal, TypeAlias, get_args

Kind: TypeAlias = Literal[
    "deadline", "fixed_date", "period", "right", "limit", "extension", "gate", "retention", "record", "prohibition"
]
Unit: TypeAlias = Literal["working_day", "day", "month", "year", "hour"]
Each: TypeAlias = Literal["quarter", "half_year", "year"]
Owner: TypeAlias = Literal["unit", "legal_affairs", "outside", "party", "agency"]
Approver: TypeAlias = Literal[
    "section_head", "leader", "chief", "government_head", "information_office_head", "supervision_authority_head"
]
Enforced: TypeAlias = Literal["now", "later"]
Shows: TypeAlias = Literal["duties", "reviews", "reports", "nothing"]
Tier: TypeAlias = Literal["section_head", "legal_affairs", "leader"]
Value: TypeAlias = str | int | bool
Condition: TypeAlias = tuple[tuple[str, tuple[Value, ...]], ...]
Numbers: TypeAlias = tuple[tuple[str, int], ...]

KINDS: tuple[str, ...] = get_args(Kind)
UNITS: tuple[str, ...] = get_args(Unit)
TIERS: tuple[str, ...] = get_args(Tier)
SHOWN_OF_ITEMS: tuple[str, ...] = get_args(Shows)
# Whose approval a rule wants, in words. The first three sit in the bureau; only what they approve can be enforced here.
APPROVERS: dict[str, str] = {
    "section_head": "科室负责人",
    "leader": "分管负责人",
    "chief": "主要负责人",
    "government_head": "本级人民政府负责人",
    "information_office_head": "政府信息公开工作主管部门负责人",
    "supervision_authority_head": "行政执法监督机构负责人",
}
OUTSIDE_APPROVERS = frozenset({"government_head", "information_office_head", "supervision_authority_head"})
CLOCK_KINDS = frozenset({"deadline", "right", "limit", "retention"})
PERIODIC_KINDS = frozenset({"fixed_date", "period"})


class RulebookError(Exception):
    """What the rulebook refuses: a file it cannot trust, a name it does not know, a period that cannot be counted.
    The message is for people.
    """


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time as a rule states it, e.g. 7 working days; 0 days are the same day, to its end (counting 16)."""

    amount: int
    unit: Unit

    @property
    def is_same_day(self) -> bool:
        """Whether the act is owed on day 0 itself."""
        return self.amount == 0


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day of every year, e.g. 31 January."""

    month: int
    day: int

    def __str__(self) -> str:
        return f"{self.month:02d}-{self.day:02d}"


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list a rule demands or names: a ground, a document, a point to answer."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Article:
    """One article of an instrument, in our own summary; the official text is attached by an installation."""

    number: str
    summary: str


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One item of a yearly plan of supervision.

    `shows`: "duties" counts the duties of the rules in `counts`; "reviews" adds the legal reviews of major decisions; "reports" is met
    by a report under the rule `report`; "nothing" has no source of figures yet.
    """

    number: int
    article: str
    title: str
    schedule: str
    shows: Shows
    counts: tuple[str, ...] = ()
    report: str = ""


@dataclass(frozen=True, slots=True)
class Instrument:
    """One law, regulation, measure or plan.

    `effective_to` is its last day in force, if known. An `annual` instrument ends with its year unless a profile
    continues it.
    `profile` is the profile of its own agency: the default when one of its rules is counted. `text_entered` is false
    when only its name and date are known. `file` is where it stands, for refusals. `plan`: the items of the yearly plan that it is,
    or holds. `replaces` names the instruments that it takes the place of: who is bound by both is bound by those until the day before
    this one is in force, and no longer.
    """

    id: str
    title: str
    short_title: str
    issued_by: str
    rank: str
    effective_from: date
    effective_to: date | None
    issued_on: date | None
    annual: bool
    profile: str
    text_entered: bool
    articles: tuple[Article, ...]
    digest: str
    file: str = ""
    replaces: tuple[str, ...] = ()
    plan: tuple[PlanItem, ...] = ()

    def article(self, number: str) -> Article:
        """The article with this number; refuses with RulebookError where there is none."""
        for article in self.articles:
            if article.number == number:
                return article
        raise RulebookError(f"{self.id}: 没有{number}")


@dataclass(frozen=True, slots=True)
class Rule:
    """One obligation, gate or term of one article, with the few words that carry it.

    `opens_on`: facts that start its clock; `when`: which of them (field -> allowed values); `met_by` and `met_when`
    likewise for the facts that fulfil it. `opens_when` narrows the facts alone, where a guard of the rule looks at every matter.
    `within` counts forward from day 0, `before` backwards from the activity; `fixed` is a day of each year; `each` a
    quarter, half or whole year within which it is owed once, or with `by_day` by that day of the month after it. `from_field`: the field of the fact that holds the day to count from,
    where that is not the fact's own: when a paper was received, when a planned activity takes place.
    `guards` are keys of checks in code that this rule makes binding, `threshold` their number, `items` what they must
    find.
    `constraints` are keys of what holds the rule in code without asking a step: a service or form that refuses, a
    constraint or trigger of the database. `numbers` are what the article fixes besides its period, by name (a rate in
    per cent).
    `extends` names the rule an extension lengthens (by `within`); `approver` is the role that approves an extension,
    or what a gate wants approved; `allows_pause_of` the rules that may pause, for `pause_kinds` only.
    `terms_of` names the rule of another instrument that the article refers to: the same period, which may be extended
    and paused as that one.
    `looks_back`: what is owed once a period is about the period that ended. `matter`: what the documents that name
    different days for it all mean, in words, so that pages show where they disagree.
    `alert_before`: working days before the end at which to warn, where the rule wants other than the usual ones.
    `enforced` is "later" for a rule whose mechanism is not built yet: it is listed as such and opens nothing.
    """

    id: str
    instrument: str
    article: str
    quote: str
    title: str
    kind: Kind
    obligation: str
    effective_from: date
    effective_to: date | None
    opens_on: tuple[str, ...] = ()
    when: Condition = ()
    opens_when: Condition = ()
    met_by: tuple[str, ...] = ()
    met_when: Condition = ()
    within: Period | None = None
    before: Period | None = None
    from_field: str = ""
    fixed: MonthDay | None = None
    each: Each | None = None
    by_day: int | None = None
    owed_by: Owner = "unit"
    guards: tuple[str, ...] = ()
    threshold: int | None = None
    items: tuple[Item, ...] = ()
    constraints: tuple[str, ...] = ()
    numbers: Numbers = ()
    extends: str = ""
    approver: Approver | Literal[""] = ""
    allows_pause_of: tuple[str, ...] = ()
    pause_kinds: tuple[str, ...] = ()
    terms_of: str = ""
    nil_allowed: bool = False
    looks_back: bool = False
    matter: str = ""
    alert_before: tuple[int, ...] = ()
    enforced: Enforced = "now"
    note: str = field(default="", compare=False)

    @property
    def is_clock(self) -> bool:
        """Whether a fact starts a period that can be counted."""
        return self.kind in CLOCK_KINDS and (self.within is not None or self.before is not None)

    @property
    def is_periodic(self) -> bool:
        """Whether it is owed once in every year or quarter, without any fact."""
        return self.kind in PERIODIC_KINDS

    @property
    def is_backward(self) -> bool:
        """Whether it is counted backwards from an activity."""
        return self.before is not None

    @property
    def is_enforced(self) -> bool:
        """Whether code enforces it today."""
        return self.enforced == "now"

    @property
    def rolls(self) -> bool:
        """Whether a last day that is not a working day moves on: duties and rights do, limits and retention never
        (counting 17).
        """
        return self.kind in ("deadline", "right")

    @property
    def told_note(self) -> str:
        """Its note as officials read it: what the source marks `[ours]` is our reading."""
        return self.note.replace(" [ours]", "（本系统的理解）")

    @property
    def guard(self) -> str:
        """Its first guard, or nothing."""
        return self.guards[0] if self.guards else ""

    def number(self, name: str) -> int:
        """What the article fixes under this name; refuses with RulebookError where the rule names no such number."""
        for known, value in self.numbers:
            if known == name:
                return value
        raise RulebookError(f"{self.id}: numbers 中没有 {name}")

    def applies_to(self, fields: Mapping[str, object]) -> bool:
        """Whether a fact with these fields is one the rule speaks of."""
        return satisfies(self.when, fields)

    def opens(self, fact_name: str, fields: Mapping[str, object]) -> bool:
        """Whether this fact starts the rule's clock."""
        asked = self.is_clock and fact_name in self.opens_on
        return asked and self.applies_to(fields) and satisfies(self.opens_when, fields)

    def is_met_by(self, fact_name: str, fields: Mapping[str, object]) -> bool:
        """Whether this fact fulfils what the rule demands; one that names the `obligation` it fulfils, fulfils no other."""
        own = fields.get("obligation", self.obligation) == self.obligation
        return own and fact_name in self.met_by and satisfies(self.met_when, fields)


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a demand comes from, ready to be shown. `adopted`: by reference only (参照)."""

    rule_id: str
    instrument_id: str
    instrument_title: str
    short_title: str
    article: str
    quote: str
    adopted: bool = False

    @property
    def text(self) -> str:
        """The full form: 《威海市行政执法监督办法》第十五条."""
        return f"《{self.instrument_title}》{self.article}"

    @property
    def short(self) -> str:
        """The quiet form beside a thing: 监督办法第十五条."""
        return f"{self.short_title}{self.article}"


@dataclass(frozen=True, slots=True)
class UrgentPlan:
    """When whom to tell of what is counted in hours: the clock runs at night and on Sundays, and so do these points.

    `before`: full hours before the end; what is not longer is told of as soon as it is owed. `overdue`: 0 is the first
    moment after the end, any other number that many full hours since. `escalation`: from which of these on an office
    is told as well.
    """

    before: tuple[int, ...] = (4, 24)
    overdue: tuple[int, ...] = (0, 2, 4, 24, 72)
    escalation: tuple[tuple[Tier, int], ...] = (("section_head", 0), ("legal_affairs", 2), ("leader", 4))

    def told_from(self, tier: Tier) -> int | None:
        """From how many hours after the end this office is told; None where it is not."""
        return dict(self.escalation).get(tier)


@dataclass(frozen=True, slots=True)
class AlertPlan:
    """When those who owe are told, who else is told after how long, and when word goes out. No law says so: these are
    the product's own terms, and a profile names what it wants otherwise.

    `before`: working days before the end, unless the rule names its own. `overdue`: 1 is the first moment after the
    end, any other number that many full working days since. `escalation`: from which of these on an office is told as
    well; one that is not named is not told.
    Anybody is told on working days between `opens` and `closes` alone, and the day's digest leaves not before `digest_at`.
    `urgent`: what is counted in hours has points of its own, and goes out at once.
    """

    before: tuple[int, ...] = (2,)
    on_the_day: bool = True
    overdue: tuple[int, ...] = (1, 3, 5, 10, 20)
    escalation: tuple[tuple[Tier, int], ...] = (("section_head", 1), ("legal_affairs", 3), ("leader", 5))
    opens: time = time(8, 30)
    closes: time = time(17, 30)
    digest_at: time = time(8, 30)
    urgent: UrgentPlan = UrgentPlan()

    def told_from(self, tier: Tier) -> int | None:
        """From which overdue point on this office is told; None where it is not."""
        return dict(self.escalation).get(tier)


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of agency: which instruments bind it, in order of precedence, and which single rules of others it
    adopts by reference.

    `continues`: annual instruments that stay in force until a newer one is entered (沿用). `outside_bodies`: whose
    duties are shown and never red here. `alerts`: when whom to tell. `file` is where it stands, for refusals.
    """

    id: str
    title: str
    instruments: tuple[str, ...]
    adopts: tuple[str, ...] = ()
    continues: tuple[str, ...] = ()
    outside_bodies: tuple[str, ...] = ()
    alerts: AlertPlan = AlertPlan()
    file: str = field(default="", compare=False)


def satisfies(condition: Condition, fields: Mapping[str, object]) -> bool:
    """Whether every named field is there and has an allowed value; true and 1 are different values."""
    return all(
        any(_same(allowed, fields[name]) for allowed in values) if name in fields else False
        for name, values in condition
    )


def compatible(first: Condition, second: Condition) -> bool:
    """Whether some fact could satisfy both."""
    others = dict(second)
    return all(name not in others or any(_same(a, b) for a in values for b in others[name]) for name, values in first)


def _same(first: object, second: object) -> bool:
    return isinstance(first, bool) == isinstance(second, bool) and first == second
