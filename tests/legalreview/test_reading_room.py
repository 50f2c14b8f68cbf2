"""The package of a review as it was submitted: what is shown while the round is open, and what is left once it is over."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from agency.models import Official
from core import store
from core.models import Duty, FactRecord
from enforcement import documents
from enforcement.models import Case, CaseDocument, RightsAnswer
from legalreview import services
from legalreview.models import Review
from legalreview.package import changes_since, frozen_papers
from recording.models import Recording
from recording.services import register_recording
from tests.enforcement.factories import Bureau, answer, at, decide, draft, fresh
from tests.legalreview.steps import accept, answer_points, issue, submit

pytestmark = pytest.mark.django_db

CLOSED = "法制审核已结束，案卷材料不再开放"
CHANGED = "送审后案卷有变化"
LINK = re.compile(r'<a\b[^>]*?\bhref="([^"#]*)', re.S)


def print_papers(case: Case) -> None:
    """What the jobs do: every paper of the case has its file."""
    for paper in case.documents.filter(file__isnull=True):
        content = io.BytesIO(f"{paper.title} {paper.pk}".encode())
        paper.file = store.keep(content, name=f"{paper.title}.pdf", by=paper.made_by, content_type="application/pdf")
        paper.save(update_fields=["file"])


def add_paper(bureau: Bureau, case: Case) -> CaseDocument:
    upload = SimpleUploadedFile("补充.pdf", b"%PDF-1.7 added later")
    documents.attach(
        case, CaseDocument.Kind.ANSWER, title="补充的工资台账", upload=upload, at=at("2026-02-04 15:00"), by=bureau.lead
    )
    return case.documents.get(title="补充的工资台账")


@pytest.fixture
def held(drafted: Case) -> Case:
    """Drafted, and all its papers made."""
    print_papers(drafted)
    return drafted


@pytest.fixture
def recorded(bureau: Bureau, held: Case) -> Recording:
    act = held.acts.order_by("pk").first()
    assert act is not None
    return register_recording(
        act=act,
        by=fresh(bureau.lead),
        started_at=at("2026-01-14 09:02"),
        made_at=at("2026-01-14 09:31"),
        device=None,
    )


def agreed(bureau: Bureau, case: Case) -> Review:
    return issue(bureau, answer_points(bureau, accept(bureau, submit(bureau, case))))


def given_back(bureau: Bureau, case: Case) -> Review:
    review = accept(bureau, submit(bureau, case))
    return services.return_package(
        review=review, by=bureau.reviewer, happened_at=at("2026-02-05 09:00"), remarks="请补充工资台账"
    )


ENDS: list[Callable[[Bureau, Case], Review]] = [agreed, given_back]


def signed_in(person: Official) -> Client:
    client = Client()
    client.force_login(person)
    return client


def status(client: Client, address: str) -> int:
    """The status of the answer; a file is read to its end, which closes it."""
    answer_ = client.get(address)
    if answer_.streaming:
        b"".join(answer_.streaming_content)  # type: ignore[arg-type]
    return answer_.status_code


def page(person: Official, review: Review) -> str:
    answer_ = signed_in(person).get(review.get_absolute_url())
    assert answer_.status_code == 200
    return answer_.content.decode()


def shown_papers(html: str) -> str:
    return html.partition("送审时的文书和证据")[2].partition("</section>")[0]


@pytest.mark.parametrize("end", ENDS)
def test_once_the_round_is_over_the_reviewer_reads_what_was_submitted_and_no_link_is_dead(
    bureau: Bureau, held: Case, end: Callable[[Bureau, Case], Review]
) -> None:
    review = end(bureau, held)
    late = add_paper(bureau, held)
    html = page(bureau.reviewer, review)
    assert CLOSED in html
    assert late.title not in html
    assert "现场检查" not in html.partition("送审时的文书和证据")[2].partition("<article")[0]
    papers = shown_papers(html)
    assert held.documents.count() - 1 == papers.count("<li>")
    for paper in held.documents.exclude(pk=late.pk).select_related("file"):
        assert paper.title in papers
        assert paper.file is not None
        assert paper.file.sha256 in papers
    client = signed_in(bureau.reviewer)
    clock = Duty.objects.get(obligation=Review.CLOCK).get_absolute_url()
    for shown in (html, client.get(clock).content.decode(), client.get("/desk/reviews/?state=all").content.decode()):
        found = {unescape(link) for link in LINK.findall(shown) if link.startswith("/desk/") and "logout" not in link}
        assert held.get_absolute_url() not in found
        assert [link for link in found if status(client, link) not in (200, 302)] == []


def test_the_opinion_and_the_text_it_speaks_of_stay(bureau: Bureau, held: Case) -> None:
    review = agreed(bureau, held)
    draft(bureau, held, happened_at=at("2026-02-12 10:00"), discretion_reason="后来改写的理由")
    html = page(bureau.reviewer, review)
    assert "审核意见：同意" in html
    assert "涉及12名劳动者" in html
    assert "后来改写的理由" not in html


@pytest.mark.parametrize("end", ENDS)
def test_no_role_reaches_the_case_through_a_review_that_is_over(
    bureau: Bureau, held: Case, recorded: Recording, second_reviewer: Official, end: Callable[[Bureau, Case], Review]
) -> None:
    review = end(bureau, held)
    add_paper(bureau, held)
    papers = [paper.get_absolute_url() for paper in held.documents.all()]
    closed_to = {
        **dict.fromkeys(papers, 404),
        held.get_absolute_url(): 404,
        held.step_url("draft_decision"): 404,
        f"/desk/reviews/cases/{held.pk}/submit/": 404,
        f"/desk/ledger/{held.stream}/": 404,
        recorded.get_absolute_url(): 404,
        f"{recorded.get_absolute_url()}content/": 404,
        f"/api/v1/cases/{held.pk}/": 404,
        f"/api/v1/recordings/{recorded.pk}/": 404,
    }
    insiders = {bureau.lead, bureau.co, bureau.clerk, bureau.head, bureau.leader}
    for person in {*bureau.all.values(), second_reviewer} - insiders:
        client = signed_in(person)
        # The auditor reads every chain; it names nobody.
        chain = {f"/desk/ledger/{held.stream}/": 200} if person == bureau.auditor else {}
        assert {address: status(client, address) for address in closed_to} == closed_to | chain, person.name
        assert client.get("/api/v1/cases/").json()["results"] == [], person.name
        assert client.get("/api/v1/recordings/").json()["results"] == [], person.name
        sees_review = person in (bureau.reviewer, second_reviewer)
        assert bool(client.get("/api/v1/reviews/").json()["results"]) == sees_review, person.name
        found = client.get("/desk/search/", {"q": held.title[:6]}).content.decode()
        assert held.get_absolute_url() not in found, person.name
        assert recorded.get_absolute_url() not in found, person.name
        assert (review.get_absolute_url() in found) == sees_review, person.name
    # The same addresses are alive for those who hold the case.
    for person in insiders:
        client = signed_in(person)
        assert {status(client, address) for address in papers} == {200}, person.name
        assert status(client, held.get_absolute_url()) == 200


def test_while_the_round_is_open_the_reviewer_opens_the_papers(bureau: Bureau, held: Case) -> None:
    review = accept(bureau, submit(bureau, held))
    html = page(bureau.reviewer, review)
    client = signed_in(bureau.reviewer)
    for paper in held.documents.all():
        assert f'href="{paper.get_absolute_url()}"' in shown_papers(html)
        assert status(client, paper.get_absolute_url()) == 200
    assert CLOSED not in html
    assert CHANGED not in html
    assert "现场检查" in html


def test_a_paper_added_after_submission_is_flagged_and_does_not_join_the_package(bureau: Bureau, held: Case) -> None:
    review = accept(bureau, submit(bureau, held))
    late = add_paper(bureau, held)
    html = page(bureau.reviewer, review)
    assert CHANGED in html
    assert f'<a href="{late.get_absolute_url()}">增加材料：补充的工资台账</a>' in html
    assert late.title not in shown_papers(html)


def test_a_paper_exchanged_after_submission_is_flagged(bureau: Bureau, held: Case) -> None:
    review = accept(bureau, submit(bureau, held))
    paper = held.documents.earliest("pk")
    before = paper.file
    assert before is not None
    paper.file = store.keep(io.BytesIO(b"another"), name="x.pdf", by=bureau.lead)
    paper.save(update_fields=["file"])
    assert [change.label for change in changes_since(review)] == [f"材料与送审时不同：{paper.title}"]
    assert before.sha256 in {shown.sha256 for shown in frozen_papers(review, linked=False)}


def test_what_was_entered_in_the_case_after_submission_is_flagged(bureau: Bureau, held: Case) -> None:
    review = accept(bureau, submit(bureau, held))
    assert changes_since(review) == []
    answer(
        bureau, held, kind=RightsAnswer.Kind.STATEMENT, content="请求从轻", review="不采纳", is_adopted=False,
        happened_at=at("2026-02-04 10:00"),
    )  # fmt: skip
    assert [change.label for change in changes_since(review)] == ["当事人答复"]
    assert CHANGED in page(bureau.reviewer, review)


def test_a_paper_still_being_made_at_submission_has_the_digest_of_what_was_made(bureau: Bureau, drafted: Case) -> None:
    review = accept(bureau, submit(bureau, drafted))
    assert {paper.sha256 for paper in frozen_papers(review, linked=True)} == {""}
    assert "正在生成" in shown_papers(page(bureau.reviewer, review))
    print_papers(drafted)
    made = {paper.file.sha256 for paper in drafted.documents.select_related("file") if paper.file}
    assert {paper.sha256 for paper in frozen_papers(review, linked=True)} == made
    assert changes_since(review) == []


def test_the_ledger_holds_the_digests_of_what_was_submitted(bureau: Bureau, held: Case) -> None:
    review = submit(bureau, held)
    record = FactRecord.objects.get(stream=review.stream, name="legalreview.submitted")
    assert sorted(record.payload["papers"]) == sorted(
        f"{paper.pk}:{paper.file.sha256}" for paper in held.documents.select_related("file") if paper.file
    )


@pytest.mark.parametrize(
    "change", [{"papers": []}, {"package": {}}, {"explanation": "改"}, {"text_digest": "0" * 64}], ids=str
)
def test_the_database_keeps_what_was_submitted(bureau: Bureau, held: Case, change: dict[str, Any]) -> None:
    review = submit(bureau, held)
    with pytest.raises(IntegrityError, match="不得改动"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(**change)
    review.refresh_from_db()
    assert review.papers


def test_the_section_reads_its_own_case_on_from_a_review_that_is_over(bureau: Bureau, held: Case) -> None:
    review = agreed(bureau, held)
    decide(bureau, held)
    html = page(bureau.lead, review)
    assert CLOSED not in html
    assert f'href="{held.get_absolute_url()}"' in html
    assert CHANGED not in html
    assert "行政处罚决定书" not in shown_papers(html)
