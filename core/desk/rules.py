"""The rulebook as pages show it: whether a rule binds here, how it is enforced, what it did this year."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from core import law, parts, texts
from core.facts import Fact
from core.figures import counted_in, counts
from core.models import Duty, InstrumentText
from core.models.duties import DutyQuerySet, RulesOf
from rulebook import cli
from rulebook.model import Article, Citation, Instrument, Rule
from rulebook.waiting import wait_of

if TYPE_CHECKING:
    from agency.models import Official

COVERAGE = Path("docs") / "rule-coverage.json"

KINDS = {
    "deadline": "期限",
    "fixed_date": "固定日期",
    "period": "周期",
    "right": "权利",
    "limit": "时效",
    "extension": "延长",
    "gate": "关口",
    "retention": "保管期限",
    "record": "记录",
    "prohibition": "禁止",
}
OWNERS = {
    "unit": "承办科室、单位",
    "legal_affairs": "法制科室",
    "outside": "外部监督机构",
    "party": "当事人",
    "agency": "本机关",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One rule ready for a page."""

    rule: Rule
    citation: Citation
    binds: bool
    adopted: bool
    in_force: bool
    mechanisms: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def kind(self) -> str:
        return KINDS[self.rule.kind]

    @property
    def owner(self) -> str:
        return OWNERS[self.rule.owed_by]

    @property
    def period(self) -> str:
        """7个工作日内, 活动前5日, 每年1月31日前, 每季度一次."""
        return law.term_of(self.rule)

    @property
    def state(self) -> parts.State:
        """Enforced, counted only, or not yet; whether it binds here is another question."""
        return parts.state_of(self.rule)

    @property
    def part(self) -> str:
        """The part of the product that holds it, or that it waits for."""
        return parts.part_of(self.rule)

    @property
    def lacks(self) -> str:
        """What the product does not have, so that the rule is not enforced."""
        return wait_of(self.rule).lacks

    @property
    def opens_on(self) -> list[str]:
        return [fact_label(name) for name in self.rule.opens_on]

    @property
    def met_by(self) -> list[str]:
        return [fact_label(name) for name in self.rule.met_by]


def fact_label(name: str) -> str:
    """What a fact is called in Chinese; its name where no code defines it."""
    return _fact_labels().get(name, name)


@lru_cache(maxsize=1)
def _fact_labels() -> dict[str, str]:
    labels: dict[str, str] = {}
    found: list[type[Fact]] = [Fact]
    while found:
        for child in found.pop().__subclasses__():
            found.append(child)
            if "name" in vars(child):
                labels[child.name] = getattr(child, "label", child.name)
    return labels


@lru_cache(maxsize=1)
def coverage() -> dict[str, dict[str, Any]]:
    """What the build noted of each rule: which code enforces it, which tests show it."""
    return cli.read_coverage(Path(settings.BASE_DIR) / COVERAGE)


def profile(reader: Official) -> str:
    """The profile that binds the reader's unit, its own or the agency's; empty before the agency is entered."""
    return law.profile_of(reader.unit_id)


def shown(rule: Rule, profile_id: str, on: date) -> Shown:
    book = law.rulebook()
    binds = bool(profile_id) and book.binds(rule.id, profile_id)
    noted = coverage().get(rule.id, {})
    return Shown(
        rule=rule,
        citation=book.cite(rule.id, profile_id or None),
        binds=binds,
        adopted=binds and book.is_adopted(rule.id, profile_id),
        in_force=binds and book.in_force(rule, on, profile_id),
        mechanisms=tuple(noted.get("mechanisms", ())),
        tests=tuple(noted.get("tests", ())),
    )


def instruments(profile_id: str) -> list[Instrument]:
    """Those that bind here in their order of precedence, then the others."""
    book = law.rulebook()
    order = book.profile(profile_id).instruments if profile_id else ()
    bound = [book.instrument(name) for name in order]
    return bound + [each for each in book.instruments if each.id not in order]


@dataclass(frozen=True, slots=True)
class ShownArticle:
    """An article: our summary, the official text where one is attached, and the rules drawn from it."""

    article: Article
    text: str
    rules: list[Shown]


def articles_of(
    instrument: Instrument, attached: InstrumentText | None, profile_id: str, on: date
) -> list[ShownArticle]:
    rules = [shown(rule, profile_id, on) for rule in law.rulebook().rules_of(instrument.id)]
    return [
        ShownArticle(
            article,
            official_text(attached, article.number),
            [each for each in rules if each.rule.article == article.number],
        )
        for article in instrument.articles
    ]


def attached_to(instrument_id: str) -> InstrumentText | None:
    return InstrumentText.objects.filter(instrument=instrument_id).first()


def official_text(attached: InstrumentText | None, number: str) -> str:
    return str(attached.articles.get(number, "")) if attached is not None else ""


def mismatch_of(attached: InstrumentText | None, rule: Rule) -> str:
    """What is wrong with the rule's quote, in words; nothing when it stands in its article. Asked anew: rules change after a text was attached."""
    found = texts.compare(attached.articles, [rule]) if attached is not None else []
    return next((result.words for result in found if not result.is_good), "")


def marked(text: str, quote: str) -> SafeString:
    """The official text with the quoted words marked, where they stand in it as they are."""
    before, found, after = text.partition(quote) if quote else (text, "", "")
    if not found:
        return escape(text)
    return mark_safe(f"{escape(before)}<mark>{escape(found)}</mark>{escape(after)}")  # noqa: S308  (every part is escaped)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a rule did in a year (core.figures says what each means), in the files an official may see. Every basis counts, not only the
    driving one.
    """

    opened: int = 0
    in_time: int = 0
    late: int = 0
    open: int = 0
    overdue: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, part.name) + getattr(other, part.name) for part in fields(self)))


def figures(rule_id: str, official: Official, now: datetime) -> Figures:
    """How the rule's duties stand in the present year, counted as every board counts them."""
    duties = _counted(official, now).filter(bases__contains=[{"rule": rule_id}])
    return Figures(**duties.aggregate(**counts(year=timezone.localdate(now).year, now=now)))


def figures_by_rule(official: Official, now: datetime) -> dict[str, Figures]:
    """The same for every rule that did anything, in one statement. A duty with two bases counts under both."""
    found: dict[str, Figures] = {}
    by_bases = _counted(official, now).order_by().annotate(rules=RulesOf(F("bases"))).values("rules")
    for row in by_bases.annotate(**counts(year=timezone.localdate(now).year, now=now)):
        for rule_id in row.pop("rules"):
            found[rule_id] = found.get(rule_id, Figures()) + Figures(**row)
    return found


def _counted(official: Official, now: datetime) -> DutyQuerySet:
    seen: DutyQuerySet = Duty.objects.visible_to(official)
    return seen.filter(counted_in(timezone.localdate(now).year, now), voided_at__isnull=True)
