"""Wrongly entered moments of a round of review: asked for by whoever sees it, approved by somebody else, the clock counted anew."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.access import NotPermitted
from core.facts import FactRefused
from core.models import Duty, FactRecord
from enforcement.models import Case, MomentCorrection
from enforcement.selectors import waiting_requests
from legalreview.models import Review
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, at, fresh
from tests.legalreview import steps


def record_of(review: Review, name: str) -> FactRecord:
    return FactRecord.objects.get(stream=review.stream, name=f"legalreview.{name}")


def clock_of(review: Review) -> Duty:
    return Duty.objects.get(anchor=review.stream, obligation=Review.CLOCK)


@pytest.fixture
def accepted(bureau: Bureau, drafted: Case) -> Review:
    return steps.accept(bureau, steps.submit(bureau, drafted), happened_at=at("2026-02-05 09:00"))


@pytest.fixture
def answered(bureau: Bureau, accepted: Review) -> Review:
    return steps.issue(bureau, steps.answer_points(bureau, accepted), happened_at=at("2026-02-09 16:00"))


@pytest.mark.rule("YQ-LR-14a")
def test_yq_lr_14a_the_ten_working_days_start_where_the_corrected_acceptance_says(
    bureau: Bureau, accepted: Review
) -> None:
    wrong, stood = record_of(accepted, "package_accepted"), clock_of(accepted).due_at
    request = f.ask_correction(bureau, accepted.case, wrong, at("2026-02-04 09:00"), by=bureau.reviewer)
    assert clock_of(accepted).due_at == stood
    f.approve_correction(bureau, request)
    review, clock = Review.objects.get(pk=accepted.pk), clock_of(accepted)
    assert review.accepted_at == review.state_since == at("2026-02-04 09:00")
    assert clock.day_zero == date(2026, 2, 4)
    assert clock.due_at < stood
    assert FactRecord.objects.get(corrects=wrong).stream == review.stream


@pytest.mark.rule("YQ-LR-14a")
@pytest.mark.parametrize(
    ("name", "moment", "words"),
    [
        ("package_accepted", "2026-02-03 15:59", "早于前一步骤（送法制审核"),
        ("package_accepted", "2026-02-09 16:01", "晚于后一步骤（出具法制审核意见"),
        ("opinion_issued", "2026-02-05 08:59", "早于前一步骤（接收完备的送审材料"),
        ("submitted", "2026-02-03 09:59", "送审不能早于拟稿"),
        ("opinion_issued", "2026-02-11 10:01", "决定不能早于审核（处罚法第五十八条"),
    ],
)
def test_a_correction_of_a_review_stays_between_its_acts_and_before_the_decision(
    bureau: Bureau, answered: Review, name: str, moment: str, words: str
) -> None:
    case = f.decide(bureau, Case.objects.get(pk=answered.case_id))
    before = Review.objects.filter(pk=answered.pk).values().get()
    with pytest.raises(FactRefused, match=words):
        f.ask_correction(bureau, case, record_of(answered, name), at(moment))
    assert Review.objects.filter(pk=answered.pk).values().get() == before
    assert not MomentCorrection.objects.exists()


def test_the_agreement_the_case_rests_on_moves_with_the_opinion(bureau: Bureau, answered: Review) -> None:
    moment = at("2026-02-10 09:00")
    f.correct(bureau, answered.case, record_of(answered, "opinion_issued"), moment)
    assert Case.objects.get(pk=answered.case_id).review_agreed_at == moment
    assert Review.objects.get(pk=answered.pk).opinion_at == moment
    assert clock_of(answered).met_at == moment


def test_a_moment_nobody_typed_and_a_file_of_another_case_are_refused(bureau: Bureau, accepted: Review) -> None:
    other = f.new_case(bureau)
    with pytest.raises(FactRefused, match="不属于本案"):
        f.ask_correction(bureau, other, record_of(accepted, "package_accepted"), at("2026-02-04 09:00"))
    with pytest.raises(NotPermitted, match="由送审科室或者法制审核人员申请更正"):
        f.ask_correction(
            bureau, accepted.case, record_of(accepted, "package_accepted"), at("2026-02-04 09:00"), by=bureau.leader
        )


def test_the_reviewer_asks_on_the_page_after_the_round_and_sees_nothing_of_the_case(
    bureau: Bureau, answered: Review, client: Client
) -> None:
    """Sight of a review outlives that of its case: the request is asked, sent back and changed without it."""
    wrong = record_of(answered, "opinion_issued")
    address = reverse("enforcement:correct", args=[answered.case_id, wrong.pk])
    client.force_login(bureau.reviewer)
    assert client.get(answered.case.get_absolute_url()).status_code == 404
    assert address in client.get(answered.get_absolute_url()).content.decode()
    asking = client.get(address)
    assert asking.status_code == 200
    values: dict[str, Any] = {"happened_at": "2026-02-10T09:00", "reason": "出具日期录错"}
    assert client.post(address, values).status_code == 302
    request = MomentCorrection.objects.get()
    page = client.get(request.get_absolute_url()).content.decode()
    assert "出具日期录错" in page
    assert f'href="{answered.case.get_absolute_url()}"' not in page

    client.force_login(bureau.head)
    assert request.get_absolute_url() in [each.url for each in waiting_requests(fresh(bureau.head))]
    assert "“出具法制审核意见”由" in client.get(answered.case.get_absolute_url()).content.decode()
    step = f"{request.get_absolute_url()}steps/"
    assert client.post(f"{step}send_back/", {"remarks": "写明依据"}).status_code == 302

    client.force_login(bureau.reviewer)
    assert [each.url for each in waiting_requests(fresh(bureau.reviewer))] == [request.get_absolute_url()]
    assert client.post(f"{step}change/", values | {"reason": "意见书载明10日"}).status_code == 302
    client.force_login(bureau.head)
    assert client.post(f"{step}approve/", {"version": 2}).status_code == 302
    assert timezone.localdate(Review.objects.get(pk=answered.pk).opinion_at) == date(2026, 2, 10)  # type: ignore[arg-type]
    page = client.get(answered.get_absolute_url()).content.decode()
    assert "更正：意见书载明10日" in page
    assert address in client.get(f"{answered.case.get_absolute_url()}?show=correct").content.decode()

    client.force_login(bureau.all["other_head"])
    assert client.get(address).status_code == client.get(request.get_absolute_url()).status_code == 404
