"""A case with a draft, and the people of a review."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agency.models import Role
from enforcement.models import Case, CaseState
from tests.enforcement.factories import Bureau, answer, case_in, draft, make_bureau, official


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau()


@pytest.fixture
def second_reviewer(bureau: Bureau) -> Any:
    return official("钱示范", Role.LEGAL_REVIEWER, bureau.legal)


@pytest.fixture
def drafted(bureau: Bureau) -> Case:
    """Drafted on Tuesday 2026-02-03."""
    return draft(bureau, answer(bureau, case_in(CaseState.NOTIFIED, bureau)))


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, settings: Any) -> None:
    settings.STORE_DIR = tmp_path / "store"


@pytest.fixture
def second_reviewer_of() -> Any:
    return lambda bureau: official("钱示范", Role.LEGAL_REVIEWER, bureau.legal)
