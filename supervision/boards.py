"""The supervisor's board: how sections stand, and how each article is kept; the same figures for page, API and spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from agency import selectors as agency
from core import law
from core.models import Duty, Grant
from core.models.duties import DutyQuerySet
from rulebook.model import Citation, Rule
from supervision import figures
from supervision.figures import Figures, Month
from supervision.periods import FIRST_YEAR, LAST_YEAR
from supervision.plan import profiles_of

if TYPE_CHECKING:
    from agency.models import Official

RED_ROWS = 10
# Whoever owes and is no unit of the bureau.
OUTSIDE = "外部监督机构"
MONTHS = frozenset(str(number) for number in range(1, 13))


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit that owes, with its figures. `pk` is None for a body outside that is not entered as a unit."""

    pk: int | None
    name: str
    figures: Figures
    is_outside: bool = False

    @property
    def key(self) -> str:
        """How addresses name it."""
        return "outside" if self.pk is None else str(self.pk)


@dataclass(frozen=True, slots=True)
class Cell:
    """One unit under one rule. `heat`: 0 to 4, by how many duties arose."""

    unit: UnitLine
    figures: Figures
    heat: int


@dataclass(frozen=True, slots=True)
class ArticleLine:
    """One rule with its figures over all units, and a cell for each."""

    rule: Rule
    citation: Citation
    figures: Figures
    cells: list[Cell] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the board says of a year."""

    year: int
    now: datetime
    total: Figures
    units: list[UnitLine]
    articles: list[ArticleLine]
    months: list[Month]

    @property
    def is_empty(self) -> bool:
        return self.total.is_empty

    @property
    def year_text(self) -> str:
        """For addresses."""
        return str(self.year)

    def as_json(self) -> dict[str, Any]:
        """The figures as the API gives them."""
        return {
            "year": self.year,
            "as_of": timezone.localtime(self.now).isoformat(),
            "total": self.total.as_json(),
            "units": [{"id": unit.pk, "name": unit.name, **unit.figures.as_json()} for unit in self.units],
            "articles": [
                {
                    "rule": line.rule.id,
                    "title": line.rule.title,
                    "article": line.citation.text,
                    "adopted": line.citation.adopted,
                    **line.figures.as_json(),
                    "units": [
                        {"id": cell.unit.pk, **cell.figures.as_json()}
                        for cell in line.cells
                        if not cell.figures.is_empty
                    ],
                }
                for line in self.articles
            ],
            "months": [
                {"month": f"{self.year}-{m.number:02d}", **{state: getattr(m, state) for state in figures.TREND}}
                for m in self.months
            ],
        }

    def chart(self) -> dict[str, Any]:
        """What the chart draws: counts a month, in the order of the legend."""
        return {
            "months": [f"{month.number}月" for month in self.months],
            "series": [
                {"key": state, "name": label, "values": [getattr(month, state) for month in self.months]}
                for state, label in figures.TREND.items()
            ],
        }


def board_of(official: Official, *, year: int, now: datetime) -> Board:
    """The board of a year: four reads, however many units and duties there are."""
    duties = figures.duties_of(official)
    found = figures.groups(duties, year=year, now=now)
    units = _units(official, figures.by_owner(found))
    profiles = profiles_of(official)
    return Board(
        year=year,
        now=now,
        total=figures.total(found),
        units=units,
        articles=_articles(units, figures.by_owner_and_rule(found), profiles),
        months=figures.by_month(duties, year=year, now=now),
    )


def _units(official: Official, per_owner: dict[int | None, Figures]) -> list[UnitLine]:
    """Every unit of the official that owes anything by its nature, and whoever else has figures, in the order of the bureau."""
    owing = set(agency.owing_units("unit")) | set(agency.owing_units("legal_affairs"))
    lines = [
        UnitLine(unit.pk, unit.short_name, per_owner.get(unit.pk, Figures()), unit.is_outside)
        for unit in (branch.unit for branch in agency.unit_tree())
        if unit.pk in per_owner or (unit.pk in owing and unit.pk in official.unit_ids)
    ]
    if None in per_owner:
        lines.append(UnitLine(None, OUTSIDE, per_owner[None], is_outside=True))
    return sorted(lines, key=lambda line: line.is_outside)


def _articles(
    units: list[UnitLine], per_cell: dict[tuple[int | None, str], Figures], profiles: list[str]
) -> list[ArticleLine]:
    """Rules in the order of precedence, the agency's first, each cited as it binds; those that did nothing are left out."""
    book = law.rulebook()
    bound: dict[str, str] = {}
    for name in profiles:
        for rule in book.binding(name):
            bound.setdefault(rule.id, name)
    order = {rule_id: place for place, rule_id in enumerate(bound)}
    used = sorted({rule_id for _, rule_id in per_cell}, key=lambda rule_id: (order.get(rule_id, len(order)), rule_id))
    top = max((each.opened for each in per_cell.values()), default=0)
    lines = []
    for rule_id in used:
        cells = [
            Cell(unit, found, _heat(found.opened, top))
            for unit in units
            for found in [per_cell.get((unit.pk, rule_id), Figures())]
        ]
        together = figures.add([cell.figures for cell in cells])
        if not together.is_empty:
            lines.append(ArticleLine(book.rule(rule_id), book.cite(rule_id, bound.get(rule_id)), together, cells))
    return lines


def _heat(count: int, top: int) -> int:
    """0 for none, else the quarter of the busiest cell that the count falls in."""
    return 0 if not count else -(-4 * count // top)


# --- the lists behind the figures -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list behind a figure is narrowed to, as its address says."""

    year: int
    state: str = "opened"
    unit: str = ""
    rule: str = ""
    month: int | None = None


def filtered(official: Official, wanted: Filter, now: datetime) -> DutyQuerySet:
    """The duties that a figure counted: the same conditions, so that number and list cannot differ."""
    found = figures.duties_of(official)
    if wanted.month is not None:
        found = found.filter(figures.falling_due(wanted.year, wanted.month))
        if wanted.state in figures.TREND:
            found = found.filter(figures.in_trend(wanted.state, now))
    else:
        found = found.filter(figures.in_state(wanted.state, year=wanted.year, now=now))
    if wanted.unit == "outside":
        found = found.filter(owner_unit__isnull=True)
    elif wanted.unit:
        found = found.filter(owner_unit=int(wanted.unit))
    if wanted.rule:
        found = found.filter(figures.under_rule(wanted.rule))
    return found


def red_duties(official: Official, *, year: int, now: datetime) -> list[Duty]:
    """The longest overdue."""
    found = filtered(official, Filter(year, "overdue"), now)
    return list(found.select_related("owner_unit").order_by("due_at", "pk")[:RED_ROWS])


@dataclass(frozen=True, slots=True)
class DutyLine:
    """One duty in a list. Its file is named only to those who may see the file."""

    duty: Duty
    names_file: bool


def lines_of(official: Official, duties: list[Duty]) -> list[DutyLine]:
    """Duties for a list; a legal office sees its own duty on another section's case, not the case."""
    granted = set(
        Grant.objects.streams_open_to(official).filter(stream__in=[duty.file_stream for duty in duties])
        if duties
        else ()
    )
    seen = set(official.unit_ids)
    return [DutyLine(duty, duty.unit_id in seen or duty.file_stream in granted) for duty in duties]


def year_in(text: str, now: datetime) -> int:
    """A year of the calendar's range; this one for anything else."""
    this_year = timezone.localdate(now).year
    if text.isascii() and text.isdigit() and len(text) == 4 and FIRST_YEAR <= int(text) <= LAST_YEAR:
        return int(text)
    return this_year


def years_offered(now: datetime) -> list[int]:
    """This year and the three before."""
    this_year: date = timezone.localdate(now)
    return [this_year.year - back for back in (3, 2, 1, 0)]


def name_of(unit: str) -> str:
    """The short name of a unit as an address names it; empty for none."""
    if not unit:
        return ""
    if unit == "outside":
        return OUTSIDE
    return next((branch.unit.short_name for branch in agency.unit_tree() if branch.unit.pk == int(unit)), "")
