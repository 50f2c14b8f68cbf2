"""A fine that is not paid: the demand with its ten working days, and the three months in which the court may be asked.

Served on 13 February 2026, to be paid by 28 February (a Saturday worked for the Spring Festival).
"""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from core.access import NotPermitted
from core.facts import FactRefused
from core.lifecycle import Attempt, StepRefused
from core.models import Duty
from enforcement import selectors, services
from enforcement.forms import RemediesEndedForm
from enforcement.models import Case
from enforcement.procedure import PENALTY
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, at, case_in


@pytest.fixture
def unpaid(bureau: Bureau) -> Case:
    return case_in("served", bureau)


def the(case: Case, obligation: str) -> Duty:
    return Duty.objects.of_anchor(case.stream).get(obligation=obligation, voided_at__isnull=True)


def lacking(case: Case, bureau: Bureau, moment: str) -> dict[str, set[str]]:
    attempt = Attempt(by=bureau.leader, happened_at=at(moment))
    unmet = PENALTY.unmet(PENALTY["apply_to_court"], Case.objects.get(pk=case.pk), attempt)
    return {each.text: {citation.rule_id for citation in each.citations} for each in unmet}


@pytest.mark.rule("CN-COERCION-54", "CN-COERCION-54a")
def test_cn_coercion_54_the_court_is_asked_after_a_demand_and_its_ten_working_days(
    bureau: Bureau, unpaid: Case
) -> None:
    case = f.end_remedies(bureau, unpaid)
    articles = {"CN-COERCION-54", "CN-COERCION-54a"}
    assert lacking(case, bureau, "2026-03-20 09:00") == {"没有催告当事人履行": articles}
    case = f.demand(bureau, case)
    last_days = the(case, "perform_on_demand")
    # 6 March is the first, 9 to 13 March the second to sixth, 16 to 19 March the seventh to tenth.
    assert (last_days.due_at, last_days.owed_by) == (at("2026-03-19 23:59:59"), "party")
    with pytest.raises(StepRefused) as refused:
        f.ask_court(bureau, case, happened_at=at("2026-03-19 23:00"))
    (demand,) = refused.value.demands
    assert demand.text == "催告书送达后的履行期限到2026年3月19日24:00，届满后才能申请"
    assert {citation.rule_id for citation in demand.citations} == articles
    assert f.ask_court(bureau, case).court_application.court == "示例区人民法院"
    assert the(case, "perform_on_demand").state == "lapsed"


@pytest.mark.rule("CN-COERCION-53")
def test_cn_coercion_53_three_months_from_the_end_of_the_terms_and_not_a_day_longer(
    bureau: Bureau, unpaid: Case
) -> None:
    case = f.demand(bureau, unpaid)
    assert lacking(case, bureau, "2026-03-20 09:00") == {"没有登记复议、诉讼期限届满之日": {"CN-COERCION-53"}}
    case = f.end_remedies(bureau, case, ended_on=date(2026, 2, 20))
    case = f.end_remedies(bureau, case, happened_at=at("2026-03-07 10:00"))
    with pytest.raises(FactRefused, match="与已经登记的相同"):
        f.end_remedies(bureau, case)
    right = the(case, "apply_to_court")
    assert (right.kind, right.owed_by, right.due_at) == ("right", "unit", at("2026-05-27 23:59:59"))
    assert (right.state_at(at("2026-05-28 00:00")), right.can_be_red) == ("lapsed", False)
    with pytest.raises(StepRefused) as refused:
        f.ask_court(bureau, case, happened_at=at("2026-05-28 00:00"))
    (demand,) = refused.value.demands
    assert demand.text == "申请法院强制执行的期限已于2026年5月27日届满，不能再申请"
    assert [citation.rule_id for citation in demand.citations] == ["CN-COERCION-53"]
    assert demand.fix == right.get_absolute_url()
    case = f.ask_court(bureau, case, happened_at=at("2026-05-27 23:00"))
    right.refresh_from_db()
    assert (right.met_at, right.state) == (at("2026-05-27 23:00"), "met")
    with pytest.raises(FactRefused, match="已于2026年5月27日届满"):
        f.ask_correction(bureau, case, f.record_of(case, "court_asked"), at("2026-05-28 09:00"))
    with pytest.raises(StepRefused, match="已经申请法院强制执行"):
        f.ask_court(bureau, case, happened_at=at("2026-05-27 23:30"))


@pytest.mark.rule("CN-COERCION-54a")
def test_who_pays_at_last_is_not_taken_to_court(bureau: Bureau, unpaid: Case) -> None:
    case = f.end_remedies(bureau, f.demand(bureau, unpaid))
    right = the(case, "apply_to_court")
    f.pay(bureau, case, happened_at=at("2026-03-18 10:00"))
    assert the(case, "perform_on_demand").met_at == at("2026-03-18 10:00")
    right.refresh_from_db()
    assert (right.state, right.void_word, right.void_reason) == ("voided", "已终止", "罚款已经缴清")


def test_a_revoked_decision_is_not_enforced(bureau: Bureau, unpaid: Case) -> None:
    case = f.end_remedies(bureau, f.demand(bureau, unpaid))
    services.revoke_decision(
        case=case, by=bureau.leader, happened_at=at("2026-03-20 10:00"), ground="revoked", reason="复议决定撤销（示例）"
    )
    running = Duty.objects.open().of_anchor(case.stream).values_list("obligation", flat=True)
    assert not {"apply_to_court", "perform_on_demand", "pay_fine"} & set(running)


def test_nobody_thinks_of_compulsion_before_the_fine_is_overdue(bureau: Bureau, unpaid: Case) -> None:
    steps = {"demand_performance", "state_remedies_ended", "apply_to_court"}
    file = selectors.open_file(bureau.lead, unpaid.pk)
    early = {each.step.key for each in selectors.next_steps(file, bureau.lead, (), at("2026-02-28 23:00"))}
    later = {each.step.key for each in selectors.next_steps(file, bureau.lead, (), at("2026-03-01 00:00"))}
    assert (early & steps, later & steps) == (set(), {"demand_performance", "state_remedies_ended"})
    with pytest.raises(NotPermitted, match="由行政机关负责人签名"):
        f.ask_court(bureau, unpaid, by=bureau.lead)


def test_the_page_and_the_interface_take_it_to_court(bureau: Bureau, client: Client, unpaid: Case) -> None:
    client.force_login(bureau.lead)
    form = client.get(unpaid.step_url("demand_performance")).context["form"]
    assert form["content"].value() == "请自收到本催告书之日起十日（工作日）内缴纳罚款20,000.00元。"
    sent = {"happened_at": "2026-03-05T10:00", "recipient": "孙某", "content": form["content"].value()}
    assert client.post(unpaid.step_url("demand_performance"), sent).status_code == 302
    values = {"happened_at": "2026-03-06T10:00", "basis": "没有复议、诉讼（示例）"}
    for wrong in ("2026-03-06", "2026-02-13"):
        assert list(RemediesEndedForm(values | {"ended_on": wrong}, obj=unpaid, by=bureau.lead).errors) == ["ended_on"]
    steps = f"/api/v1/cases/{unpaid.pk}/steps/"
    answer = client.post(
        f"{steps}state_remedies_ended/", values | {"ended_on": "2026-02-27"}, content_type="application/json"
    )
    assert answer.status_code == 201
    client.force_login(bureau.leader)
    asked = {"happened_at": "2026-03-19T10:00", "court": "示例区人民法院"}
    refused = client.post(f"{steps}apply_to_court/", asked, content_type="application/json")
    assert refused.status_code == 409
    assert (
        client.post(unpaid.step_url("apply_to_court"), asked | {"happened_at": "2026-03-20T10:00"}).status_code == 302
    )
    page = client.get(unpaid.get_absolute_url()).content.decode()
    for shown in ("催告履行", "2026年2月27日。没有复议、诉讼（示例）", "申请法院强制执行", "示例区人民法院"):
        assert shown in page
