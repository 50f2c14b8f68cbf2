"""The desk as an official of one section sees it, with another section beside."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from agency.models import Official, Role, Unit
from tests.alerts.conftest import appoint, found_bureau


@pytest.fixture
def section(db: None) -> Unit:
    return found_bureau()


@pytest.fixture
def other(section: Unit) -> Unit:
    return Unit.objects.create(name="示例就业科", short_name="就业科", kind=Unit.Kind.SECTION, parent=section.parent)


@pytest.fixture
def clerk(section: Unit) -> Official:
    return Official.objects.get(username="张示例")


@pytest.fixture
def stranger(other: Unit) -> Official:
    return appoint("李样本", Role.SECTION_STAFF, other)


@pytest.fixture
def auditor(section: Unit) -> Official:
    return appoint("孙审计", Role.AUDITOR, section.parent)


@pytest.fixture
def signed_in(client: Client) -> Callable[[Official], Client]:
    def sign_in(official: Official) -> Client:
        client.force_login(official, backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client

    return sign_in
