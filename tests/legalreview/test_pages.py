"""The pages of legal review: what each role sees, and how a refusal reaches the page."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from agency.models import Official
from core.models import FactRecord
from enforcement.models import Case
from legalreview.forms import items_of
from legalreview.models import Review, ReviewState
from tests.enforcement.factories import Bureau, answer, case_in, draft, make_bureau
from tests.legalreview.steps import accept, answer_points, issue, submit

pytestmark = pytest.mark.django_db
TYPED = "2026-02-04T09:00"


@pytest.fixture
def as_(client: Client) -> Callable[[Official], Client]:
    def sign_in(official: Official) -> Client:
        client.force_login(official)
        return client

    return sign_in


def submission(case: Case) -> dict[str, str]:
    return {"happened_at": "2026-02-03T16:00", "explanation": "拟罚款"} | {
        f"has_{item.key}": "on" for item in items_of("review_package_complete", case)
    }


def test_the_officer_submits_in_the_browser(bureau: Bureau, drafted: Case, as_: Callable[[Official], Client]) -> None:
    client = as_(bureau.lead)
    page = client.get(f"/desk/reviews/cases/{drafted.pk}/submit/")
    assert page.status_code == 200
    assert "代拟稿" in page.content.decode()
    answer_ = client.post(f"/desk/reviews/cases/{drafted.pk}/submit/", submission(drafted))
    review = Review.objects.get()
    assert answer_.status_code == 302
    assert answer_["Location"] == review.get_absolute_url()
    assert client.get(review.get_absolute_url()).status_code == 200


def test_an_empty_explanation_is_refused_at_its_field_and_nothing_is_lost(
    bureau: Bureau, drafted: Case, as_: Callable[[Official], Client]
) -> None:
    typed = submission(drafted) | {"explanation": "", "note_hearing_or_assessment": "未经听证"}
    answer_ = as_(bureau.lead).post(f"/desk/reviews/cases/{drafted.pk}/submit/", typed)
    assert answer_.status_code == 422
    text = answer_.content.decode()
    assert "请写明决定建议及其情况说明" in text
    assert "未经听证" in text
    assert not Review.objects.exists()


def test_the_reviewer_accepts_answers_and_agrees_in_the_browser(
    bureau: Bureau, drafted: Case, as_: Callable[[Official], Client]
) -> None:
    review = submit(bureau, drafted)
    client = as_(bureau.reviewer)
    assert drafted.title in client.get("/desk/reviews/").content.decode()
    steps = f"{review.get_absolute_url()}steps/"
    assert client.get(f"{steps}accept/").status_code == 200
    assert client.post(f"{steps}accept/", {"happened_at": TYPED, "no_conflict": "on"}).status_code == 302
    assert client.get(f"{steps}answer/").status_code == 200
    answers = {f"answer_{item.key}": "sound" for item in items_of("review_points_answered", review)}
    assert client.post(f"{steps}answer/", {"happened_at": TYPED, **answers}).status_code == 302
    assert "各审核要点" not in client.get(review.get_absolute_url()).content.decode()
    done = client.post(f"{steps}issue/", {"happened_at": TYPED, "opinion": "agree", "opinion_text": "同意"})
    assert done.status_code == 302
    assert Case.objects.get(pk=drafted.pk).review_result == Case.AGREED
    assert "审核意见：同意" in client.get(review.get_absolute_url()).content.decode()


def test_a_statutory_refusal_lists_the_demand_with_its_article_and_keeps_the_text(
    bureau: Bureau, drafted: Case, as_: Callable[[Official], Client]
) -> None:
    review = accept(bureau, submit(bureau, drafted))
    answer_ = as_(bureau.reviewer).post(
        f"{review.get_absolute_url()}steps/issue/",
        {"happened_at": TYPED, "opinion": "agree", "opinion_text": "打了很久的字"},
    )
    text = answer_.content.decode()
    assert answer_.status_code == 422
    assert "还有7个审核要点没有回答" in text
    assert "第十一条" in text
    assert "打了很久的字" in text
    assert Review.objects.get(pk=review.pk).opinion == ""


def test_a_problem_without_words_is_refused_at_its_field(
    bureau: Bureau, drafted: Case, as_: Callable[[Official], Client]
) -> None:
    review = accept(bureau, submit(bureau, drafted))
    answer_ = as_(bureau.reviewer).post(
        f"{review.get_absolute_url()}steps/answer/", {"happened_at": TYPED, "answer_subject": "problem"}
    )
    assert answer_.status_code == 422
    assert "请写明是什么问题" in answer_.content.decode()
    assert not review.points.exists()


def test_every_page_of_a_review_answers_a_stranger_as_if_it_did_not_exist(
    bureau: Bureau, drafted: Case, as_: Callable[[Official], Client]
) -> None:
    review = issue(bureau, answer_points(bureau, accept(bureau, submit(bureau, drafted))))
    for person in (bureau.stranger, bureau.other_head, bureau.auditor):
        client = as_(person)
        for path in ("", "steps/answer/", "opinion.pdf"):
            shown, absent = client.get(f"{review.get_absolute_url()}{path}"), client.get(f"/desk/reviews/999999/{path}")
            assert shown.status_code == absent.status_code == 404, path
        assert client.get(f"/api/v1/reviews/{review.pk}/").status_code == 404
        assert client.get("/api/v1/reviews/").json()["results"] == []
        assert drafted.title not in client.get("/desk/reviews/?state=all").content.decode()


def test_a_step_somebody_else_took_meanwhile_is_explained_on_the_reviews_page(
    bureau: Bureau, drafted: Case, second_reviewer: Official, as_: Callable[[Official], Client]
) -> None:
    review = submit(bureau, drafted)
    accept(bureau, review)
    answer_ = as_(second_reviewer).post(
        f"{review.get_absolute_url()}steps/accept/", {"happened_at": TYPED, "no_conflict": "on"}, follow=True
    )
    assert "不能再办理“接收完备材料”" in answer_.content.decode()
    assert Review.objects.get(pk=review.pk).reviewer == bureau.reviewer


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_at_once_exactly_one_accepts(second_reviewer_of: Callable[[Bureau], Official]) -> None:
    bureau = make_bureau()
    rival = second_reviewer_of(bureau)
    review = submit(bureau, draft(bureau, answer(bureau, case_in("notified", bureau))))
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def take(person: Official) -> None:
        gate.wait()
        try:
            accept(bureau, review, by=Official.objects.get(pk=person.pk))
            outcomes.append("won")
        except Exception as lost:
            outcomes.append(type(lost).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(person,)) for person in (bureau.reviewer, rival)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["StepNotOpen", "won"]
    assert Review.objects.get(pk=review.pk).state == ReviewState.REVIEWING
    assert FactRecord.objects.filter(name="legalreview.package_accepted").count() == 1
