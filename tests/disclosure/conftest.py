"""The bureau of these tests, and a notice as the decision left it."""

from __future__ import annotations

import pytest

from disclosure.models import Notice
from tests.disclosure.flow import Bureau, decided_case, make_bureau, notice_of


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau()


@pytest.fixture
def notice(bureau: Bureau) -> Notice:
    """A draft of five days ago."""
    return notice_of(decided_case(bureau))
