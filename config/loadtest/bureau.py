"""The invented bureau of a load test: sections with staff, and those who head, review and lead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from agency.models import Official, Unit
from agency.roles import Role
from agency.services import appoint, create_agency, create_official, create_unit
from recording.models import Device

# A load test's data are invented and its database is thrown away; there is nothing to guard.
PASSWORD = "Mingcha-2026-yace"  # noqa: S105
NAME = "压力测试示例局"
PROFILE = "weihai-hrss"
SERVING_SINCE = date(2020, 1, 1)
STAFF_OF_A_SECTION = 4
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"


@dataclass(frozen=True, slots=True)
class Section:
    """One enforcing section and who works there, by id."""

    unit: int
    staff: tuple[int, ...]
    head: int
    device: int


@dataclass(frozen=True, slots=True)
class Bureau:
    sections: tuple[Section, ...]
    legal: int
    reviewer: int
    leader: int
    publisher: int


def settle(sections: int) -> Bureau:
    """Set the bureau up in an installation without an agency. User names: staff-<section>-<n>, head-<section>, leader, publisher."""
    agency = create_agency(
        name=NAME,
        short_name="压测局",
        profile=PROFILE,
        document_prefix="压测",
        credit_code="11370000MB0000000X",
        is_demo=True,
        in_use_from=SERVING_SINCE,
    )
    bureau = agency.unit
    legal = _unit("压测法制科", "法制科", Unit.Kind.LEGAL, bureau)
    office = _unit("压测办公室", "办公室", Unit.Kind.OFFICE, bureau)
    reviewer = _person("reviewer", 0, legal, Role.LEGAL_REVIEWER, legal)
    found = []
    for number in range(sections):
        unit = _unit(f"压测监察{number + 1}科", f"监察{number + 1}科", Unit.Kind.SECTION, bureau)
        staff = tuple(
            _person(f"staff-{number}-{n}", n, unit, Role.SECTION_STAFF, unit).pk for n in range(STAFF_OF_A_SECTION)
        )
        head = _person(f"head-{number}", STAFF_OF_A_SECTION, unit, Role.SECTION_HEAD, unit)
        device = Device.objects.create(
            number=f"压测记录仪{number + 1}", kind=Device.Kind.BODY, unit=unit, in_use_from=SERVING_SINCE
        )
        found.append(Section(unit.pk, staff, head.pk, device.pk))
    leader = _person("leader", 5, bureau, Role.LEADER, bureau)
    publisher = _person("publisher", 6, office, Role.DISCLOSURE_REVIEWER, office)
    return Bureau(tuple(found), legal.pk, reviewer.pk, leader.pk, publisher.pk)


def _unit(name: str, short_name: str, kind: Unit.Kind, bureau: Unit) -> Unit:
    return create_unit(by=None, name=name, short_name=short_name, kind=kind, parent=bureau, in_use_from=SERVING_SINCE)


def _person(username: str, number: int, unit: Unit, role: Role, at: Unit) -> Official:
    official = create_official(
        by=None,
        username=username,
        name=f"{SURNAMES[(unit.pk + number) % len(SURNAMES)]}示例",
        unit=unit,
        password=PASSWORD,
        must_change_password=False,
        email=f"{username}@mingcha.example",
        served_from=SERVING_SINCE,
    )
    appoint(by=None, official=official, role=role, unit=at, first_day=SERVING_SINCE)
    return official
