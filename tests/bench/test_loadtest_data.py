"""The load test's data: whole cases, as the product itself would have written them; only into an empty installation."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from agency.models import Official
from config.loadtest.course import SHARES
from core import ledger
from core.models import Duty, FactRecord
from disclosure.models import Notice
from enforcement.models import Case, CaseState

pytestmark = pytest.mark.django_db


def test_every_state_is_there_and_every_line_verifies() -> None:
    call_command("loadtest_data", cases=100, sections=2, open_duties=400, verbosity=0)
    reached = {path[-1] if path else "registered" for _, _, path in SHARES}
    assert set(Case.objects.values_list("state", flat=True)) == reached
    assert Case.objects.count() == 100
    assert ledger.verify().ok
    assert FactRecord.objects.count() == sum(share * facts for share, facts, _ in SHARES)
    assert Duty.objects.open().count() == 400
    assert Notice.objects.published().count() == sum(share for share, facts, _ in SHARES if facts > 11)
    # Duties lie where the product's own counting puts them.
    duty = Duty.objects.filter(obligation="publish_decision", opened_by__isnull=False).order_by("pk")[0]
    day_zero, due_at, explanation = duty.day_zero, duty.due_at, duty.explanation
    from core import duties

    assert duties._recount(duty) is None
    assert (duty.day_zero, duty.due_at, duty.explanation) == (day_zero, due_at, explanation)
    assert timezone.localdate(duty.opened_at) == day_zero


def test_a_section_sees_its_own_cases_and_they_open(client: object) -> None:
    call_command("loadtest_data", cases=100, sections=2, verbosity=0)
    official = Official.objects.get(username="staff-0-0")
    seen = Case.objects.visible_to(official)
    assert 0 < seen.count() < 100
    client.force_login(official, backend="agency.backends.OfficialBackend")  # type: ignore[attr-defined]
    for state in CaseState.values:
        case = seen.filter(state=state).first()
        if case is not None:
            assert client.get(case.get_absolute_url()).status_code == 200  # type: ignore[attr-defined]


def test_an_installation_with_an_agency_is_refused() -> None:
    from agency.services import create_agency

    create_agency(name="某某局", short_name="某局", profile="weihai-hrss", document_prefix="某")
    before = Case.objects.count(), Official.objects.count()
    for words in ({"cases": 10}, {"open_duties": 10}):
        with pytest.raises(CommandError, match="压力测试数据只能装入空的系统"):
            call_command("loadtest_data", **words)
    assert (Case.objects.count(), Official.objects.count()) == before


def test_temporary_tables_do_not_outlive_the_test() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.batch')")
        assert cursor.fetchone()[0] is None
