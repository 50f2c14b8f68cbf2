"""What is expected next comes first and alone is the blue button; a step that stands already steps back."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from agency.models import Official
from core import registry
from core.lifecycle import NextStep
from enforcement import services as enforcement
from enforcement.models import Case, CaseState
from enforcement.selectors import cases_with_words, next_steps, open_file
from legalreview import services
from legalreview.models import Review
from legalreview.procedure import REVIEW
from legalreview.selectors import search_reviews
from tests.enforcement.factories import Bureau, answer, at, case_in, draft, fresh
from tests.legalreview.steps import accept, answer_points, issue, submit

pytestmark = pytest.mark.django_db


def open_steps(steps: list[NextStep]) -> list[tuple[str, bool]]:
    return [(step.step.key, step.expected) for step in steps if step.is_open]


def steps_of(case: Case, person: Official) -> list[NextStep]:
    """As the case's page lists them, those of other apps included."""
    request = RequestFactory().get("/")
    request.user = official = fresh(person)
    file = open_file(official, case.pk)
    return next_steps(file, official, registry.panels("case", request, file))


def waits(person: Official, case: Case) -> list[tuple[str, str]]:
    return [(step.label, step.article) for step in registry.waiting_for(fresh(person)) if step.number == case.label]


def test_the_points_come_before_giving_back_and_then_the_opinion_before_the_points(
    bureau: Bureau, drafted: Case
) -> None:
    review, now = accept(bureau, submit(bureau, drafted)), at("2026-02-05 09:00")
    assert open_steps(REVIEW.next_steps(review, bureau.reviewer, now)) == [
        ("answer", True),
        ("give_back", False),
        ("pause", False),
    ]
    review = answer_points(bureau, review)
    assert open_steps(REVIEW.next_steps(review, bureau.reviewer, now)) == [
        ("issue", True),
        ("answer", False),
        ("give_back", False),
        ("pause", False),
    ]


def test_one_line_of_a_review_waits_for_the_reviewer_and_it_is_the_next_step(bureau: Bureau, drafted: Case) -> None:
    review = submit(bureau, drafted)
    assert [label for label, _ in waits(bureau.reviewer, drafted)] == ["接收完备材料"]
    review = accept(bureau, review)
    assert [label for label, _ in waits(bureau.reviewer, drafted)] == ["填写审核要点"]
    answer_points(bureau, review)
    assert [label for label, _ in waits(bureau.reviewer, drafted)] == ["出具审核意见"]


def test_before_the_answer_the_answer_and_the_draft_are_expected(bureau: Bureau) -> None:
    notified = case_in(CaseState.NOTIFIED, bureau)
    assert open_steps(steps_of(notified, bureau.lead))[:2] == [("answer_rights", True), ("draft_decision", True)]
    answered = answer(bureau, notified)
    assert open_steps(steps_of(answered, bureau.lead))[:2] == [("draft_decision", True), ("answer_rights", False)]


def test_wh_plan_7a_after_drafting_to_submit_is_the_one_expected_step(bureau: Bureau, drafted: Case) -> None:
    steps = open_steps(steps_of(drafted, bureau.lead))
    assert steps[0] == ("submit", True)
    assert not any(expected for _, expected in steps[1:])
    html = client_of(bureau.lead).get(drafted.get_absolute_url()).content.decode()
    address = f"/desk/reviews/cases/{drafted.pk}/submit/"
    assert f'btn btn-sm btn-primary" href="{address}"' in html
    assert client_of(bureau.lead).get(address).status_code == 200
    assert [label for label, _ in waits(bureau.lead, drafted)] == ["送法制审核"]
    assert [label for label, _ in waits(bureau.clerk, drafted)] == []


def client_of(person: Official) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_while_the_round_is_open_and_after_agreement_nothing_is_expected_of_the_officers(
    bureau: Bureau, drafted: Case
) -> None:
    review = submit(bureau, drafted)
    for _ in range(2):
        steps = open_steps(steps_of(drafted, bureau.lead))
        assert "submit" not in dict(steps)
        assert not any(expected for _, expected in steps)
        assert waits(bureau.lead, drafted) == []
        if not review.opinion:
            review = issue(bureau, answer_points(bureau, accept(bureau, review)))
    assert [label for label, _ in waits(bureau.leader, drafted)] == ["作出处罚决定"]


def test_a_draft_to_be_corrected_is_drafted_again_and_a_returned_package_is_submitted_again(
    bureau: Bureau, drafted: Case
) -> None:
    first = submit(bureau, drafted)
    services.return_package(
        review=first, by=bureau.reviewer, happened_at=at("2026-02-04 09:00"), remarks="请补充工资台账"
    )
    assert open_steps(steps_of(drafted, bureau.lead))[0] == ("submit", True)
    review = accept(bureau, submit(bureau, drafted, happened_at=at("2026-02-05 09:00")))
    faulty = answer_points(
        bureau, review, documents=("problem", False, "缺少送达回证"), procedure=("problem", False, "x")
    )
    assert faulty.problems()
    issue(bureau, faulty, "correct", opinion_text="请补正")
    assert open_steps(steps_of(drafted, bureau.lead))[0] == ("draft_decision", True)
    assert "submit" not in dict(open_steps(steps_of(drafted, bureau.lead)))
    assert [label for label, _ in waits(bureau.lead, drafted)] == ["拟制处罚决定"]
    draft(bureau, drafted, happened_at=at("2026-02-20 09:00"), discretion_reason="补充说明")
    assert open_steps(steps_of(drafted, bureau.lead))[0] == ("submit", True)


def test_a_draft_that_the_leader_sent_back_is_not_submitted_but_drafted_again(bureau: Bureau, drafted: Case) -> None:
    enforcement.send_back_decision(
        case=drafted, by=bureau.leader, happened_at=at("2026-02-04 09:00"), remarks="请写明裁量理由"
    )
    assert open_steps(steps_of(drafted, bureau.lead))[0] == ("draft_decision", True)
    assert [label for label, _ in waits(bureau.lead, drafted)] == ["拟制处罚决定"]


@pytest.mark.parametrize(
    "state",
    [
        CaseState.REGISTERED,
        CaseState.PROPOSED,
        CaseState.INVESTIGATING,
        CaseState.CONCLUDED,
        CaseState.NOTIFIED,
        CaseState.DECIDED,
        CaseState.SERVED,
        CaseState.PERFORMED,
    ],
)
def test_every_line_that_waits_names_its_article_or_that_it_is_the_agencys_rule(
    bureau: Bureau, state: CaseState
) -> None:
    case = case_in(state, bureau)
    lines = [line for person in (bureau.lead, bureau.head, bureau.leader) for line in waits(person, case)]
    assert lines
    assert all(article == "本机关规定" if label == "批准结案" else "条" in article for label, article in lines), lines


def test_others_side_steps_are_no_news_in_the_reading_room(bureau: Bureau, drafted: Case) -> None:
    review = accept(bureau, submit(bureau, drafted))
    address = review.get_absolute_url()
    officers = client_of(bureau.lead).get(address).content.decode()
    assert "出具审核意见" in officers
    assert "暂停计时" not in officers
    assert "批准延长审核期限" in client_of(bureau.leader).get(address).content.decode()


def test_the_points_stand_before_the_draft(bureau: Bureau, drafted: Case) -> None:
    review = accept(bureau, submit(bureau, drafted))
    html = client_of(bureau.reviewer).get(review.step_url("answer")).content.decode()
    assert html.index('<ol class="check">') < html.index('<article class="paper"')


def test_reviews_are_found_by_the_words_of_their_case_through_its_index(bureau: Bureau, drafted: Case) -> None:
    review = submit(bureau, drafted)
    for query in (drafted.title[2:4], drafted.number, f"{drafted.title[:4]} {drafted.number[-2:]}"):
        assert [hit.url for hit in search_reviews(fresh(bureau.reviewer), query)] == [review.get_absolute_url()]
    assert search_reviews(fresh(bureau.reviewer), "不存在的") == []
    assert search_reviews(fresh(bureau.stranger), drafted.title) == []
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off; SET LOCAL enable_nestloop = off"
        )
    assert "cases_by_their_characters" in Review.objects.filter(case__in=cases_with_words("电子有限")).explain()
