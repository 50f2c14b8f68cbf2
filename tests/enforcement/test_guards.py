"""What must hold before a step, and what a refusal says. Every refusal leaves the case as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.access import NotPermitted
from core.lifecycle import Attempt, StepRefused
from core.models import Duty, FactRecord
from enforcement import services
from enforcement.models import Case, Decision, EvidenceAct
from enforcement.procedure import PENALTY
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, at, case_in


@contextmanager
def refused(case: Case, *texts: str, articles: set[str] | None = None) -> Iterator[None]:
    """The step is refused with exactly these demands (and articles), and nothing was written."""
    before = (
        Case.objects.values().get(pk=case.pk),
        FactRecord.objects.count(),
        Decision.objects.count(),
        EvidenceAct.objects.count(),
    )
    with pytest.raises(StepRefused) as caught:
        yield
    assert [demand.text for demand in caught.value.demands] == list(texts)
    if articles is not None:
        assert {citation.rule_id for demand in caught.value.demands for citation in demand.citations} == articles
    after = (
        Case.objects.values().get(pk=case.pk),
        FactRecord.objects.count(),
        Decision.objects.count(),
        EvidenceAct.objects.count(),
    )
    assert after == before


@pytest.fixture
def investigating(bureau: Bureau) -> Case:
    return case_in("investigating", bureau)


@pytest.fixture
def notified(bureau: Bureau) -> Case:
    return case_in("notified", bureau)


@pytest.mark.rule("CN-PENALTY-42", "CN-INSPECTION-16")
def test_cn_penalty_42_one_officer_is_refused(bureau: Bureau, investigating: Case) -> None:
    with refused(
        investigating, "本次取证的持证执法人员少于2人：只有1名执法人员", articles={"CN-PENALTY-42", "CN-INSPECTION-16"}
    ):
        f.evidence(bureau, investigating, officers=[bureau.lead])


@pytest.mark.rule("CN-PENALTY-42", "CN-INSPECTION-16")
def test_cn_penalty_42_an_officer_without_certificate_is_refused_by_name(bureau: Bureau, investigating: Case) -> None:
    with refused(investigating, "本次取证的持证执法人员少于2人：孙试用没有当日有效的执法证件"):
        f.evidence(bureau, investigating, officers=[bureau.lead, bureau.clerk])


@pytest.mark.rule("CN-PENALTY-42", "CN-INSPECTION-16")
def test_cn_penalty_42_a_certificate_counts_on_the_day_of_the_act(bureau: Bureau, investigating: Case) -> None:
    bureau.co.certificates.update(valid_to=date(2026, 1, 13))
    with refused(investigating, "本次取证的持证执法人员少于2人：李样本没有当日有效的执法证件"):
        f.evidence(bureau, investigating)
    bureau.co.certificates.update(valid_to=date(2026, 1, 14))
    assert f.evidence(bureau, investigating).acts.count() == 1


@pytest.mark.rule("CN-PENALTY-42")
def test_cn_penalty_42_evidence_whose_certificate_turns_out_invalid_blocks_the_conclusion_until_excluded(
    bureau: Bureau, investigating: Case
) -> None:
    case = f.investigated(bureau, investigating)
    bureau.co.certificates.update(valid_to=date(2026, 1, 10))
    with refused(
        case,
        "1月14日现场检查的持证执法人员少于2人：李样本没有当日有效的执法证件",
        "1月14日询问的持证执法人员少于2人：李样本没有当日有效的执法证件",
    ):
        f.conclude(bureau, case)
    bureau.co.certificates.update(valid_to=date(2030, 1, 1))
    first = case.acts.first()
    services.exclude_evidence(
        case=case, by=bureau.lead, happened_at=at("2026-01-25 09:00"), act=first, reason="取证违法"
    )
    assert list(case.acts.relied_on()) == [case.acts.last()]


@pytest.mark.rule("CN-PENALTY-47", "WH-PLAN-6.1")
def test_cn_penalty_47_no_conclusion_without_recorded_evidence(bureau: Bureau, investigating: Case) -> None:
    with refused(investigating, "还没有登记取证行为", articles={"CN-PENALTY-47", "WH-PLAN-6.1"}):
        f.conclude(bureau, investigating)


def test_an_order_to_correct_is_verified_before_the_investigation_ends(bureau: Bureau, investigating: Case) -> None:
    case = f.order_correction(bureau, f.evidence(bureau, investigating))
    with refused(case, f"责令改正（{case.corrections.get().number}）还没有核查"):
        f.conclude(bureau, case)


@pytest.mark.rule("CN-INSPECTION-14")
def test_cn_inspection_14_a_complaint_without_complainant_is_not_proposed(bureau: Bureau) -> None:
    case = f.new_case(bureau, complainant_name="")
    with refused(case, "投诉案源没有登记投诉人", articles={"CN-INSPECTION-14"}):
        f.propose(bureau, case)


@pytest.mark.rule("CN-PENALTY-54")
def test_cn_penalty_54_filing_needs_its_reason(bureau: Bureau) -> None:
    case = f.propose(bureau, f.new_case(bureau), reason=" ")
    with refused(case, "没有写明立案理由", articles={"CN-PENALTY-54"}):
        f.accept(bureau, case)


@pytest.mark.rule("CN-PENALTY-44")
def test_cn_penalty_44_a_notice_without_reasons_is_refused(bureau: Bureau) -> None:
    case = case_in("concluded", bureau)
    with refused(case, "告知书缺：理由", articles={"CN-PENALTY-44"}):
        f.notify(bureau, case, reasons="")


@pytest.mark.rule("CN-PENALTY-57")
def test_cn_penalty_57_the_party_is_notified_after_the_written_conclusion(bureau: Bureau) -> None:
    case = f.state_end(bureau, case_in("investigating", bureau, violation="inspection-30-1"))
    unmet = PENALTY.unmet(PENALTY["notify"], case, Attempt(by=bureau.lead, happened_at=at("2026-02-01 09:00")))
    assert [demand.text for demand in unmet] == ["缺调查终结报告"]


@pytest.mark.rule("CN-PENALTY-45", "CN-PENALTY-62", "CN-INSPECTION-19")
def test_cn_penalty_62_silence_is_waited_for_until_the_period_is_over(bureau: Bureau, notified: Case) -> None:
    """Told on Thursday 29 January without a hearing: waited for as long as one might be asked for [ours], 30 January to 5 February."""
    case = f.review(bureau, f.draft(bureau, notified), happened_at=at("2026-02-04 09:00"))
    articles = {"CN-PENALTY-45", "CN-PENALTY-62", "CN-INSPECTION-19"}
    with refused(case, "当事人还没有答复，2月5日24:00前不能决定", articles=articles):
        f.decide(bureau, case, happened_at=at("2026-02-05 23:59"))
    assert f.decide(bureau, case, happened_at=at("2026-02-06 00:01")).state == "decided"


@pytest.mark.rule("CN-PENALTY-62")
def test_cn_penalty_62_a_waiver_ends_the_waiting(bureau: Bureau, notified: Case) -> None:
    case = f.ready_to_decide(bureau, notified)
    assert f.decide(bureau, case).state == "decided"


@pytest.mark.rule("CN-PENALTY-64a")
def test_cn_penalty_64_a_statement_does_not_shorten_the_time_to_ask_for_a_hearing(bureau: Bureau) -> None:
    case = f.notify(bureau, case_in("concluded", bureau), hearing_offered=True)
    case = f.answer(bureau, case, kind="statement", content="已支付一部分", review="不影响认定", is_adopted=False)
    case = f.review(bureau, f.draft(bureau, case), happened_at=at("2026-02-04 09:00"))
    with refused(case, "当事人没有放弃听证，2月5日24:00前不能决定"):
        f.decide(bureau, case, happened_at=at("2026-02-05 09:00"))


@pytest.mark.rule("CN-PENALTY-44", "CN-PENALTY-62")
def test_cn_penalty_62_a_heavier_penalty_than_notified_needs_a_new_notice(bureau: Bureau) -> None:
    case = f.notify(bureau, case_in("concluded", bureau), fine=Decimal("10000"))
    case = f.ready_to_decide(bureau, case)
    with refused(case, "决定草案的处罚重于已告知的内容，应当重新告知"):
        f.decide(bureau, case)
    case = f.notify(bureau, case, happened_at=at("2026-02-10 09:00"))
    case = f.answer(bureau, case, happened_at=at("2026-02-10 15:00"))
    assert f.decide(bureau, case).state == "decided"


@pytest.mark.rule("CN-PENALTY-63")
def test_cn_penalty_63_a_hearing_that_was_asked_for_is_held(bureau: Bureau) -> None:
    case = f.notify(bureau, case_in("concluded", bureau), hearing_offered=True)
    case = f.answer(bureau, case, kind="hearing", content="要求听证")
    case = f.review(bureau, f.draft(bureau, case))
    with refused(case, "当事人要求听证，还没有举行听证", articles={"CN-PENALTY-63"}):
        f.decide(bureau, case)
    case = services.record_hearing(
        case=case,
        by=bureau.lead,
        happened_at=at("2026-02-24 09:00"),
        called_at=at("2026-02-03 09:00"),
        place="示例会议室",
        presider=bureau.stranger,
        record="双方质证",
        file=None,
    )
    assert f.decide(bureau, case, happened_at=at("2026-02-25 09:00")).state == "decided"


REVIEW = {"CN-PENALTY-58", "SD-SUPERVISION-13", "WH-MEAS-13", "WH-PLAN-7b"}


@pytest.mark.rule("CN-PENALTY-58", "SD-SUPERVISION-13", "WH-MEAS-13", "WH-PLAN-7b")
def test_wh_meas_13_without_review_there_is_no_decision_and_the_refusal_cites_all_binding_rules(
    bureau: Bureau, notified: Case
) -> None:
    case = f.draft(bureau, f.answer(bureau, notified))
    with refused(case, "未经法制审核，不得作出决定", articles=REVIEW):
        f.decide(bureau, case)


@pytest.mark.rule("WH-MEAS-13", "WH-PLAN-7b")
@pytest.mark.parametrize("result", ["return", "illegal", "improve", "anything"])
def test_wh_plan_7b_anything_but_agree_blocks(bureau: Bureau, notified: Case, result: str) -> None:
    case = f.review(bureau, f.draft(bureau, f.answer(bureau, notified)), result=result)
    with refused(case, "法制审核没有通过，不得作出决定", articles=REVIEW):
        f.decide(bureau, case)


@pytest.mark.rule("CN-PENALTY-58")
def test_cn_penalty_58_agreement_to_another_text_does_not_count(bureau: Bureau, notified: Case) -> None:
    case = f.review(bureau, f.draft(bureau, f.answer(bureau, notified)), text_digest="0" * 64)
    with refused(case, "处罚决定草案在审核同意后有改动，应当重新送审", articles=REVIEW):
        f.decide(bureau, case)


@pytest.mark.rule("CN-PENALTY-58")
def test_cn_penalty_58_a_changed_draft_needs_a_new_review_and_the_same_text_does_not(
    bureau: Bureau, notified: Case
) -> None:
    case = f.ready_to_decide(bureau, notified)
    again = f.draft(bureau, case, happened_at=at("2026-02-10 09:00"))
    assert again.review_agreed_at is not None
    changed = f.draft(bureau, again, happened_at=at("2026-02-10 10:00"), fine=Decimal("15000"))
    assert changed.review_agreed_at is None
    with refused(changed, "未经法制审核，不得作出决定", articles=REVIEW):
        f.decide(bureau, changed)


@pytest.mark.rule("CN-PENALTY-57")
def test_cn_penalty_57_a_complex_case_is_discussed_together_on_its_present_text(bureau: Bureau) -> None:
    case = f.investigated(bureau, case_in("investigating", bureau))
    case = f.conclude(bureau, case, is_complex=True, complex_reason="涉及多个法律关系")
    assert {"ordinary_procedure", "complex"} <= {ground["key"] for ground in case.major_grounds}
    case = f.ready_to_decide(bureau, f.notify(bureau, case))
    with refused(case, "情节复杂或者重大违法行为的处罚，还没有集体讨论", articles={"CN-PENALTY-57"}):
        f.decide(bureau, case)
    case = services.record_discussion(
        case=case,
        by=bureau.leader,
        happened_at=at("2026-02-10 09:00"),
        participants="周范本等",
        opinions="同意",
        conclusion="同意处罚建议",
        file=None,
    )
    assert f.decide(bureau, case).state == "decided"


@pytest.mark.rule("CN-PENALTY-59", "CN-INSPECTION-19a")
def test_cn_penalty_59_no_decision_without_seal_or_with_a_part_missing(bureau: Bureau, notified: Case) -> None:
    case = f.ready_to_decide(bureau, notified)
    with refused(case, "处罚决定书缺：机关印章", articles={"CN-PENALTY-59"}):
        f.decide(bureau, case, sealed=False)
    case = f.draft(bureau, case, remedies="", happened_at=at("2026-02-09 16:00"))
    case = f.review(bureau, case, happened_at=at("2026-02-10 09:00"))
    with refused(case, "处罚决定书缺：复议、诉讼的途径和期限", articles={"CN-PENALTY-59", "CN-INSPECTION-19a"}):
        f.decide(bureau, case)


def test_a_draft_that_was_sent_back_is_not_decided(bureau: Bureau, notified: Case) -> None:
    case = f.ready_to_decide(bureau, notified)
    case = services.send_back_decision(
        case=case, by=bureau.leader, happened_at=at("2026-02-10 09:00"), remarks="裁量理由不足"
    )
    assert case.remarks == "裁量理由不足"
    with refused(case, "处罚决定草案已退回，还没有重新拟稿"):
        f.decide(bureau, case)


@pytest.mark.rule("WH-MEAS-14b")
def test_wh_meas_14b_the_system_marks_every_ordinary_penalty_major_and_says_why(bureau: Bureau) -> None:
    case = case_in("investigating", bureau)
    assert case.is_major
    assert [(g["key"], g["rule"], g["article"], g["reason"]) for g in case.major_grounds] == [
        ("ordinary_procedure", "WH-MEAS-14b", "第十四条", "")
    ]
    Case.objects.filter(pk=case.pk).update(is_major=False)
    case.refresh_from_db()
    unmet = PENALTY.unmet(PENALTY["decide"], case, Attempt(by=bureau.leader, happened_at=at("2026-02-01 09:00")))
    assert "案件没有列为重大执法决定" in [demand.text for demand in unmet]


@pytest.mark.rule("WH-MEAS-14b")
def test_wh_meas_14b_an_official_adds_a_ground_with_its_reason(bureau: Bureau, notified: Case) -> None:
    case = f.draft(bureau, notified, added_grounds=["social_impact"], grounds_reason="群体性讨薪")
    assert {(g["key"], g["reason"]) for g in case.major_grounds} == {
        ("ordinary_procedure", ""),
        ("social_impact", "群体性讨薪"),
    }


@pytest.mark.rule("WH-MEAS-16b", "WH-PLAN-6.2c", "WH-MEAS-17a", "WH-PLAN-6.3a")
def test_wh_meas_16_17_no_closing_with_a_recording_unstored_or_a_break_unexplained(bureau: Bureau) -> None:
    case = case_in("performed", bureau)
    act = case.acts.first()

    def note(**changes: object) -> None:
        services.note_recording(act_id=act.pk, recording="recording:1", **changes)  # type: ignore[arg-type]

    note(state="made", gap_seconds=372)
    with refused(
        case,
        "1月14日现场检查的录像没有入库并编制索引",
        "1月14日现场检查的录像有中断，缺原因说明",
        articles={"WH-MEAS-16b", "WH-PLAN-6.2c", "WH-MEAS-17a", "WH-PLAN-6.3a"},
    ):
        f.close(bureau, case)
    note(state="indexed", gap_seconds=372)
    with refused(case, "1月14日现场检查的录像有中断，缺原因说明"):
        f.close(bureau, case)
    note(state="indexed", gap_seconds=372, explained=True)
    assert f.close(bureau, case).state == "closed"


@pytest.mark.rule("CN-PENALTY-72")
def test_cn_penalty_72_a_surcharge_starts_after_the_period_of_payment_and_never_exceeds_the_fine(
    bureau: Bureau,
) -> None:
    """Served on 13 February; fifteen days end on Saturday the 28th, a make-up working day."""
    case = case_in("served", bureau)
    with refused(case, "缴款期还没有届满，2月28日24:00届满", articles={"CN-PENALTY-72"}):
        services.impose_surcharge(case=case, by=bureau.leader, happened_at=at("2026-02-28 23:59"))
    case = services.impose_surcharge(case=case, by=bureau.leader, happened_at=at("2026-03-02 09:00"))
    from enforcement.selectors import surcharge_at

    assert case.surcharge_since == date(2026, 3, 1)
    assert surcharge_at(case, at("2026-03-02 09:00")) == Decimal("1200.00")
    assert surcharge_at(case, at("2026-06-01 09:00")) == Decimal("20000")


@pytest.mark.rule("CN-INSPECTION-17b")
class TestExtension:
    """Inspection regulation 17: sixty working days, and thirty more with the leader's approval."""

    def extend(self, bureau: Bureau, case: Case, moment: str, **changes: Any) -> Case:
        values = {"by": bureau.leader, "happened_at": at(moment), "reason": "涉案人员多，需要逐人核对工资"}
        return services.extend_investigation(case=case, **(values | changes))

    def duty(self, case: Case) -> Duty:
        return Duty.objects.of_anchor(case.stream).get(obligation="close_investigation")

    def test_the_leader_lengthens_it_once_by_thirty_working_days(self, bureau: Bureau) -> None:
        case = case_in("investigating", bureau)
        assert self.duty(case).due_at == at("2026-04-07 23:59:59")
        self.extend(bureau, case, "2026-04-07 16:00")
        assert self.duty(case).due_at == at("2026-05-21 23:59:59")
        with pytest.raises(StepRefused, match="调查期限已经延长过一次"):
            self.extend(bureau, case, "2026-04-08 09:00")
        assert FactRecord.objects.filter(name="enforcement.investigation_extended").count() == 1

    def test_after_the_last_day_it_is_refused_and_nothing_moves(self, bureau: Bureau) -> None:
        case = case_in("investigating", bureau)
        with pytest.raises(StepRefused, match="调查期限已经届满，不能再延长"):
            self.extend(bureau, case, "2026-04-08 00:00")
        assert self.duty(case).due_at == at("2026-04-07 23:59:59")

    def test_the_officers_do_not_lengthen_their_own_period(self, bureau: Bureau) -> None:
        case = case_in("investigating", bureau)
        with pytest.raises(NotPermitted):
            self.extend(bureau, case, "2026-03-02 09:00", by=bureau.lead)
        assert self.duty(case).extended_on is None
