"""The whole way of one penalty, and what it leaves behind."""

from __future__ import annotations

import pytest

from core.models import FactRecord
from enforcement.models import CaseState
from tests.enforcement.factories import Bureau, case_in


@pytest.mark.parametrize("state", CaseState.values)
def test_every_state_is_reached_by_lawful_steps(bureau: Bureau, state: str) -> None:
    case = case_in(state, bureau)
    assert case.state == state
    assert FactRecord.objects.filter(stream=case.stream).exists()
