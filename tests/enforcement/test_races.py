"""Two people at once: exactly one wins, the other is told why."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client

from agency.models import Official
from core.facts import FactRefused
from core.lifecycle import StepNotOpen
from core.models import FactRecord
from enforcement import services
from enforcement.models import Case, MomentCorrection
from tests.enforcement import factories as f
from tests.enforcement.factories import at, case_in, make_bureau, official


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run all acts at the same time; what each returned or raised."""
    gate = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            gate.wait(10)
            results[place] = act()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.mark.django_db(transaction=True)
def test_two_leaders_decide_at_once_and_one_decision_is_made() -> None:
    from agency.models import Role

    bureau = make_bureau()
    second = official("王范例", Role.CHIEF, bureau.root)
    case = f.ready_to_decide(bureau, case_in("notified", bureau))
    results = at_once(
        lambda: f.decide(bureau, case),
        lambda: f.decide(bureau, case, by=second, happened_at=at("2026-02-11 10:01")),
    )
    won = [result for result in results if isinstance(result, Case)]
    lost = [result for result in results if isinstance(result, StepNotOpen)]
    assert (len(won), len(lost)) == (1, 1), results
    assert str(lost[0]) == "案卷现在处于“已决定”，不能再办理“作出处罚决定”"
    assert FactRecord.objects.filter(stream=case.stream, name="enforcement.decision_made").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_approve_a_correction_at_once_and_one_line_corrects() -> None:
    bureau = make_bureau()
    case = case_in("decided", bureau)
    wrong = FactRecord.objects.get(stream=case.stream, name="enforcement.decision_made")
    asked = f.ask_correction(bureau, case, wrong, at("2026-02-10 10:00"))
    results = at_once(
        lambda: f.approve_correction(bureau, asked),
        lambda: f.approve_correction(bureau, asked, by=bureau.leader),
    )
    won = [result for result in results if isinstance(result, MomentCorrection)]
    lost = [result for result in results if isinstance(result, StepNotOpen)]
    assert (len(won), len(lost)) == (1, 1), results
    assert str(lost[0]) == "更正申请现在处于“已批准”，不能再办理“批准更正”"
    assert FactRecord.objects.get(corrects=wrong).recorded_by_id == won[0].decided_by_id


@pytest.mark.django_db(transaction=True)
def test_two_ask_for_a_correction_of_one_fact_at_once_and_one_request_is_open() -> None:
    bureau = make_bureau()
    case = case_in("decided", bureau)
    wrong = FactRecord.objects.get(stream=case.stream, name="enforcement.decision_made")
    results = at_once(
        lambda: f.ask_correction(bureau, case, wrong, at("2026-02-10 10:00")),
        lambda: f.ask_correction(bureau, case, wrong, at("2026-02-10 11:00"), by=bureau.co),
    )
    lost = [result for result in results if isinstance(result, FactRefused)]
    assert [str(each) for each in lost] == ["这条记录已有一份更正申请在办理"], results
    assert MomentCorrection.objects.open().count() == 1


@pytest.mark.django_db(transaction=True)
def test_cases_filed_at_once_get_numbers_without_a_gap() -> None:
    bureau = make_bureau()
    cases = [case_in("proposed", bureau, party_name=f"示例{n}公司") for n in range(4)]
    results = at_once(*(lambda case=case: f.accept(bureau, case) for case in cases))
    assert sorted(case.number for case in results if isinstance(case, Case)) == [
        f"示人社监案〔2026〕{n}号" for n in range(1, 5)
    ], results


@pytest.mark.django_db(transaction=True)
def test_two_verify_one_of_two_orders_at_once_and_one_result_is_on_record() -> None:
    bureau = make_bureau()
    case = f.order_correction(bureau, case_in("investigating", bureau))
    case = f.order_correction(bureau, case, content="补签劳动合同")
    order = case.corrections.earliest("pk")
    results = at_once(
        lambda: f.verify_correction(bureau, case, order=order, result="obeyed"),
        lambda: f.verify_correction(bureau, case, order=order, by=bureau.co),
    )
    lost = [result for result in results if isinstance(result, FactRefused)]
    assert [str(each) for each in lost] == [f"责令改正（{order.number}）已经核查，或者不属于本案"], results
    fact = FactRecord.objects.get(stream=case.stream, name="enforcement.correction_verified")
    assert fact.payload["result"] == case.corrections.get(pk=order.pk).result


@pytest.mark.django_db(transaction=True)
def test_two_exclude_one_act_at_once_and_it_is_excluded_once() -> None:
    bureau = make_bureau()
    case = f.evidence(bureau, case_in("investigating", bureau))
    act = case.acts.get()

    def exclude(by: Official, reason: str) -> Case:
        return services.exclude_evidence(case=case, by=by, happened_at=at("2026-01-25 09:00"), act=act, reason=reason)

    results = at_once(lambda: exclude(bureau.lead, "取证违法"), lambda: exclude(bureau.co, "没有出示证件"))
    lost = [result for result in results if isinstance(result, FactRefused)]
    assert [str(each) for each in lost] == ["这项证据已经排除，或者不属于本案"], results
    fact = FactRecord.objects.get(stream=case.stream, name="enforcement.evidence_excluded")
    reason = case.acts.get().excluded_reason
    assert reason == ("取证违法" if fact.recorded_by_id == bureau.lead.pk else "没有出示证件")


@pytest.mark.django_db(transaction=True)
def test_two_settle_one_of_two_preservations_at_once_and_one_decision_stands() -> None:
    bureau = make_bureau()
    case = f.preserve(bureau, f.preserve(bureau, case_in("investigating", bureau)))
    act = case.acts.earliest("pk")

    def settle(by: Official, settlement: str) -> Case:
        return services.settle_preservation(
            case=case, by=by, happened_at=at("2026-01-16 09:00"), act=act, settlement=settlement
        )

    results = at_once(lambda: settle(bureau.lead, "退还"), lambda: settle(bureau.co, "继续作为证据使用"))
    lost = [result for result in results if isinstance(result, FactRefused)]
    assert [str(each) for each in lost] == ["这项登记保存的证据已经作出处理决定，或者不属于本案"], results
    fact = FactRecord.objects.get(stream=case.stream, name="enforcement.preservation_settled")
    assert case.acts.get(pk=act.pk).settlement == (
        "退还" if fact.recorded_by_id == bureau.lead.pk else "继续作为证据使用"
    )


@pytest.mark.django_db(transaction=True)
def test_r10_twenty_posts_under_one_key_act_once_and_all_get_its_answer() -> None:
    bureau = make_bureau()
    case = case_in("registered", bureau)
    client = Client()
    client.force_login(bureau.lead)
    body = {"happened_at": "2026-02-09T10:00", "addition": "补充的事实。", "address": case.party.address}

    def post(key: str = "the same for all") -> HttpResponse:
        own = Client()
        own.cookies = client.cookies
        address = f"/api/v1/cases/{case.pk}/steps/supplement_source/"
        return own.post(address, body, content_type="application/json", headers={"Idempotency-Key": key})

    answers = at_once(*[post] * 20)
    assert {answer.status_code for answer in answers} == {201}, answers
    assert all(answer.json() == answers[0].json() for answer in answers)
    case.source.refresh_from_db()
    assert case.source.summary.count("补充的事实。") == 1
    assert FactRecord.objects.filter(stream=case.stream, name="enforcement.source_supplemented").count() == 1
    # Another key is another act.
    assert post("another").status_code == 201
    case.source.refresh_from_db()
    assert case.source.summary.count("补充的事实。") == 2


@pytest.mark.django_db(transaction=True)
def test_r10_a_refused_post_claims_no_key() -> None:
    bureau = make_bureau()
    case = case_in("registered", bureau)
    client = Client()
    client.force_login(bureau.lead)
    address, key = f"/api/v1/cases/{case.pk}/steps/supplement_source/", {"Idempotency-Key": "k"}
    body = {"happened_at": "2026-02-09T10:00", "addition": "补充的事实。"}
    assert client.post(address, body, content_type="application/json", headers=key).status_code == 422
    body["address"] = case.party.address
    assert client.post(address, body, content_type="application/json", headers=key).status_code == 201
