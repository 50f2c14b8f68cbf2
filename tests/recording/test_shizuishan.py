"""Recordings under the plan of Shizuishan: text may suffice, so no day is named for handing one in, and no page says that one was."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from core.models import Duty
from recording import selectors
from recording.permissions import may_view_content
from tests.enforcement import elsewhere
from tests.enforcement.factories import Bureau, fresh, make_bureau
from tests.recording.acts import register


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau(profile="shizuishan-hrss")


def test_a_recording_owes_nothing_by_a_day_and_no_page_claims_that_it_was_handed_in(
    bureau: Bureau, act: Any, desk: Any
) -> None:
    recording = register(bureau, act)
    assert not Duty.objects.filter(anchor=recording.stream).exists()
    browser = desk(bureau.lead)
    pages = [
        browser.get(address)
        for address in (recording.get_absolute_url(), recording.step_url("store"), reverse("recording:list"))
    ]
    for page in pages:
        assert page.status_code == 200
        assert not elsewhere.named(page.content.decode())
    assert "没有规定期限" in pages[-1].content.decode()
    assert "已办结" not in pages[-1].content.decode()


def test_what_waits_and_what_is_refused_cite_no_article_of_another_city(bureau: Bureau, act: Any) -> None:
    recording = register(bureau, act)
    assert {step.article for step in selectors.waiting_steps(fresh(bureau.lead))} == {""}
    permit = may_view_content(fresh(bureau.stranger), recording)
    assert (bool(permit), permit.citation, permit.source) == (False, None, "本机关规定")
