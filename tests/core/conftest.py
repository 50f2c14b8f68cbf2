"""A small bureau: one section, its legal office, one official of each side."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from agency.models import AgencyProfile, Appointment, Official, Role, Unit


@pytest.fixture
def bureau(db: None) -> Unit:
    unit = Unit.objects.create(name="示例市人力资源和社会保障局", short_name="市人社局", kind=Unit.Kind.BUREAU)
    AgencyProfile.objects.create(unit=unit, profile="weihai-hrss", document_prefix="示人社")
    return unit


@pytest.fixture
def section(bureau: Unit) -> Unit:
    return Unit.objects.create(name="示例劳动保障监察科", short_name="监察科", kind=Unit.Kind.SECTION, parent=bureau)


@pytest.fixture
def legal_office(bureau: Unit) -> Unit:
    return Unit.objects.create(name="示例政策法规科", short_name="法规科", kind=Unit.Kind.LEGAL, parent=bureau)


@pytest.fixture
def official(section: Unit, legal_office: Unit) -> Callable[..., Official]:
    def make(name: str, role: Role, unit: Unit | None = None) -> Official:
        person = Official.objects.create(username=name, name=name, unit=unit or section)
        Appointment.objects.create(
            official=person, role=role, unit=unit or section, term=DateRange(date(2020, 1, 1), None)
        )
        return person

    return make


@pytest.fixture
def clerk(official: Callable[..., Official]) -> Official:
    return official("张示例", Role.SECTION_STAFF)


@pytest.fixture
def head(official: Callable[..., Official]) -> Official:
    return official("吴样例", Role.SECTION_HEAD)


@pytest.fixture
def unwired(monkeypatch: pytest.MonkeyPatch) -> None:
    """No app above listens: what core does alone."""
    from collections import defaultdict

    from core import registry

    monkeypatch.setattr(registry, "_handlers", defaultdict(list))
