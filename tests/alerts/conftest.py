"""A bureau that owes things: two sections, their officials with mail, and duties at chosen moments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from agency.models import AgencyProfile, Appointment, Official, Role, Unit
from core import calendars
from core.models import Duty
from rulebook import deadlines, library, workdays

SHANGHAI = ZoneInfo("Asia/Shanghai")
_numbers = count(1)


def moment(text: str) -> datetime:
    """A moment in Asia/Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def last_second(day: str) -> datetime:
    return moment(f"{day}T23:59:59")


@pytest.fixture(autouse=True)
def _forget_calendar() -> None:
    """Every test begins with the calendar of the files."""
    calendars._cached = None


def appoint(name: str, role: Role, unit: Unit, *, email: str = "") -> Official:
    official = Official.objects.create(
        username=name, name=name, unit=unit, email=email, password_changed_at=timezone.now()
    )
    Appointment.objects.create(official=official, role=role, unit=unit, term=DateRange(date(2020, 1, 1), None))
    return official


def found_bureau() -> Unit:
    """A bureau with one section (a clerk with mail, a head without), a legal office and a system administrator."""
    bureau = Unit.objects.create(name="示例市人力资源和社会保障局", short_name="市人社局", kind=Unit.Kind.BUREAU)
    AgencyProfile.objects.create(unit=bureau, profile="weihai-hrss", document_prefix="示人社")
    section = Unit.objects.create(name="示例监察科", short_name="监察科", kind=Unit.Kind.SECTION, parent=bureau)
    legal = Unit.objects.create(name="示例法规科", short_name="法规科", kind=Unit.Kind.LEGAL, parent=bureau)
    appoint("张示例", Role.SECTION_STAFF, section, email="zhang@mail.example")
    appoint("吴样例", Role.SECTION_HEAD, section)
    appoint("赵样本", Role.LEGAL_REVIEWER, legal, email="zhao@mail.example")
    appoint("钱管理", Role.SYSTEM_ADMIN, bureau, email="qian@mail.example")
    return section


@lru_cache(maxsize=1)
def explained() -> dict[str, object]:
    """How the last day of such a duty is counted, as a row keeps it."""
    return deadlines.due(
        "WH-MEAS-15b",
        moment("2026-01-05T09:00"),
        calendar=workdays.get(),
        rulebook=library.get(),
        profile="weihai-hrss",
    ).as_json()


def owe(section: Unit, due_at: datetime, **values: object) -> Duty:
    """One open duty of the section. `alert_from` is the due day where not given."""
    number = next(_numbers)
    due_day = due_at.astimezone(SHANGHAI).date()
    row = {
        "obligation": f"publish_decision_{number}",
        "title": "公示行政处罚决定",
        "kind": Duty.Kind.DEADLINE,
        "anchor": f"case:{number}",
        "file_stream": f"case:{number}",
        "subject_title": f"某某示例电子有限公司案{number}",
        "subject_url": f"/desk/cases/{number}/",
        "unit": section,
        "owner_unit": section,
        "owed_by": "unit",
        "rule_id": "WH-MEAS-15b",
        "bases": [
            {
                "rule": "WH-MEAS-15b",
                "title": "《威海市行政执法监督办法》第十五条",
                "instrument": "weihai-2020-supervision-measures",
                "article": "第十五条",
                "quote": "",
                "due": due_at.isoformat(),
                "adopted": False,
            }
        ],
        "explanation": explained(),
        "opened_at": moment("2026-01-05T09:00"),
        "day_zero": date(2026, 1, 5),
        "nominal_day": due_day,
        "due_at": due_at,
        "alert_from": due_day,
    } | values
    return Duty.objects.create(**row)


@pytest.fixture
def section(db: None) -> Unit:
    return found_bureau()


@pytest.fixture
def clerk(section: Unit) -> Official:
    return Official.objects.get(username="张示例")


@pytest.fixture
def head(section: Unit) -> Official:
    return Official.objects.get(username="吴样例")


@pytest.fixture
def administrator(section: Unit) -> Official:
    return Official.objects.get(username="钱管理")


@pytest.fixture
def duty(section: Unit) -> Callable[..., Duty]:
    def make(due: str, **values: object) -> Duty:
        return owe(section, last_second(due) if "T" not in due else moment(due), **values)

    return make
