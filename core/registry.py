"""What core offers and others fill. `config.wiring` is the only caller of the registering half."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from core import addresses

if TYPE_CHECKING:
    from django.http import HttpRequest

    from agency.models import Official
    from core.access import Permit, VisibleQuerySet
    from core.lifecycle import Lifecycle, NextStep
    from core.models import FactRecord
    from core.timeline import Entry
    from rulebook.model import Tier

Handler = Callable[["FactRecord"], None]
PanelProvider = Callable[["HttpRequest", Any], "Panel | None"]


@dataclass(frozen=True, slots=True)
class Panel:
    """What one app shows in a slot of another app's page: a fragment and what it needs, lines of the file's course, steps of its own procedure.

    An app answers for a page once, so that what it reads serves all three; without a template it shows no fragment.
    """

    template: str = ""
    context: dict[str, Any] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    steps: tuple[NextStep, ...] = ()


@dataclass(frozen=True, slots=True)
class WaitingStep:
    """One legal step that the official may take now."""

    label: str
    title: str
    url: str
    since: datetime | None = None
    article: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the main navigation of the desk or of the public site, leading to the page of this name."""

    label: str
    page: str
    visible: Callable[[Official], bool] = lambda official: True
    count: Callable[[Official], int] | None = None

    @property
    def url(self) -> str:
        return addresses.of_page(self.page)


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One file found by the desk's search."""

    title: str
    url: str
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One official who hears of what a unit owes. `tier`: the office it is escalated to; None for those who owe it."""

    unit: int
    official: int
    tier: Tier | None = None


@dataclass(frozen=True, slots=True)
class StandIn:
    """Who is told in place of an official on leave; `alone`: mail goes to the deputy only."""

    deputy: int
    alone: bool


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers for what rules lay on one kind of unit whatever happens: the unit that the rules bind, the one that owes the act, and
    the last day of those whom the rules bind, where they are closed.
    """

    unit: int
    owner: int
    until: date | None = None


_handlers: dict[str, list[Handler]] = defaultdict(list)
_panels: dict[str, list[PanelProvider]] = defaultdict(list)
_files: dict[str, Callable[[], VisibleQuerySet]] = {}
_waiting: list[Callable[[Official], Iterable[WaitingStep]]] = []
_search: list[Callable[[Official, str], Iterable[SearchHit]]] = []
_alert_sources: list[Callable[[datetime], None]] = []
nav: list[NavItem] = []
public_nav: list[NavItem] = []


@dataclass(slots=True)
class Agency:
    """How core asks who is who without knowing the agency app."""

    name: Callable[[], str]
    profile_of: Callable[[int], str]
    owner_of: Callable[[str, int], int | None]
    owing_units: Callable[[str], list[int]]
    answering: Callable[[str], list[Answering]]
    recipients_of: Callable[[int], list[int]]
    audience: Callable[[], list[Told]]
    stand_ins: Callable[[date], dict[int, StandIn]]
    in_use_from: Callable[[int], date | None]
    units: Callable[[], list[int]]
    may_keep_calendar: Callable[[Official], Permit]
    administrators: Callable[[], list[int]] = list


_agency: Agency | None = None


def connect_agency(agency: Agency) -> None:
    global _agency
    _agency = agency


def agency() -> Agency:
    """The agency's answers. Raises RuntimeError when config.wiring has not connected them."""
    if _agency is None:
        raise RuntimeError("config.wiring has not connected the agency")
    return _agency


def on_fact(name: str, handler: Handler) -> None:
    """Run `handler` at once, in the same transaction, whenever the fact is recorded."""
    if handler not in _handlers[name]:
        _handlers[name].append(handler)


def handlers_of(name: str) -> tuple[Handler, ...]:
    return tuple(_handlers.get(name, ()))


def fill_slot(slot: str, provider: PanelProvider) -> None:
    if provider not in _panels[slot]:
        _panels[slot].append(provider)


def add_files(files: Callable[[], VisibleQuerySet]) -> None:
    """Name the files whose facts stand in the chains of their prefix: who may see the file may read its chain."""
    _files[files().stream_prefix] = files


def sees_stream(official: Official, stream: str) -> bool:
    """Whether the official may see the file of this chain; no for a chain of no known kind."""
    prefix, _, key = stream.partition(":")
    files = _files.get(prefix)
    return files is not None and files().visible_to(official).of_key(key).exists()


def panels(slot: str, request: HttpRequest, obj: object) -> list[Panel]:
    """The panels that apps above show in this slot, in wiring order."""
    return [panel for provider in _panels.get(slot, ()) if (panel := provider(request, obj)) is not None]


def add_waiting(source: Callable[[Official], Iterable[WaitingStep]]) -> None:
    if source not in _waiting:
        _waiting.append(source)


def waiting_for(official: Official) -> list[WaitingStep]:
    """Every step the official may take now, longest waiting first."""
    steps = [step for source in _waiting for step in source(official)]
    return sorted(steps, key=lambda step: (step.since is None, step.since))


def add_search(source: Callable[[Official, str], Iterable[SearchHit]]) -> None:
    if source not in _search:
        _search.append(source)


def search(official: Official, query: str) -> list[SearchHit]:
    return [hit for source in _search for hit in source(official, query)]


def add_alert_source(source: Callable[[datetime], None]) -> None:
    if source not in _alert_sources:
        _alert_sources.append(source)


def alert_sources() -> tuple[Callable[[datetime], None], ...]:
    return tuple(_alert_sources)


def add_nav(item: NavItem) -> None:
    if all(item.page != known.page for known in nav):
        nav.append(item)


def add_public_nav(item: NavItem) -> None:
    if all(item.page != known.page for known in public_nav):
        public_nav.append(item)


_pages: dict[str, str] = {}


def add_page(noun: str, view: str) -> None:
    """Name the page on which an app above shows something of core's: a view's name, so that addresses stand in its urls only."""
    _pages[noun] = view


def address_of(noun: str) -> str:
    """Where something of core's is shown. Raises LookupError when config.wiring has named no page for it."""
    return addresses.of_page(_pages[noun])


@dataclass(frozen=True, slots=True)
class Correctable:
    """A fact of an app above on a case, whose wrongly entered moment may be put right. Its payload names the case.

    `may_ask`: who asks for it; None where it is asked by those who ask for the corrections of the case.
    """

    name: str
    may_ask: Callable[[Official, FactRecord], Permit] | None = None


_correctable: dict[str, Correctable] = {}
_orders: list[Callable[[int], dict[Any, str]]] = []


def add_correctable(fact: Correctable) -> None:
    _correctable[fact.name] = fact


def correctable(name: str) -> Correctable | None:
    """How the moment of this fact is put right; None for a fact of enforcement's own, and where nobody typed the moment."""
    return _correctable.get(name)


def correctable_names() -> tuple[str, ...]:
    return tuple(_correctable)


def add_order(source: Callable[[int], dict[Any, str]]) -> None:
    """Name what an app above finds out of order on the case with this id: a sentence for each place. A correction must add none."""
    if source not in _orders:
        _orders.append(source)


def out_of_order(case_id: int) -> dict[Any, str]:
    return {place: sentence for source in _orders for place, sentence in source(case_id).items()}


_procedures: dict[str, Lifecycle] = {}


def add_procedure(procedure: Lifecycle) -> None:
    """Name a procedure, for the diagrams and for the tests that go over all of them."""
    _procedures[procedure.name] = procedure


def procedures() -> tuple[Lifecycle, ...]:
    return tuple(_procedures.values())
