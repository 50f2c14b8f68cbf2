"""The first screen of a supervisor, who owes nothing: what is overdue in the units they watch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from agency.models import Official
from core.models import Duty
from tests.supervision.conftest import Bureau

pytestmark = pytest.mark.django_db
SignIn = Callable[[Official], Client]
HEAD = "各科室逾期未办"


def test_a_supervisor_sees_what_the_sections_are_late_with(bureau: Bureau, signed_in: SignIn) -> None:
    assert "没有逾期未办的期限" in signed_in(bureau.supervisor).get("/desk/").content.decode()
    now = timezone.now()
    # Overdue whenever the test runs: the period ended a minute ago.
    bureau.decide(1, now - timedelta(days=1))
    Duty.objects.update(due_at=now - timedelta(minutes=1))
    page = signed_in(bureau.supervisor).get("/desk/").content.decode()
    panel = page.partition(HEAD)[2].partition("</section>")[0]
    assert "监察科" in panel
    assert "逾期" in panel


@pytest.mark.parametrize("who", ["clerk", "head", "leader", "administrator"])
def test_who_has_a_list_of_their_own_or_no_board_is_not_shown_it(bureau: Bureau, signed_in: SignIn, who: str) -> None:
    answer = signed_in(bureau.people[who]).get("/desk/", follow=True)
    assert answer.status_code == 200
    assert HEAD not in answer.content.decode()
