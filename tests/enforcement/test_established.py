"""From the suspicion to the act that is punished: unpaid wages are ordered to be paid; only who disobeys is fined."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from core import jobs
from core.lifecycle import Attempt, StepRefused
from core.models import FactRecord
from enforcement.forms import ConclusionForm, DraftForm, InitiationForm, RegisterForm
from enforcement.models import Case
from enforcement.procedure import PENALTY
from enforcement.violations import _read, catalogue
from rulebook.model import RulebookError
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, at, case_in
from tests.enforcement.test_documents import text_of

GATE = {"CN-INSPECTION-30a"}


def lacking(case: Case, key: str, bureau: Bureau) -> dict[str, set[str]]:
    """What the step lacks on this case, each with its articles."""
    attempt = Attempt(by=bureau.leader, happened_at=at("2026-02-12 09:00"))
    return {
        unmet.text: {citation.rule_id for citation in unmet.citations}
        for unmet in PENALTY.unmet(PENALTY[key], case, attempt)
    }


@pytest.mark.rule("CN-INSPECTION-30a")
class TestNobodyIsPunishedForDisobeyingWithoutAnOrderDisobeyed:
    def concluded(self, bureau: Bureau, case: Case) -> Case:
        return f.conclude(bureau, f.state_end(bureau, f.evidence(bureau, case)))

    def test_cn_inspection_30_without_an_order_the_party_is_not_notified(self, bureau: Bureau) -> None:
        case = self.concluded(bureau, case_in("investigating", bureau))
        with pytest.raises(StepRefused) as refused:
            f.notify(bureau, case)
        (demand,) = refused.value.demands
        assert demand.text == "本案没有下达过责令改正，不能认定拒不改正"
        assert {citation.rule_id for citation in demand.citations} == GATE
        assert Case.objects.get(pk=case.pk).state == "concluded"

    def test_cn_inspection_30_an_order_that_was_obeyed_is_none(self, bureau: Bureau) -> None:
        case = f.order_correction(bureau, case_in("investigating", bureau))
        case = self.concluded(bureau, f.verify_correction(bureau, case, result="obeyed", verification="已支付"))
        with pytest.raises(StepRefused, match="责令改正经核查已经改正，不能认定拒不改正"):
            f.notify(bureau, case)

    def test_cn_inspection_30_nothing_is_decided_either(self, bureau: Bureau) -> None:
        case = f.ready_to_decide(bureau, case_in("notified", bureau))
        assert lacking(case, "decide", bureau) == {}
        case.corrections.update(result="obeyed")
        missing = {"责令改正经核查已经改正，不能认定拒不改正": GATE}
        assert lacking(case, "decide", bureau) == missing
        assert missing.items() <= lacking(case, "notify_again", bureau).items()
        with pytest.raises(StepRefused):
            f.decide(bureau, case)

    def test_cn_inspection_30_one_order_disobeyed_is_enough(self, bureau: Bureau) -> None:
        case = f.verify_correction(bureau, f.order_correction(bureau, case_in("investigating", bureau)))
        case = f.order_correction(bureau, case, happened_at=at("2026-01-23 09:00"), content="补签劳动合同")
        case = f.verify_correction(bureau, case, happened_at=at("2026-01-27 09:00"), result="obeyed")
        assert f.notify(bureau, self.concluded(bureau, case)).state == "notified"

    def test_another_act_needs_no_order(self, bureau: Bureau) -> None:
        case = f.evidence(bureau, case_in("investigating", bureau, violation="inspection-30-1"))
        case = f.conclude(bureau, f.state_end(bureau, case), violation="inspection-30-1")
        assert f.notify(bureau, case).state == "notified"

    def test_the_form_refuses_to_establish_it_at_its_field(self, bureau: Bureau) -> None:
        case = f.evidence(bureau, case_in("investigating", bureau))
        values = {"happened_at": "2026-01-28T16:00", "findings": "拖欠", "evidence": "笔录", "opinion": "处罚"}
        form = ConclusionForm({**values, "violation": "inspection-30-3"}, obj=case, by=bureau.lead)
        assert "没有经核查逾期未改正的责令改正" in str(form.errors["violation"])
        case = f.verify_correction(bureau, f.order_correction(bureau, case))
        form = ConclusionForm({**values, "violation": "inspection-30-3"}, obj=case, by=bureau.lead)
        assert form.is_valid(), form.errors


def test_what_is_only_ordered_is_never_punished(bureau: Bureau) -> None:
    """Inspection regulation 26 knows orders to pay, and no fine."""
    case = f.conclude(bureau, f.investigated(bureau, case_in("investigating", bureau)), violation="inspection-26-1")
    with pytest.raises(StepRefused) as refused:
        f.notify(bureau, case)
    assert [demand.text for demand in refused.value.demands] == [
        "查明的行为是“克扣或者无故拖欠劳动者工资”，《劳动保障监察条例》第二十六条第（一）项"
        "只规定责令限期支付劳动者的工资报酬，没有处罚，不能给予行政处罚"
    ]
    unpaid = catalogue()["inspection-26-1"]
    assert unpaid.refuse_fine(Decimal(2000), None) == "《劳动保障监察条例》第二十六条第（一）项没有规定罚款"
    assert "50%以上1倍以下" in unpaid.range_text


def test_the_conclusion_records_what_it_established_and_the_suspicion_stays(bureau: Bureau) -> None:
    case = case_in("concluded", bureau)
    assert (case.suspected.key, case.punished.key) == ("inspection-26-1", "inspection-30-3")
    assert case.title == "某某示例电子有限公司经责令改正拒不改正案"
    closed = FactRecord.objects.get(stream=case.stream, name="enforcement.investigation_closed")
    assert closed.payload["violation"] == "inspection-30-3"
    proposed = FactRecord.objects.get(stream=case.stream, name="enforcement.initiation_proposed")
    assert proposed.payload["violation"] == "inspection-26-1"


def test_nobody_is_suspected_of_disobeying_before_an_order(bureau: Bureau) -> None:
    case = case_in("registered", bureau)
    for form in (RegisterForm(by=bureau.lead), InitiationForm(obj=case, by=bureau.lead)):
        offered: Any = form.fields["violation"]
        keys = {key for key, _ in offered.choices}
        assert "inspection-26-1" in keys
        assert "inspection-30-3" not in keys
    investigating = case_in("investigating", bureau)
    concluding: Any = ConclusionForm(obj=investigating, by=bureau.lead).fields["violation"]
    assert "inspection-30-3" in {key for key, _ in concluding.choices}


def test_the_order_speaks_of_the_suspicion_after_another_act_was_established(bureau: Bureau) -> None:
    case = case_in("served", bureau)
    jobs.drain(100)
    kinds = ("correction_order", "conclusion_report", "rights_notice")
    texts = {kind: text_of(case, kind)[0] for kind in kinds}
    assert "经查，你（单位）涉嫌克扣或者无故拖欠劳动者工资。" in texts["correction_order"]
    assert "依照《劳动保障监察条例》第十八条、第二十六条第（一）项，现责令" in texts["correction_order"]
    assert "逾期不支付的，责令按照应付金额50%以上1倍以下的标准计算，向劳动者加付赔偿金。" in texts["correction_order"]
    assert "涉嫌经责令改正拒不改正" not in texts["correction_order"]
    assert "涉嫌克扣或者无故拖欠劳动者工资" in texts["conclusion_report"]
    assert "属于经责令改正拒不改正（《劳动保障监察条例》第三十条第一款第（三）项）" in texts["conclusion_report"]
    assert "第三十条第一款第（三）项" in texts["rights_notice"]


def test_the_breached_duty_is_written_by_the_officer_and_is_never_the_penal_clause(
    bureau: Bureau, client: Client
) -> None:
    case = f.answer(bureau, case_in("notified", bureau))
    assert DraftForm(obj=case, by=bureau.lead)["violated"].value() is None
    client.force_login(bureau.lead)
    page = client.post(case.step_url("draft_decision"), {"happened_at": "2026-02-03T10:00"}).content.decode()
    assert "请填写违反的规定" in page
    form = DraftForm({"violated": "《劳动保障监察条例》第三十条第一款第（三）项"}, obj=case, by=bureau.lead)
    assert form.errors["violated"] == ["《劳动保障监察条例》第三十条第一款第（三）项是罚则，请写当事人违反的义务性规定"]


def test_the_catalogue_names_an_instrument_of_the_rulebook() -> None:
    assert {violation.instrument_id for violation in catalogue().values()} == {"cn-labour-security-inspection-2004"}
    with pytest.raises(RulebookError, match="没有文件 labour-security"):
        _read({"instrument": {"id": "labour-security", "title": "劳动保障监察条例"}, "violation": []})
    with pytest.raises(RulebookError, match="名称是“劳动保障监察条例”"):
        _read({"instrument": {"id": "cn-labour-security-inspection-2004", "title": "监察条例"}, "violation": []})


def test_the_search_finds_a_case_by_what_it_is_now_called(bureau: Bureau) -> None:
    """Registered, proposed as something else, filed, concluded as a third, decided."""

    def found(words: str) -> bool:
        return Case.objects.with_words(words).exists()

    case = f.new_case(bureau, violation="inspection-25")
    assert found("违法延长工作时间")
    case = f.propose(bureau, case, violation="inspection-26-1")
    assert found("拖欠劳动者工资")
    assert not found("违法延长工作时间")
    case = f.accept(bureau, case)
    assert found(case.number)
    case = f.conclude(bureau, f.investigated(bureau, case))
    assert found("拒不改正")
    assert found("拖欠劳动者工资")
    case = f.decide(bureau, f.ready_to_decide(bureau, f.notify(bureau, case)))
    assert found(case.decision.number)
    for words in (case.number, case.source.number, case.party.credit_code, case.party.name):
        assert found(words), words
