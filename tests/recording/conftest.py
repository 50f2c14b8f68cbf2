"""A case with one evidence act, and the means to hand in recordings of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from enforcement.models import Case, EvidenceAct
from tests.enforcement.factories import Bureau, accept, evidence, make_bureau, new_case, propose


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, settings: Any) -> None:
    settings.STORE_DIR = tmp_path / "store"


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau()


@pytest.fixture
def case(bureau: Bureau) -> Case:
    return evidence(bureau, accept(bureau, propose(bureau, new_case(bureau))))


@pytest.fixture
def act(case: Case) -> EvidenceAct:
    return case.acts.get()


@pytest.fixture
def desk(bureau: Bureau) -> Any:
    """Sign somebody in: desk(bureau.lead) is their browser."""

    def sign_in(person: Any) -> Client:
        browser = Client()
        browser.force_login(person, backend="agency.backends.OfficialBackend")
        return browser

    return sign_in
