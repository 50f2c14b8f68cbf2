"""The load test's data: whole cases, as the product itself would have written them; only into an empty installation."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from agency.models import Official
from config.loadtest.course import ENDINGS, REVOKED, SHARES, Share
from core import ledger
from core.models import Duty, FactRecord
from core.store import path_of
from disclosure.models import Notice
from enforcement.models import ActRecording, Case, CaseState
from legalreview.forms import items_of
from legalreview.models import Review
from recording.models import Recording

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _store(settings: Any, tmp_path: Path) -> None:
    settings.STORE_DIR = tmp_path / "store"


def test_every_state_is_there_and_every_line_verifies() -> None:
    call_command("loadtest_data", cases=200, sections=2, open_duties=800, verbosity=0)
    assert set(Case.objects.values_list("state", flat=True)) == set(CaseState.values)
    assert Case.objects.count() == 200
    assert ledger.verify().ok
    # What each case has by its share, and nothing else.
    assert facts_on("case") + facts_on("notice") == sum(
        2 * share.percent * (share.facts + tail(share)) for share in SHARES
    )
    reached = {"submitted": 1, "reviewing": 2, "answered": 3}
    assert facts_on("review") == sum(reached[state] for state in Review.objects.values_list("state", flat=True))
    reached = {"made": 1, "stored": 2, "indexed": 3}
    assert facts_on("recording") == sum(reached[state] for state in Recording.objects.values_list("state", flat=True))
    assert Duty.objects.open().count() == 800
    went_public = 2 * sum(share.percent for share in SHARES if share.facts > 11)
    withdrawn = 2 * sum(share.percent for share in SHARES if share.ending == REVOKED)
    assert Notice.objects.published().count() == went_public - withdrawn
    assert Notice.objects.filter(state="withdrawn", decision_revoked_at__isnull=False).count() == withdrawn
    # Nothing lies in the future, and no file's facts run backwards.
    assert not FactRecord.objects.filter(happened_at__gt=timezone.now()).exists()
    course = list(FactRecord.objects.order_by("stream", "entry__seq").values_list("stream", "happened_at"))
    assert course == sorted(course)


def facts_on(noun: str) -> int:
    return FactRecord.objects.filter(stream__startswith=f"{noun}:").count()


def tail(share: Share) -> int:
    """How many facts end a case of this share early."""
    return sum(1 for each in ENDINGS if share.ending and each.ending == share.ending)


def test_duties_lie_where_the_products_own_counting_puts_them() -> None:
    call_command("loadtest_data", cases=100, sections=2, verbosity=0)
    from core import duties

    opened = Duty.objects.filter(opened_by__isnull=False)
    for obligation in ("publish_decision", "legal_review", "store_recording", "withdraw_publication"):
        few = opened.filter(obligation=obligation)[:10]
        assert few, obligation
        for duty in few:
            day_zero, due_at, explanation = duty.day_zero, duty.due_at, duty.explanation
            assert duties._recount(duty) is None
            assert (duty.day_zero, duty.due_at, duty.explanation) == (day_zero, due_at, explanation)
            assert timezone.localdate(duty.opened_at) == day_zero
            assert duty.met_by is None or duty.met_by.anchor == duty.anchor


def test_what_a_decision_rests_on_is_there() -> None:
    """Every decided case has an agreed review of its text; every recording is known to its act and lies in the store."""
    call_command("loadtest_data", cases=200, sections=2, verbosity=0)
    decided = Case.objects.filter(decided_at__isnull=False)
    assert decided.count() > 100
    for case in decided:
        (review,) = Review.objects.filter(case=case)
        assert (review.state, review.opinion, review.text_digest) == ("answered", "agree", case.decision.text_digest)
        assert review.points.count() == len(items_of("review_points_answered", review))
    assert {"made", "stored", "indexed"} == set(Recording.objects.values_list("state", flat=True))
    for recording in Recording.objects.all():
        assert ActRecording.objects.get(stream=recording.stream).state == recording.state
        if recording.file is not None:
            assert hashlib.sha256(path_of(recording.sha256).read_bytes()).hexdigest() == recording.sha256


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
    for nouns in (Review.objects, Recording.objects, Notice.objects):
        for state in nouns.order_by().values_list("state", flat=True).distinct():
            row = nouns.visible_to(official).filter(state=state).first()
            if row is not None:
                assert client.get(row.get_absolute_url()).status_code == 200, row  # type: ignore[attr-defined]


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
