"""Reading: the agency's structure, who is who, and what core asks through its registry."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from axes.models import AccessAttempt
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Count, Prefetch, Q, QuerySet, Sum
from django.utils import timezone

from agency.leave import Leave
from agency.models import AgencyProfile, Appointment, Certificate, Official, Unit, below
from agency.roles import Role
from core import together
from core.registry import Answering, StandIn, Told
from core.together import Part


@dataclass(frozen=True, slots=True)
class Structure:
    """The units and the agency's profile, read at once."""

    parents: dict[int, int | None]
    children: dict[int | None, list[int]]
    kinds: dict[int, str]
    in_use_from: dict[int, date | None]
    # Of the units that are closed or will be.
    in_use_to: dict[int, date]
    # Of the units that have one of their own.
    profiles: dict[int, str]
    root: int | None
    profile: str
    name: str

    def first(self, kind: Unit.Kind) -> int | None:
        """The first unit of a kind, in the order of the bureau."""
        return next((pk for pk, each in self.kinds.items() if each == kind), None)

    def all(self, *kinds: Unit.Kind) -> list[int]:
        return [pk for pk, each in self.kinds.items() if each in kinds]

    def upwards(self, unit_id: int) -> list[int]:
        """The unit and those above it."""
        chain: list[int] = []
        at: int | None = unit_id
        while at is not None and at not in chain:
            chain.append(at)
            at = self.parents.get(at)
        return chain

    def legal_office(self, unit_id: int) -> int | None:
        """The legal office nearest to a unit: beside it or further up, else the first of all."""
        at = unit_id or self.root
        chain = self.upwards(at) if at else []
        near = (pk for each in chain for pk in self.children.get(each, []) if self.kinds[pk] == Unit.Kind.LEGAL)
        return next(near, None) or self.first(Unit.Kind.LEGAL)

    def last_day_of(self, *unit_ids: int) -> date | None:
        """The last day of the units here, each closed with whatever is above it; None while one of them has none."""
        days = [
            min((self.in_use_to[each] for each in self.upwards(pk) if each in self.in_use_to), default=None)
            for pk in unit_ids
        ]
        return None if None in days else max(day for day in days if day)

    def bound_units(self) -> dict[str, list[int]]:
        """Every profile that binds some unit, with the units that stand for all it binds: the agency, or those that have it as their own in
        the order in which they were entered.
        """
        found = {self.profile: [self.root]} if self.root and self.profile else {}
        for pk in sorted(self.profiles):
            if self.kinds[pk] != Unit.Kind.OUTSIDE and self.profiles[pk] != self.profile:
                found.setdefault(self.profiles[pk], []).append(pk)
        return found

    def profile_of(self, unit_id: int) -> str:
        """The profile of the unit, else of the next one above that has one, else the agency's."""
        own = (self.profiles[each] for each in self.upwards(unit_id) if each in self.profiles)
        return next(own, self.profile)


_STRUCTURE: Final = (
    Part(Unit, "true", "t.position, t.id", without=("short_name",)),
    Part(AgencyProfile, "true", only=("unit", "profile")),
)


def _read_structure() -> Structure:
    units, agencies = together.read(_STRUCTURE, {})
    children: dict[int | None, list[int]] = {}
    for unit in units:
        children.setdefault(unit.parent_id, []).append(unit.pk)
    agency = agencies[0] if agencies else None
    return Structure(
        parents={unit.pk: unit.parent_id for unit in units},
        children=children,
        kinds={unit.pk: unit.kind for unit in units},
        in_use_from={unit.pk: unit.in_use_from for unit in units},
        in_use_to={unit.pk: unit.in_use_to for unit in units if unit.in_use_to},
        profiles={unit.pk: unit.profile for unit in units if unit.profile},
        root=agency.unit_id if agency else None,
        profile=agency.profile if agency else "",
        name=next((unit.name for unit in units if agency and unit.pk == agency.unit_id), ""),
    )


def structure() -> Structure:
    """The agency's structure, read once in a request (agency.middleware.KnownStructure) or, outside of one, once in a transaction.

    Django gives a connection a new list of commit hooks whenever a transaction or a savepoint ends in any way: while the list is the
    same, nothing that was read here can have been taken back. What this process itself writes is forgotten by `Unit.save`.
    """
    # Behind its proxy: a page asks dozens of times.
    line: Any = connections[DEFAULT_DB_ALIAS]
    # What was read in a transaction may be taken back with it, so only the transaction may go on using it.
    span = line.run_on_commit if line.in_atomic_block else getattr(line, "agency_request", None)
    if span is None:
        return _read_structure()
    known = getattr(line, "agency_structure", None)
    if known is None or known[0] is not span:
        known = line.agency_structure = (span, _read_structure())
    found: Structure = known[1]
    return found


# --- what core asks -----------------------------------------------------------------------------------------


def agency_name() -> str:
    """The agency's name, empty before `manage.py create_agency`."""
    return structure().name


def letterhead() -> AgencyProfile:
    """What documents say of the agency: its prefix, address, bank, where to turn for reconsideration and to court.

    Raises LookupError before `manage.py create_agency`.
    """
    found = AgencyProfile.current()
    if found is None:
        raise LookupError("尚未设立机关，请先运行 manage.py create_agency")
    return found


def profile_of(unit_id: int) -> str:
    """The profile of binding instruments: the unit's own or that of the next unit above that has one, at last the agency's.

    Raises LookupError before `manage.py create_agency`.
    """
    profile = structure().profile_of(unit_id)
    if not profile:
        raise LookupError("尚未设立机关，请先运行 manage.py create_agency")
    return profile


def in_use_from(unit_id: int) -> date | None:
    """The day from which the unit works with this system; None where nobody said."""
    return structure().in_use_from.get(unit_id)


def unit_ids() -> list[int]:
    """Every unit, in the order of the bureau."""
    return list(structure().parents)


def owner_of(owed_by: str, unit_id: int) -> int | None:
    """Which unit owes what a rule lays on `owed_by` in a matter of this unit; None for a party, or where no such body is entered.

    Without a legal-affairs section the agency itself owes what one would.
    """
    known = structure()
    match owed_by:
        case "unit":
            return unit_id
        case "legal_affairs":
            return known.legal_office(unit_id) or known.root
        case "agency":
            return known.root
        case "outside":
            return known.first(Unit.Kind.OUTSIDE)
        case "party":
            return None
    raise ValueError(f"unknown owner {owed_by}")


def owing_units(owed_by: str) -> list[int]:
    """Units that owe what a rule lays on `owed_by` whatever happens (yearly and quarterly duties); "any" is all that owe anything."""
    known = structure()
    match owed_by:
        case "unit":
            return known.all(Unit.Kind.SECTION)
        case "legal_affairs" | "agency" | "outside":
            owner = owner_of(owed_by, 0)
            return [] if owner is None else [owner]
        case "party":
            return []
        case "any":
            found = [pk for each in ("agency", "legal_affairs", "outside", "unit") for pk in owing_units(each)]
            return list(dict.fromkeys(found))
    raise ValueError(f"unknown owner {owed_by}")


def answering(owed_by: str) -> list[Answering]:
    """Who answers for what rules lay on `owed_by` whatever happens, once for each profile that binds some unit; of what is laid on "unit",
    every section for itself.

    Where only the agency has such an office, it acts for the units that a profile of their own binds (decision 0022).
    """
    known = structure()
    if owed_by == "unit":
        return [Answering(pk, pk, known.last_day_of(pk)) for pk in known.all(Unit.Kind.SECTION)]
    found = []
    for profile, units in known.bound_units().items():
        owner = owner_of(owed_by, units[0])
        if owner is not None:
            is_own = known.profile_of(owner) == profile
            found.append(Answering(owner if is_own else units[0], owner, known.last_day_of(*units)))
    return found


# Whom an alert reaches, by the nature of the unit that owes.
ALERTED: Final = {
    Unit.Kind.BUREAU: (Role.CHIEF, Role.LEADER),
    Unit.Kind.SECTION: (Role.SECTION_STAFF, Role.SECTION_HEAD),
    Unit.Kind.LEGAL: (Role.LEGAL_REVIEWER, Role.SECTION_HEAD),
    Unit.Kind.OFFICE: (Role.SECTION_STAFF, Role.SECTION_HEAD),
    Unit.Kind.OUTSIDE: (Role.SUPERVISOR,),
}


def recipients_of(unit_id: int) -> list[int]:
    """Ids of the officials who answer for what the unit owes; where it has none today, those of the next unit above."""
    known = structure()
    chain = known.upwards(unit_id)
    return _answering(known, chain, list(_appointed().filter(unit__in=chain)))


# Who hears first of what such a unit owes. Where nobody holds the role, those of ALERTED do.
OWES_FIRST: Final = {
    Unit.Kind.SECTION: (Role.SECTION_STAFF,),
    Unit.Kind.LEGAL: (Role.LEGAL_REVIEWER,),
    Unit.Kind.OFFICE: (Role.SECTION_STAFF,),
}


def audience() -> list[Told]:
    """Who hears of what each unit owes, and by which office it is escalated; two statements however many units there are.

    The offices: the head of the unit, the legal office, the leader in charge (分管领导; where there is none, the chief).
    """
    known, appointed = structure(), list(_appointed())
    holders: dict[tuple[int, str], list[int]] = {}
    for unit, role, official in appointed:
        holders.setdefault((unit, role), []).append(official)

    def nearest(chain: list[int], *roles: Role) -> list[int]:
        """Those who hold one of the roles, first asked first, in the unit or the next one above."""
        return next((found for role in roles for each in chain if (found := holders.get((each, role)))), [])

    def legal_affairs(unit: int) -> list[int]:
        office = known.legal_office(unit) or 0
        return [
            official
            for role in (Role.LEGAL_REVIEWER, Role.SECTION_HEAD)
            for official in holders.get((office, role), [])
        ]

    told: list[Told] = []
    for unit in known.parents:
        chain = known.upwards(unit)
        told += [Told(unit, official) for official in _owing(known, chain, holders)]
        if known.kinds[unit] != Unit.Kind.OUTSIDE:
            told += [Told(unit, official, "section_head") for official in nearest(chain, Role.SECTION_HEAD)]
            told += [Told(unit, official, "legal_affairs") for official in legal_affairs(unit)]
            told += [Told(unit, official, "leader") for official in nearest(chain, Role.LEADER, Role.CHIEF)]
    return told


def _owing(known: Structure, chain: list[int], holders: dict[tuple[int, str], list[int]]) -> list[int]:
    for each in chain:
        kind = Unit.Kind(known.kinds[each])
        for roles in (OWES_FIRST.get(kind, ()), ALERTED[kind]):
            if found := [official for role in roles for official in holders.get((each, role), [])]:
                return found
    return []


def stand_ins(day: date) -> dict[int, StandIn]:
    """Official on leave that day -> who is told in place of them."""
    in_service = Q(deputy__served_to__isnull=True) | Q(deputy__served_to__gte=day)
    away = Leave.objects.filter(in_service, days__contains=day, deputy__is_active=True)
    return {
        official: StandIn(deputy, alone) for official, deputy, alone in away.values_list("official", "deputy", "alone")
    }


def _appointed() -> QuerySet[Appointment, tuple[int, str, int]]:
    """Who holds which role in which unit today."""
    held = Appointment.objects.filter(term__contains=timezone.localdate(), official__is_active=True)
    return held.order_by("official").values_list("unit_id", "role", "official_id")


def _answering(known: Structure, chain: list[int], appointed: list[tuple[int, str, int]]) -> list[int]:
    for each in chain:
        roles = ALERTED[Unit.Kind(known.kinds[each])] if each in known.kinds else ()
        found = [official for unit, role, official in appointed if unit == each and role in roles]
        if found:
            return list(dict.fromkeys(found))
    return []


def administrators() -> list[int]:
    """Ids of today's system administrators."""
    return list(Official.objects.holding(Role.SYSTEM_ADMIN).values_list("pk", flat=True))


# --- pages --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Branch:
    """One line of the tree of units."""

    unit: Unit
    depth: int
    officials: int


def unit_tree() -> list[Branch]:
    """All units, parents before children, with how many active officials belong to each."""
    units = Unit.objects.annotate(active=Count("officials", filter=Q(officials__is_active=True))).order_by(
        "position", "pk"
    )
    children: dict[int | None, list[Unit]] = {}
    for unit in units:
        children.setdefault(unit.parent_id, []).append(unit)
    lines: list[Branch] = []

    def walk(parent: int | None, depth: int) -> None:
        for unit in children.get(parent, []):
            lines.append(Branch(unit, depth, unit.active))  # type: ignore[attr-defined]
            walk(unit.pk, depth + 1)

    walk(None, 0)
    return lines


def officials(*, unit_id: int | None = None, query: str = "", include_inactive: bool = False) -> QuerySet[Official]:
    """The directory, with today's roles and certificates."""
    today = timezone.localdate()
    found = Official.objects.select_related("unit").prefetch_related(
        Prefetch(
            "appointments",
            Appointment.objects.filter(term__contains=today).select_related("unit").order_by("pk"),
            to_attr="held_today",
        ),
        Prefetch("certificates", Certificate.objects.order_by("valid_to", "pk"), to_attr="all_certificates"),
    )
    if not include_inactive:
        found = found.filter(is_active=True)
    if unit_id is not None:
        found = found.filter(unit__in=below(unit_id, structure().children))
    if query:
        holders = Certificate.objects.filter(number=query).values("official")
        found = found.filter(Q(name__icontains=query) | Q(pk__in=holders))
    return found


_NAMED: Final = Part(Official, "t.id = ANY (%(ids)s)", only=("name",))
_THEIR_CERTIFICATES: Final = Part(Certificate, "t.official_id = ANY (%(ids)s)")


def people(ids: Collection[int]) -> dict[int, Official]:
    """These officials by id, with their names and certificates, for pages that name whoever acted; one statement."""
    named, certificates = together.read((_NAMED, _THEIR_CERTIFICATES), {"ids": list(ids)})
    for official in named:
        held = [certificate for certificate in certificates if certificate.official_id == official.pk]
        together.attach(official, "certificates", held)
    return {official.pk: official for official in named}


def units(ids: Collection[int]) -> QuerySet[Unit]:
    """These units, in the order of the bureau, for forms that offer them."""
    return Unit.objects.filter(pk__in=ids)


def sections(ids: Collection[int]) -> QuerySet[Unit]:
    """Those of these units that enforce, for forms that offer them."""
    return Unit.objects.filter(pk__in=ids, kind=Unit.Kind.SECTION)


def terms_of(official: Official) -> list[Appointment]:
    """Every role the official holds, held or will hold, newest first."""
    return list(official.appointments.select_related("unit").order_by("-pk"))


def leaves_of(official: Official) -> list[Leave]:
    """Leaves of the official that are not over, and those in which the official stands in for somebody, nearest first."""
    ahead = Leave.objects.filter(days__endswith__gt=timezone.localdate()).select_related("official", "deputy")
    return list(ahead.filter(Q(official=official) | Q(deputy=official)).order_by("days", "pk"))


def is_locked_out(official: Official) -> bool:
    """Whether failed sign-ins keep the account from signing in at present."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    failures = AccessAttempt.objects.filter(username=official.username, attempt_time__gt=since).aggregate(
        all=Sum("failures_since_start")
    )["all"]
    return (failures or 0) >= settings.AXES_FAILURE_LIMIT


def certificate_of(official: Official, day: date) -> Certificate | None:
    """A certificate valid on the day, the longest-lived."""
    return official.certificates.filter(valid_from__lte=day, valid_to__gte=day).order_by("-valid_to").first()


def holders_of(role: Role, unit_id: int) -> QuerySet[Official]:
    """Who holds a role today in the unit or in one above it, by name."""
    held = Appointment.objects.filter(
        role=role, unit__in=structure().upwards(unit_id), term__contains=timezone.localdate()
    )
    return Official.objects.filter(is_active=True, pk__in=held.values("official")).order_by("name", "pk")


def units_of_role(role: Role) -> list[int]:
    """Units in which somebody in service holds the role today: to whom a file is opened that waits for this role."""
    held = Appointment.objects.filter(role=role, term__contains=timezone.localdate(), official__is_active=True)
    return sorted(set(held.values_list("unit_id", flat=True)))
