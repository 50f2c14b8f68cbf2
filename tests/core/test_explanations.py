"""Explanations are long and many duties share one: each is kept once, and stays as it was written."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from agency.models import Official, Unit
from core import duties
from core.models import Duty, Explanation
from core.models.explanations import keep
from tests.alerts.conftest import moment
from tests.core.notice import decide, publish_duty

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unwired")]


def test_duties_counted_alike_share_one(section: Unit, clerk: Official) -> None:
    first = publish_duty(section, clerk, moment("2026-03-02T10:00"))
    same = publish_duty(section, clerk, moment("2026-03-02T16:30"))
    later = publish_duty(section, clerk, moment("2026-03-03T10:00"))
    assert first.explained_by_id == same.explained_by_id != later.explained_by_id
    assert first.explanation == same.explanation
    assert first.explanation["day_zero"] == "2026-03-02"


def test_it_is_written_by_the_statement_that_opens_the_duties(section: Unit, clerk: Official) -> None:
    with CaptureQueriesContext(connection) as asked:
        decide(section, clerk, moment("2026-03-02T10:00"))
    writing = [each["sql"] for each in asked if "core_keep_explanation" in each["sql"]]
    assert [sql.startswith('INSERT INTO "core_duty"') for sql in writing] == [True]
    assert Explanation.objects.count() == len({str(duty.explanation) for duty in Duty.objects.all()}) > 1


def test_a_duty_counted_anew_leaves_the_old_explanation_to_the_others(section: Unit, clerk: Official) -> None:
    first, other = (publish_duty(section, clerk, moment("2026-03-02T10:00")) for _ in range(2))
    duties._recount(first, at=moment("2026-03-09T10:00"))
    first, other = Duty.objects.get(pk=first.pk), Duty.objects.get(pk=other.pk)
    assert first.explanation["day_zero"] == "2026-03-09"
    assert other.explanation["day_zero"] == "2026-03-02"


def test_what_is_saved_of_a_duty_singly_leaves_its_explanation(section: Unit, clerk: Official) -> None:
    duty = publish_duty(section, clerk, moment("2026-03-02T10:00"))
    kept, many = duty.explained_by_id, Explanation.objects.count()
    duty.explanation = {"day_zero": "1999-01-01"}
    duty.save(update_fields=["title"])
    assert Duty.objects.get(pk=duty.pk).explained_by_id == kept
    assert Explanation.objects.count() == many


@pytest.mark.parametrize("change", [{"body": {}}, {"digest": ""}, {"calendar_digest": ""}, None])
def test_none_is_changed_or_deleted(change: dict[str, Any] | None) -> None:
    kept = Explanation.objects.filter(pk=keep({"due": "2026-03-11"}))
    stood = kept.values().get()
    with pytest.raises(DatabaseError, match="的记录不得修改或者删除"), transaction.atomic():
        kept.delete() if change is None else kept.update(**change)
    assert kept.values().get() == stood
