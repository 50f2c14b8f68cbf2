"""A small invented bureau: three administrators, a section with a head and a clerk, a legal section, a supervising body."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from django.test import Client

from agency import services
from agency.models import Official, Role, Unit

PASSWORD = "Kestrel-4711-Harbour"
NEW_PASSWORD = "Walnut-8823-Orchard"
LONG_AGO = date(2024, 1, 2)


@dataclass
class Bureau:
    root: Unit
    section: Unit
    team: Unit
    other: Unit
    legal: Unit
    outside: Unit
    system: Official
    security: Official
    auditor: Official
    clerk: Official
    head: Official


def person(username: str, name: str, unit: Unit, *roles: tuple[Role, Unit]) -> Official:
    official = services.create_official(
        by=None,
        username=username,
        name=name,
        unit=unit,
        password=PASSWORD,
        must_change_password=False,
        served_from=LONG_AGO,
    )
    for role, where in roles:
        services.appoint(by=None, official=official, role=role, unit=where, first_day=LONG_AGO)
    return official


@pytest.fixture
def bureau(db: None) -> Bureau:
    agency = services.create_agency(
        name="示例市人力资源和社会保障局", short_name="示例人社局", profile="weihai-hrss", document_prefix="示人社"
    )
    root = agency.unit

    def unit(name: str, short: str, kind: Unit.Kind, parent: Unit | None = root) -> Unit:
        return services.create_unit(by=None, name=name, short_name=short, kind=kind, parent=parent)

    section = unit("示例监察科", "监察科", Unit.Kind.SECTION)
    other = unit("示例就业科", "就业科", Unit.Kind.SECTION)
    legal = unit("示例法规科", "法规科", Unit.Kind.LEGAL)
    team = unit("示例监察一队", "一队", Unit.Kind.SECTION, section)
    outside = unit("示例市行政执法监督局", "市监督局", Unit.Kind.OUTSIDE, None)
    return Bureau(
        root=root,
        section=section,
        team=team,
        other=other,
        legal=legal,
        outside=outside,
        system=person("system", "张示例", root, (Role.SYSTEM_ADMIN, root)),
        security=person("security", "李样本", root, (Role.SECURITY_ADMIN, root)),
        auditor=person("auditor", "王范例", root, (Role.AUDITOR, root)),
        clerk=person("clerk", "赵样例", section, (Role.SECTION_STAFF, section)),
        head=person("head", "钱示范", section, (Role.SECTION_HEAD, section)),
    )


def signed_in(official: Official) -> Client:
    """A browser of this official, by the front door."""
    client = Client()
    answer = client.post("/desk/login/", {"username": official.username, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    return client


@pytest.fixture(autouse=True)
def _quick_hashes(settings) -> None:  # type: ignore[no-untyped-def]
    """Argon2 is slow on purpose; these tests make dozens of accounts."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
