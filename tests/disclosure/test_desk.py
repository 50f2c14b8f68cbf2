"""The desk's pages and API of notices: who sees which, what a refusal shows, where it appears elsewhere."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from core import registry
from disclosure import selectors, services
from disclosure.models import Notice
from enforcement.models import Case
from tests.disclosure.flow import Bureau, decided_case, notice_of, publish, submit

PEOPLE = ("officer", "second", "head", "leader", "reviewer", "second_reviewer", "stranger", "auditor")


def signed_in(official) -> Client:  # type: ignore[no-untyped-def]
    client = Client()
    client.force_login(official, backend="agency.backends.OfficialBackend")
    return client


def pages_of(notice: Notice) -> tuple[str, ...]:
    return (
        f"/desk/disclosure/{notice.pk}/",
        f"/desk/disclosure/{notice.pk}/steps/submit/",
        f"/desk/disclosure/{notice.pk}/steps/publish/",
        f"/api/v1/notices/{notice.pk}/",
    )


def test_s1_another_section_s_notice_answers_like_an_absent_one(bureau: Bureau, notice: Notice) -> None:
    client = signed_in(bureau.stranger)
    for path in pages_of(notice):
        absent = path.replace(f"/{notice.pk}/", f"/{notice.pk + 1000}/")
        there, nowhere = client.get(path), client.get(absent)
        assert there.status_code == nowhere.status_code == 404, path
        assert client.post(path, {"facts_found": "x"}).status_code in (403, 404, 405), path
    assert notice.number not in client.get("/desk/disclosure/").content.decode()
    assert client.get("/api/v1/notices/").json()["results"] == []
    assert notice.number not in client.get("/desk/disclosure/export.csv").getvalue().decode()


@pytest.mark.parametrize("state", ["draft", "in_review", "published"])
def test_list_page_and_api_agree_with_the_single_notice_for_every_role(
    bureau: Bureau, notice: Notice, state: str
) -> None:
    if state == "in_review":
        submit(bureau, notice)
    elif state == "published":
        publish(bureau, notice)
    for name in PEOPLE:
        client = signed_in(getattr(bureau, name))
        listed = notice.number in client.get("/desk/disclosure/").content.decode()
        single = client.get(f"/desk/disclosure/{notice.pk}/").status_code == 200
        api_list = [row["id"] for row in client.get("/api/v1/notices/").json()["results"]] == [notice.pk]
        api = client.get(f"/api/v1/notices/{notice.pk}/").status_code == 200
        assert listed == single == api_list == api, (name, state)


def test_the_whole_way_in_the_browser(bureau: Bureau, notice: Notice) -> None:
    section, reviewer = signed_in(bureau.officer), signed_in(bureau.reviewer)
    page = section.get(f"/desk/disclosure/{notice.pk}/").content.decode()
    assert "送公示审核" in page
    assert '<del class="masked" title="身份证件号码">370102198001011234</del>' in page
    assert '<ins class="masked">〔证件号码略〕</ins>' in page
    texts = {"facts_found": notice.facts, "basis": notice.basis, "content": notice.content}
    assert section.post(notice.step_url("submit"), texts).status_code == 302
    assert notice.title in reviewer.get("/desk/").content.decode()
    assert reviewer.post(notice.step_url("publish"), {"x": "1"}).status_code == 302
    assert Client().get(notice.public_url).status_code == 200
    assert "看公示页" in section.get(f"/desk/disclosure/{notice.pk}/").content.decode()


@pytest.mark.rule("WH-MEAS-15a")
def test_a_refused_form_keeps_what_was_typed_and_names_the_articles(bureau: Bureau, notice: Notice) -> None:
    client = signed_in(bureau.officer)
    typed = {"facts_found": "投诉人赵样例反映", "basis": notice.basis, "content": notice.content}
    answer = client.post(notice.step_url("submit"), typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "投诉人赵样例反映" in page
    assert "违法事实中还有投诉举报人、劳动者姓名，须先遮盖" in page
    assert "监督办法" in page
    assert Notice.objects.get(pk=notice.pk).state == "draft"


def test_the_page_says_beforehand_who_reviews(bureau: Bureau, notice: Notice) -> None:
    submit(bureau, notice)
    page = signed_in(bureau.officer).get(f"/desk/disclosure/{notice.pk}/").content.decode()
    assert "由公示审核人员审核" in page
    form = signed_in(bureau.officer).get(notice.step_url("publish")).content.decode()
    assert "您不能办理这一步" in form
    assert signed_in(bureau.officer).post(notice.step_url("publish"), {"x": "1"}).status_code in (403, 422)
    assert Notice.objects.get(pk=notice.pk).state == "in_review"


def test_the_second_reviewer_is_told_that_somebody_was_faster(bureau: Bureau, notice: Notice) -> None:
    submit(bureau, notice)
    services.approve_and_publish(notice=notice, by=bureau.reviewer, happened_at=timezone.now())
    answer = signed_in(bureau.second_reviewer).post(notice.step_url("publish"), {"x": "1"}, follow=True)
    assert "现在处于“已公示”" in answer.content.decode()


def test_the_case_s_page_shows_its_notice(bureau: Bureau, notice: Notice) -> None:
    publish(bureau, notice)
    page = signed_in(bureau.officer).get(f"/desk/cases/{notice.case_id}/").content.decode()
    assert f"/desk/disclosure/{notice.pk}/" in page
    assert f"/notices/{notice.pk}/" in page


def test_reviewers_find_what_waits_and_everybody_only_what_they_see(bureau: Bureau, notice: Notice) -> None:
    publish(bureau, notice)
    other = submit(bureau, notice_of(decided_case(bureau, party_name="待审核示例有限公司")))
    assert [hit.title for hit in selectors.search_hits(bureau.officer, "示例建筑")] == [notice.title]
    assert [hit.title for hit in selectors.search_hits(bureau.reviewer, "待审核示例")] == [other.title]
    assert selectors.search_hits(bureau.stranger, "示例") == []
    assert [step.title for step in registry.waiting_for(bureau.reviewer) if step.label == "审核并公示"] == [other.title]


def test_the_number_of_statements_does_not_grow_with_the_list(
    bureau: Bureau, notice: Notice, django_assert_max_num_queries
) -> None:  # type: ignore[no-untyped-def]
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in(bureau.officer)

    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get("/desk/disclosure/")
        return len(captured)

    one = statements()
    for _ in range(3):
        decided_case(bureau)
    assert statements() == one


def test_the_decision_stays_when_the_notice_is_read_by_get(bureau: Bureau, notice: Notice) -> None:
    client = signed_in(bureau.officer)
    for key in ("submit", "propose_exclusion"):
        assert client.get(notice.step_url(key)).status_code == 200
    assert Case.objects.get(pk=notice.case_id).state == "decided"
    assert Notice.objects.get(pk=notice.pk).state == "draft"
