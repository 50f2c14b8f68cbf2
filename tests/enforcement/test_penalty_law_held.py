"""What the Penalty Law and the Coercion Law forbid where no step is asked: forms and tables refuse, under every profile that they bind."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from enforcement import services
from enforcement.models import Case, EvidenceAct, Payment, Service
from enforcement.selectors import presiders_of
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, at, case_in, make_bureau


@pytest.fixture(params=["national", "weihai-hrss"])
def bureau(db: None, request: pytest.FixtureRequest) -> Bureau:
    return make_bureau(profile=request.param)


def errors(client: Client, case: Case, step: str, values: dict[str, Any]) -> dict[str, list[str]]:
    """What the form says, field by field; the file stays where it was."""
    answer = client.post(case.step_url(step), values)
    assert answer.status_code == 422
    assert Case.objects.get(pk=case.pk).state == case.state
    return {name: list(found) for name, found in answer.context["form"].errors.items()}


@pytest.mark.rule("CN-PENALTY-55", "CN-INSPECTION-16b")
def test_cn_penalty_55_no_evidence_without_a_certificate_shown(bureau: Bureau, client: Client) -> None:
    case = case_in("investigating", bureau)
    client.force_login(bureau.lead)
    values = {
        "kind": "interview",
        "place": "示例路100号",
        "started_at": "2026-01-14T09:00",
        "ended_at": "2026-01-14T10:00",
        "officers": [bureau.lead.pk, bureau.co.pk],
        "summary": "询问行政主管",
    }
    found = errors(client, case, "record_evidence", values)
    assert found == {"certificates_shown": ["调查时应当主动出示执法证件（行政处罚法第五十五条）"]}
    with pytest.raises(IntegrityError, match="certificates_are_shown_penalty_law_55"), transaction.atomic():
        f.evidence(bureau, case, certificates_shown=False)
    assert not EvidenceAct.objects.exists()
    assert client.post(case.step_url("record_evidence"), values | {"certificates_shown": "on"}).status_code == 302


@pytest.mark.rule("CN-PENALTY-57a")
@pytest.mark.parametrize("ground", ["minor", "unproven", "crime"])
def test_cn_penalty_57_an_investigation_ends_in_one_of_the_four_decisions(
    bureau: Bureau, client: Client, ground: str
) -> None:
    case = case_in("concluded", bureau)
    client.force_login(bureau.leader)
    values = {"happened_at": "2026-02-02T10:00", "reason": "示例理由"}
    assert list(errors(client, case, "dismiss", values | {"ground": "shelved"})) == ["ground"]
    for state in ("closed", "performed", "not_filed"):
        with pytest.raises(IntegrityError, match="行政处罚普通程序不能从"), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(state=state)
    assert client.post(case.step_url("dismiss"), values | {"ground": ground}).status_code == 302
    ended = Case.objects.get(pk=case.pk)
    assert (ended.state, ended.end_ground) == ("dismissed", ground)


@pytest.mark.rule("CN-PENALTY-61b")
def test_cn_penalty_61_no_electronic_service_without_the_signed_consent(bureau: Bureau, client: Client) -> None:
    case = case_in("decided", bureau)
    client.force_login(bureau.lead)
    values = {"happened_at": "2026-02-13T10:00", "method": "electronic", "recipient": "行政主管 孙某"}
    found = errors(client, case, "serve", values)
    assert found == {"consent_signed": ["电子送达须经当事人同意并签订确认书（行政处罚法第六十一条）"]}
    with pytest.raises(IntegrityError, match="electronic_service_needs_signed_consent"), transaction.atomic():
        f.serve(bureau, case, method="electronic")
    assert not Service.objects.exists()
    assert client.post(case.step_url("serve"), values | {"consent_signed": "on"}).status_code == 302


@pytest.mark.rule("CN-PENALTY-64d")
def test_cn_penalty_64_who_took_evidence_does_not_preside_over_the_hearing(bureau: Bureau, client: Client) -> None:
    """The head is no officer of the case, but went along on an inspection."""
    case = f.evidence(bureau, case_in("investigating", bureau), officers=[bureau.lead, bureau.head])
    case = f.notify(bureau, f.conclude(bureau, f.investigated(bureau, case)), hearing_offered=True)
    case = f.answer(bureau, case, kind="hearing", content="要求听证")
    assert set(presiders_of(case)) == {bureau.stranger}
    client.force_login(bureau.lead)
    values = {
        "called_at": "2026-02-12T09:00",
        "happened_at": "2026-02-28T09:00",
        "place": "示例会议室",
        "record": "双方质证",
    }
    for investigator in (bureau.lead, bureau.co, bureau.head):
        assert list(errors(client, case, "record_hearing", values | {"presider": investigator.pk})) == ["presider"]
    assert not case.hearings.exists()
    answer = client.post(case.step_url("record_hearing"), values | {"presider": bureau.stranger.pk})
    assert answer.status_code == 302
    assert case.hearings.get().presider == bureau.stranger


@pytest.mark.rule("CN-PENALTY-72a", "CN-COERCION-45a")
def test_cn_coercion_45_what_is_added_never_passes_the_fine_itself(bureau: Bureau, client: Client) -> None:
    """Three per cent a day from 1 March reach the whole fine on the 34th day, 3 April; in June it is still the fine."""
    case = case_in("served", bureau)
    case = services.impose_surcharge(case=case, by=bureau.leader, happened_at=at("2026-03-02 09:00"))
    client.force_login(bureau.lead)
    values = {"happened_at": "2026-06-01T09:00", "receipt_number": "示例回单001", "amount": "20000"}
    found = errors(client, case, "pay", values | {"surcharge": "20000.01"})
    assert found == {"surcharge": ["到缴款当天应加处20,000.00元（行政处罚法第七十二条）"]}
    with pytest.raises(IntegrityError, match="a_surcharge_is_at_most_the_fine_penalty_law_72"), transaction.atomic():
        f.pay(bureau, case, happened_at=at("2026-06-01 09:00"), surcharge=Decimal("20000.01"))
    assert not Payment.objects.exists()
    assert client.post(case.step_url("pay"), values | {"surcharge": "20000"}).status_code == 302
    assert Payment.objects.get().surcharge == Decimal(20000)
