"""A bureau for every test of the cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.enforcement.factories import Bureau, make_bureau


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau()


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, settings: Any) -> None:
    settings.STORE_DIR = tmp_path / "store"
