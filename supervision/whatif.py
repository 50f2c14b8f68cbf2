"""What if a period were another: which duties of a year would have been late, by section. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from agency import selectors as agency
from core import calendars, duties, law
from core.models import Duty
from rulebook import deadlines
from rulebook.deadlines import Pause
from rulebook.library import Rulebook
from rulebook.model import Citation, Period, Rule, RulebookError
from supervision import figures
from supervision.boards import DutyLine, lines_of

if TYPE_CHECKING:
    from agency.models import Official

# So many of the duties that turn are listed; all are counted.
LISTED: Final = 50
# A period may be tried between one and this many of its units.
MOST: Final = 400

_COLUMNS = (
    "pk",
    "unit_id",
    "owner_unit_id",
    "opened_at",
    "pauses",
    "extended_on",
    "paused_from",
    "met_at",
    "due_at",
    "bases",
    "owed_by",
)
# Of rules that count from a field of the fact.
_PAYLOAD = "opened_by__payload"


@dataclass(slots=True)
class Section:
    """One unit's duties under the rule: how many, and how many late, as it was and as it would have been."""

    name: str
    duties: int = 0
    late_before: int = 0
    late_after: int = 0

    @property
    def more(self) -> int:
        """How many more would have been late; negative for fewer."""
        return self.late_after - self.late_before


@dataclass(frozen=True, slots=True)
class Turned:
    """A duty that would have been late and was not, or the other way round."""

    line: DutyLine
    due: datetime
    becomes_late: bool


@dataclass(slots=True)
class Answer:
    """What the changed period would have done to the duties of a year."""

    rule: Rule
    period: Period
    year: int
    total: Section
    sections: list[Section]
    turned: list[Turned] = field(default_factory=list)
    turned_count: int = 0

    @property
    def in_words(self) -> str:
        return law.in_words(self.period)

    @property
    def now_in_words(self) -> str:
        """The period as the article states it."""
        period = self.rule.within or self.rule.before
        return law.in_words(period) if period else ""

    @property
    def citation(self) -> Citation:
        return law.rulebook().cite(self.rule.id)

    def as_json(self) -> dict[str, Any]:
        """The figures as the API gives them."""

        def figures_of(each: Section) -> dict[str, int]:
            return {"duties": each.duties, "late_before": each.late_before, "late_after": each.late_after}

        return {
            "rule": self.rule.id,
            "period": {"amount": self.period.amount, "unit": self.period.unit},
            "year": self.year,
            "total": figures_of(self.total),
            "units": [{"name": each.name, **figures_of(each)} for each in self.sections],
            "turned": self.turned_count,
        }


def changeable(profile_id: str) -> list[Rule]:
    """The rules whose period can be tried: duties counted forward or backward from a fact, of instruments that bind the agency."""
    bound = dict.fromkeys(rule.id for rule in law.rulebook().binding(profile_id))
    rules = [law.rulebook().rule(rule_id) for rule_id in bound]
    return [rule for rule in rules if rule.kind == "deadline" and rule.is_clock and rule.is_enforced]


def what_if(official: Official, *, rule: Rule, period: Period, year: int, now: datetime) -> Answer:
    """Count the year's duties under `rule` again as if its period were `period`; those the official may see, voided ones left out.

    A duty with several rules falls due by the earliest of them, so another article may keep it where it is. An extension approved
    after the changed last day would have been refused and does not count. Raises RulebookError for a period the rule cannot have.
    """
    changed = law.rulebook().with_period(rule.id, period)
    last_moment = _counter(changed, rule.id)
    names = {branch.unit.pk: branch.unit.short_name for branch in agency.unit_tree()}
    total, by_unit = Section("合计"), dict[int | None, Section]()
    turned: list[tuple[datetime, int, bool]] = []
    found = figures.duties_of(official).filter(figures.of_year(year), figures.under_rule(rule.id)).order_by()
    columns = (*_COLUMNS, _PAYLOAD) if rule.from_field else _COLUMNS
    for row in found.values(*columns).iterator(chunk_size=5_000):
        due = min([last_moment(row), *_dues_of_others(row, rule.id)])
        before, after = _is_late(row, row["due_at"], now), _is_late(row, due, now)
        unit = row["owner_unit_id"]
        for line in (total, by_unit.setdefault(unit, Section(names.get(unit, "外部监督机构")))):
            line.duties += 1
            line.late_before += before
            line.late_after += after
        if before != after:
            turned.append((due, row["pk"], after))
    order = {pk: place for place, pk in enumerate(names)}
    sections = [by_unit[unit] for unit in sorted(by_unit, key=lambda unit: order.get(unit or 0, len(order)))]
    turned.sort()
    return Answer(rule, period, year, total, sections, _listed(official, turned[:LISTED]), len(turned))


def _counter(book: Rulebook, rule_id: str) -> Callable[[dict[str, Any]], datetime]:
    """How a row's last moment under the rule is counted; duties of one day count once."""
    calendar = calendars.current()

    @lru_cache(maxsize=100_000)
    def counted(profile: str, at: datetime | date, pauses: tuple[Pause, ...], extended_on: Any) -> datetime:
        day = deadlines.legal_day(at)
        rule = book.rule(rule_id, on=day)
        kept = pauses if book.pauses_of(rule_id, profile, day) else ()
        asked = extended_on if book.extensions_of(rule_id, profile, day) else None
        try:
            return deadlines.last_moment(
                rule, at, calendar=calendar, rulebook=book, profile=profile, pauses=kept, extend_on=asked
            )
        except RulebookError:
            if asked is None:
                raise
            return deadlines.last_moment(rule, at, calendar=calendar, rulebook=book, profile=profile, pauses=kept)

    newest = book.rule(rule_id)
    by_hours = newest.within is not None and newest.within.unit == "hour"

    def last_moment(row: dict[str, Any]) -> datetime:
        at: datetime | date = row["opened_at"]
        since = next((basis["since"] for basis in row["bases"] if basis["rule"] == rule_id and "since" in basis), None)
        if since is not None:
            at = datetime.fromisoformat(since["at"])
        payload = row.get(_PAYLOAD)
        if since is not None and newest.from_field:
            payload = {newest.from_field: since["from"]}
        if payload:
            at = duties.counted_from(newest, payload)
        if isinstance(at, datetime) and not by_hours:
            at = deadlines.legal_day(at)
        pauses = duties.pauses_in(row["pauses"])
        return counted(law.profile_of(row["unit_id"]), at, pauses, row["extended_on"])

    return last_moment


def _dues_of_others(row: dict[str, Any], rule_id: str) -> list[datetime]:
    """The last moments that the duty's other rules gave."""
    return [datetime.fromisoformat(basis["due"]) for basis in row["bases"] if basis["rule"] != rule_id]


def _is_late(row: dict[str, Any], due: datetime, now: datetime) -> bool:
    if row["owed_by"] in Duty.NEVER_RED_OWERS:
        return False
    if row["met_at"] is not None:
        return bool(row["met_at"] > due)
    return row["paused_from"] is None and due < now


def _listed(official: Official, turned: list[tuple[datetime, int, bool]]) -> list[Turned]:
    found = Duty.objects.select_related("owner_unit").in_bulk([pk for _, pk, _ in turned])
    lines = lines_of(official, [found[pk] for _, pk, _ in turned])
    return [Turned(line, due, late) for line, (due, _, late) in zip(lines, turned, strict=True)]
