"""A review under the plan of Shizuishan: seven points, two results, another round after problems, and no clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core import jobs
from core.lifecycle import StepRefused
from core.models import Duty
from core.store import open_stored
from enforcement.models import Case
from legalreview import services
from legalreview.forms import OpinionForm, PointsForm
from legalreview.models import Review
from legalreview.selectors import is_timed
from tests.enforcement import elsewhere
from tests.enforcement.factories import Bureau, answer, at, case_in, decide, draft, fresh, make_bureau
from tests.legalreview.steps import accept, answer_points, issue, submit

pytestmark = pytest.mark.django_db

PROBLEM = ("problem", True, "处罚种类不属于本机关权限")


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau(profile="shizuishan-hrss")


@pytest.fixture
def drafted(bureau: Bureau) -> Case:
    """Major because an official says why; drafted on Tuesday 2026-02-03."""
    case = answer(bureau, case_in("notified", bureau))
    return draft(bureau, case, added_grounds=["social_impact"], grounds_reason="群体性讨薪")


def reviewing(bureau: Bureau, case: Case, **changes: Any) -> Review:
    return accept(bureau, submit(bureau, case, **changes))


def demand_of(refused: pytest.ExceptionInfo[StepRefused]) -> tuple[str, set[str]]:
    (demand,) = refused.value.demands
    return demand.text, {citation.rule_id for citation in demand.citations}


@pytest.mark.rule("SZS-13-1")
def test_szs_13_1_no_opinion_before_all_seven_points_are_answered(bureau: Bureau, drafted: Case) -> None:
    review = reviewing(bureau, drafted)
    form = PointsForm(None, obj=review, by=bureau.reviewer)
    assert [point.label for point in form.points()][4] == "没有超越执法机关法定权限"
    assert len(form.items) == 7
    answer_points(bureau, review, authority=("", False, ""))
    with pytest.raises(StepRefused) as refused:
        issue(bureau, review)
    text, cited = demand_of(refused)
    assert (text, cited) == ("还有1个审核要点没有回答：没有超越执法机关法定权限", {"SZS-13-1"})


@pytest.mark.rule("SZS-13-2")
def test_szs_13_2_an_opinion_is_agreed_or_has_problems_and_nothing_else(bureau: Bureau, drafted: Case) -> None:
    review = answer_points(bureau, reviewing(bureau, drafted), authority=PROBLEM)
    form = OpinionForm(None, obj=review, by=bureau.reviewer)
    assert form.fields["opinion"].choices == [("agree", "同意"), ("correct", "存在问题")]
    assert form.initial["opinion"] == "correct"
    with pytest.raises(StepRefused) as refused:
        issue(bureau, review, "refuse")
    assert demand_of(refused) == ("审核意见只有同意、存在问题", {"SZS-13-2"})
    with pytest.raises(StepRefused) as refused:
        issue(bureau, review, "agree")
    assert demand_of(refused) == (
        "“没有超越执法机关法定权限”一项存在问题，不能出具同意的意见",
        {"SZS-13-2"},
    )
    assert issue(bureau, review, "correct").opinion_label == "存在问题"


@pytest.mark.rule("SZS-13-2")
def test_szs_13_2_no_problem_is_claimed_where_no_point_has_one(bureau: Bureau, drafted: Case) -> None:
    review = answer_points(bureau, reviewing(bureau, drafted))
    with pytest.raises(StepRefused) as refused:
        issue(bureau, review, "correct")
    assert demand_of(refused) == ("各审核要点均没有问题，不能提出存在问题的意见", {"SZS-13-2"})


@pytest.mark.rule("SZS-13-2", "SZS-12-2")
def test_szs_13_2_after_problems_the_decision_waits_for_another_round(bureau: Bureau, drafted: Case) -> None:
    review = answer_points(bureau, reviewing(bureau, drafted), authority=PROBLEM)
    issue(bureau, review, "correct", opinion_text="处罚种类不属于本机关权限")
    case = Case.objects.get(pk=drafted.pk)
    with pytest.raises(StepRefused) as refused:
        decide(bureau, case)
    assert demand_of(refused) == ("法制审核没有通过，不得作出决定", {"SZS-12-2", "SZS-13-2", "CN-PENALTY-58"})

    again = {"added_grounds": ["social_impact"], "grounds_reason": "群体性讨薪", "happened_at": at("2026-02-05 09:00")}
    case = draft(bureau, case, facts_found="经责令改正拒不改正，已核对权限", **again)
    review = reviewing(bureau, case, happened_at=at("2026-02-05 10:00"))
    assert review.round == 2
    issue(bureau, answer_points(bureau, review))
    assert decide(bureau, Case.objects.get(pk=case.pk)).state == "decided"


def test_no_clock_runs_and_none_is_stopped_or_lengthened(bureau: Bureau, drafted: Case) -> None:
    review = reviewing(bureau, drafted)
    assert not Duty.objects.filter(obligation=Review.CLOCK).exists()
    assert not is_timed(review)
    moment = review.last_step_at + timedelta(hours=1)
    with pytest.raises(StepRefused, match="没有可以暂停的审核期限"):
        services.pause_clock(review=review, by=bureau.reviewer, happened_at=moment, kind="supplement", remarks="台账")
    with pytest.raises(StepRefused, match="审核期限没有在计算中"):
        services.extend_review(review=review, by=bureau.leader, happened_at=moment, reason="复杂")
    assert Review.objects.get(pk=review.pk).state == "reviewing"


def test_the_pages_of_a_review_and_its_opinion_name_no_rule_of_another_city(
    bureau: Bureau, drafted: Case, client: Client
) -> None:
    client.force_login(fresh(bureau.lead))
    pages = {"submit": client.get(reverse("legalreview:submit", args=[drafted.pk]))}
    review = reviewing(bureau, drafted)
    client.force_login(fresh(bureau.reviewer))
    pages["room"] = client.get(review.get_absolute_url())
    pages["points"] = client.get(review.step_url("answer"))
    review = answer_points(bureau, review, authority=PROBLEM)
    pages["opinion"] = client.get(review.step_url("issue"))
    issue(bureau, review, "correct", opinion_text="处罚种类不属于本机关权限")
    pages["answered"] = client.get(review.get_absolute_url())
    pages["list"] = client.get(reverse("legalreview:reviews"), {"state": "answered"})
    for name, page in pages.items():
        html = page.content.decode()
        assert page.status_code == 200, name
        assert not elsewhere.named(html), name
    assert "没有规定审核期限" in pages["room"].content.decode()
    for name in ("answered", "list"):
        assert "存在问题" in pages[name].content.decode()
        assert "纠正" not in pages[name].content.decode()
    jobs.drain(50)
    written = Review.objects.get(pk=review.pk).document
    assert written is not None
    with open_stored(written) as pdf:
        assert pdf.read(5) == b"%PDF-"
