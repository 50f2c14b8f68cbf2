"""Who sees which case. Any id of another section answers like an absent one, on every way in."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core import access
from core.models import FactRecord
from enforcement import selectors
from enforcement.models import Case, MomentCorrection
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, at, case_in, fresh

SEES = {"lead", "co", "clerk", "head", "leader"}
PARTS = ["lead", "co", "clerk", "head", "leader", "reviewer", "stranger", "other_head", "auditor"]


def addresses(case: Case, asked: MomentCorrection) -> list[str]:
    record = FactRecord.objects.filter(stream=case.stream).first()
    assert record is not None
    document = case.documents.first()
    return [
        case.get_absolute_url(),
        case.step_url("serve"),
        reverse("enforcement:document", args=[case.pk, document.pk if document else 0]),
        reverse("enforcement:correct", args=[case.pk, record.pk]),
        asked.get_absolute_url(),
        f"{asked.get_absolute_url()}steps/approve/",
        f"/api/v1/cases/{case.pk}/",
    ]


@pytest.mark.parametrize("part", PARTS)
def test_list_search_api_and_every_single_page_agree_on_who_sees_a_case(
    bureau: Bureau, client: Client, part: str
) -> None:
    case = case_in("decided", bureau)
    decided = FactRecord.objects.get(stream=case.stream, name="enforcement.decision_made")
    asked = f.ask_correction(bureau, case, decided, at("2026-02-10 10:00"))
    official = bureau.all[part]
    client.force_login(official)
    sees = part in SEES
    assert (case.title in client.get("/desk/cases/?state=all").content.decode()) == sees
    assert (case.title in client.get("/desk/cases/?state=all&q=示例电子").content.decode()) == sees
    assert bool(selectors.search_hits(fresh(official), "示例电子")) == sees
    assert bool(client.get("/api/v1/cases/").json()["results"]) == sees
    for address in addresses(case, asked):
        answer = client.get(address)
        assert (answer.status_code == 404) == (not sees), (part, address, answer.status_code)


@pytest.mark.parametrize("way", ["page", "api"])
def test_an_id_one_may_not_see_answers_a_step_exactly_like_an_absent_one(
    bureau: Bureau, client: Client, way: str
) -> None:
    case = case_in("decided", bureau)
    client.force_login(bureau.stranger)

    def post(pk: int) -> tuple[int, str]:
        if way == "page":
            answer = client.post(reverse("enforcement:step", args=[pk, "serve"]), {"happened_at": "2026-02-13T10:00"})
        else:
            answer = client.post(
                f"/api/v1/cases/{pk}/steps/serve/", {"happened_at": "2026-02-13T10:00"}, content_type="application/json"
            )
        page = answer.content.decode().replace(f"/{pk}/", "/ID/")
        return answer.status_code, re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)

    known, absent = post(case.pk), post(999_999)
    assert known[0] == absent[0] == 404
    assert known == absent
    assert Case.objects.get(pk=case.pk).state == "decided"


def test_an_attachment_is_reached_only_through_its_own_case(bureau: Bureau, client: Client) -> None:
    note = SimpleUploadedFile("笔录.pdf", b"%PDF-1.4 example", content_type="application/pdf")
    case = f.evidence(bureau, case_in("investigating", bureau), note=note)
    other = case_in("registered", bureau, party_name="另一示例公司")
    paper = case.documents.get(kind="evidence")
    client.force_login(bureau.lead)
    answer = client.get(paper.get_absolute_url())
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == b"%PDF-1.4 example"  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert client.get(reverse("enforcement:document", args=[other.pk, paper.pk])).status_code == 404


def test_a_grant_opens_one_case_and_its_end_closes_it(bureau: Bureau, client: Client) -> None:
    case = case_in("decided", bureau)
    hidden = case_in("registered", bureau, party_name="另一示例公司")
    access.grant(stream=case.stream, act="access", official=bureau.stranger, from_at=at("2026-02-01 09:00"))
    client.force_login(bureau.stranger)
    assert client.get(case.get_absolute_url()).status_code == 200
    assert client.get(hidden.get_absolute_url()).status_code == 404
    page = client.get("/desk/cases/?state=all").content.decode()
    assert case.title in page
    assert hidden.title not in page
    access.revoke(stream=case.stream, act="access")
    assert client.get(case.get_absolute_url()).status_code == 404


def test_cn_inspection_9_the_complainant_is_known_to_the_officers_and_their_leaders_only(
    bureau: Bureau, client: Client
) -> None:
    case = case_in("decided", bureau)
    access.grant(stream=case.stream, act="access", official=bureau.stranger, from_at=at("2026-02-01 09:00"))
    shown = {}
    for part in ("lead", "co", "head", "leader", "clerk", "stranger"):
        client.force_login(bureau.all[part])
        page = client.get(case.get_absolute_url()).content.decode()
        shown[part] = "马投诉" in page or "13800000000" in page
        assert "马投诉" not in client.get(f"/api/v1/cases/{case.pk}/").content.decode()
    assert shown == {"lead": True, "co": True, "head": True, "leader": True, "clerk": False, "stranger": False}
    assert not selectors.search_hits(fresh(bureau.lead), "马投诉")


def test_the_ledger_of_a_case_names_nobody(bureau: Bureau) -> None:
    from core.models import LedgerEntry

    case = case_in("closed", bureau)
    bodies = "\n".join(LedgerEntry.objects.filter(stream=case.stream).values_list("body", flat=True))
    assert bodies
    for name in ("马投诉", "13800000000", "某某示例", "孙虚构", "张示例", "周范本", "拖欠"):
        assert name not in bodies


def test_an_official_whose_role_ended_sees_nothing_at_the_next_request(bureau: Bureau, client: Client) -> None:
    case = case_in("decided", bureau)
    client.force_login(bureau.clerk)
    assert client.get(case.get_absolute_url()).status_code == 200
    bureau.clerk.appointments.all().delete()
    assert client.get(case.get_absolute_url()).status_code == 404
