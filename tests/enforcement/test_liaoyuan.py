"""A penalty in a bureau bound by Liaoyuan's recording system: what it adds to national law, and under which articles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, transaction

from core.lifecycle import Attempt, StepNotOpen, StepRefused
from core.models import Duty, FactRecord
from enforcement import selectors, services
from enforcement.forms import DismissForm, EvidenceForm, PerformanceForm
from enforcement.models import Case, Decision, EvidenceAct
from enforcement.procedure import PENALTY
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, at, case_in, fresh, make_bureau


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau(profile="liaoyuan-hrss")


@pytest.fixture
def notified(bureau: Bureau) -> Case:
    return case_in("notified", bureau)


def _written(case: Case) -> tuple[object, ...]:
    counts = (FactRecord.objects.count(), Decision.objects.count(), EvidenceAct.objects.count())
    return (Case.objects.values().get(pk=case.pk), *counts)


@contextmanager
def refused(case: Case, text: str, *articles: str) -> Iterator[None]:
    """The step is refused with this demand, which cites at least these articles and none of another locality; nothing was written."""
    before = _written(case)
    with pytest.raises(StepRefused) as caught:
        yield
    (demand,) = [demand for demand in caught.value.demands if demand.text == text]
    cited = {citation.rule_id for citation in demand.citations}
    assert cited >= set(articles)
    assert all(rule.startswith(("LY-", "CN-")) for rule in cited)
    assert _written(case) == before


def discuss(bureau: Bureau, case: Case) -> Case:
    return services.record_discussion(
        case=case,
        by=bureau.leader,
        happened_at=at("2026-02-10 09:00"),
        participants="周范本等",
        opinions="同意",
        conclusion="同意处罚建议",
        file=None,
    )


# --- the start ------------------------------------------------------------------------------------------------------


@pytest.mark.rule("LY-REC-14a", "LY-REC-13a")
def test_ly_rec_14_a_complaint_that_was_not_registered_in_full_starts_nothing(bureau: Bureau) -> None:
    case = f.new_case(bureau, complainant_name="")
    articles = ("CN-INSPECTION-14", "LY-REC-13a", "LY-REC-14a")
    with refused(case, "投诉案源没有登记投诉人", *articles):
        f.propose(bureau, case)


@pytest.mark.rule("LY-REC-13a")
def test_ly_rec_13_no_start_without_its_reason_and_without_the_head_who_approves_it(bureau: Bureau) -> None:
    case = f.propose(bureau, f.new_case(bureau), reason="")
    with refused(case, "没有写明立案理由", "CN-PENALTY-54", "LY-REC-13a"):
        f.accept(bureau, case)
    with pytest.raises(IntegrityError, match="不能从“registered”到“investigating”"), transaction.atomic():
        Case.objects.filter(pk=f.new_case(bureau).pk).update(state="investigating")


@pytest.mark.rule("LY-REC-13b")
def test_ly_rec_13_what_was_begun_on_the_spot_is_reported_and_approved_within_24_hours(bureau: Bureau) -> None:
    case = f.new_case(bureau)
    begun = {"by": bureau.clerk, "happened_at": at("2026-01-05 09:00"), "reason": "用人单位正在销毁工资台账"}
    case = services.start_at_once(case=case, **begun)
    duty = Duty.objects.of_anchor(case.stream).get(obligation="report_urgent_start")
    assert (duty.due_at, duty.rule_id) == (at("2026-01-06 09:00"), "LY-REC-13b")
    with pytest.raises(StepRefused, match="本案已经紧急当场启动"):
        services.start_at_once(case=case, **begun)
    case = f.accept(
        bureau, f.propose(bureau, case, happened_at=at("2026-01-05 16:00")), happened_at=at("2026-01-06 08:59")
    )
    duty.refresh_from_db()
    assert (duty.met_at, duty.state) == (at("2026-01-06 08:59"), "met")
    # What was done between the start and the approval belongs to the case; nothing before the start does.
    form = {"kind": "interview", "place": "示例路", "summary": "询问", "officers": [bureau.lead.pk, bureau.co.pk]}
    form |= {"certificates_shown": "on", "started_at": "2026-01-05T08:59", "ended_at": "2026-01-05T09:40"}
    assert "取证不能早于当场启动" in str(EvidenceForm(form, obj=case, by=bureau.lead).errors["started_at"])
    assert EvidenceForm(form | {"started_at": "2026-01-05T09:00"}, obj=case, by=bureau.lead).is_valid()
    case = f.evidence(bureau, case, started_at=at("2026-01-05 09:00"), ended_at=at("2026-01-05 09:40"))
    assert case.acts.count() == 1
    f.correct(bureau, case, f.record_of(case, "urgently_started"), at("2026-01-05 08:50"))
    duty.refresh_from_db()
    assert (duty.due_at, duty.state) == (at("2026-01-06 08:50"), "met_late")
    assert Case.objects.get(pk=case.pk).state_since == at("2026-01-05 08:50")


@pytest.mark.rule("LY-REC-13b")
@pytest.mark.parametrize(("profile", "known"), [("liaoyuan-hrss", True), ("weihai-hrss", False)])
@pytest.mark.django_db
def test_ly_rec_13_nobody_begins_before_the_approval_where_no_rule_knows_it(profile: str, known: bool) -> None:
    bureau = make_bureau(profile=profile)
    case = f.new_case(bureau)
    steps = selectors.next_steps(selectors.open_file(bureau.lead, case.pk), bureau.lead, ())
    assert [each.is_open for each in steps if each.step.key == "start_at_once"] == [True] * known
    if not known:
        with pytest.raises(StepRefused, match="没有紧急当场启动，应当先批准立案"):
            services.start_at_once(case=case, by=bureau.lead, happened_at=at("2026-01-05 09:00"), reason="紧急")


# --- evidence -------------------------------------------------------------------------------------------------------


@pytest.mark.rule("LY-REC-18a")
def test_ly_rec_18_one_officer_is_refused(bureau: Bureau) -> None:
    case = case_in("investigating", bureau)
    text = "本次取证的持证执法人员少于2人：只有1名执法人员"
    with refused(case, text, "CN-PENALTY-42", "LY-REC-18a"):
        f.evidence(bureau, case, officers=[bureau.lead])


@pytest.mark.rule("LY-REC-28")
def test_ly_rec_28_what_was_ordered_is_verified_before_the_investigation_ends(bureau: Bureau) -> None:
    case = f.order_correction(bureau, f.evidence(bureau, case_in("investigating", bureau)))
    with refused(case, f"责令改正（{case.corrections.get().number}）还没有核查", "LY-REC-28"):
        f.conclude(bureau, case)
    case = f.verify_correction(bureau, case)
    assert case.corrections.get().verification == "工资仍未支付"
    assert f.conclude(bureau, case).state == "concluded"


@pytest.mark.rule("LY-REC-28")
def test_ly_rec_28_nobody_dismisses_a_case_as_corrected_before_the_verification(bureau: Bureau) -> None:
    case = f.order_correction(bureau, f.evidence(bureau, case_in("investigating", bureau)))

    def errors(ground: str) -> list[str]:
        values = {"happened_at": "2026-01-23T09:00", "ground": ground, "reason": "情节轻微"}
        return list(DismissForm(values, obj=case, by=fresh(bureau.leader)).errors.get("ground") or ())

    assert errors("corrected") == [f"责令改正（{case.corrections.get().number}）还没有核查，不能认定已经改正"]
    assert errors("crime") == []
    case = f.verify_correction(bureau, case, result="obeyed", verification="工资已经支付")
    assert errors("corrected") == []


@pytest.mark.rule("LY-REC-21")
def test_ly_rec_21_the_party_is_notified_after_the_written_conclusion(bureau: Bureau) -> None:
    case = case_in("investigating", bureau, violation="inspection-30-1")
    attempt = Attempt(by=bureau.lead, happened_at=at("2026-02-01 09:00"))
    (demand,) = [each for each in PENALTY.unmet(PENALTY["notify"], case, attempt) if each.text == "缺调查终结报告"]
    assert {"CN-PENALTY-57", "LY-REC-21"} <= {citation.rule_id for citation in demand.citations}
    concluded = case_in("concluded", bureau)
    assert not PENALTY.unmet(PENALTY["notify"], concluded, attempt)


# --- the decision ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("LY-REC-22")
def test_ly_rec_22_a_silent_party_is_waited_for_and_a_waiver_stands_in_the_file(bureau: Bureau, notified: Case) -> None:
    """Told on Thursday 29 January: five working days are 30 January and 2 to 5 February."""
    case = f.draft(bureau, notified)
    text = "当事人还没有答复，2月5日24:00前不能决定"
    with refused(case, text, "CN-PENALTY-45", "CN-PENALTY-62", "LY-REC-22"):
        f.decide(bureau, case, happened_at=at("2026-02-05 23:59"))
    case = f.answer(bureau, case, happened_at=at("2026-02-04 10:00"))
    assert [answer.kind for answer in case.notice.answers.all()] == ["waived"]
    assert f.decide(bureau, case, happened_at=at("2026-02-05 23:59")).state == "decided"


@pytest.mark.rule("LY-REC-26")
def test_ly_rec_26_the_decision_says_the_items_of_both_and_bears_its_seal(bureau: Bureau, notified: Case) -> None:
    case = f.draft(bureau, f.answer(bureau, notified))
    with refused(case, "处罚决定书缺：机关印章、印鉴和决定日期", "CN-PENALTY-59", "LY-REC-26"):
        f.decide(bureau, case, sealed=False)
    case = f.draft(bureau, case, basis="", happened_at=at("2026-02-03 11:00"))
    with refused(case, "处罚决定书缺：处罚种类和依据、适用依据", "CN-PENALTY-59", "LY-REC-26"):
        f.decide(bureau, case)
    case = f.draft(bureau, case, happened_at=at("2026-02-03 12:00"))
    assert f.decide(bureau, case).state == "decided"


@pytest.mark.rule("LY-REC-24b", "LY-REC-24c")
def test_ly_rec_24_a_major_decision_wants_the_record_of_its_review_and_of_its_discussion(
    bureau: Bureau, notified: Case
) -> None:
    case = f.answer(bureau, notified)
    case = f.draft(bureau, case, added_grounds=["public_interest"], grounds_reason="涉及12名劳动者，社会关注")
    assert case.is_major
    with refused(case, "未经法制审核，不得作出决定", "CN-PENALTY-58", "LY-REC-24b"):
        f.decide(bureau, case)
    case = f.review(bureau, case)
    before = _written(case)
    with pytest.raises(StepRefused) as caught:
        f.decide(bureau, case)
    (demand,) = caught.value.demands
    assert demand.text == "重大行政执法决定，还没有集体讨论"
    assert [citation.rule_id for citation in demand.citations] == ["LY-REC-24c"]
    assert _written(case) == before
    assert f.decide(bureau, discuss(bureau, case)).state == "decided"


@pytest.mark.rule("LY-REC-24c")
def test_ly_rec_24_a_complex_case_is_discussed_under_the_law_and_under_liaoyuan(bureau: Bureau) -> None:
    case = f.investigated(bureau, case_in("investigating", bureau))
    case = f.conclude(bureau, case, is_complex=True, complex_reason="涉及多个法律关系")
    case = f.ready_to_decide(bureau, f.notify(bureau, case))
    with refused(case, "情节复杂或者重大违法行为的处罚，还没有集体讨论", "CN-PENALTY-57", "LY-REC-24c"):
        f.decide(bureau, case)
    assert f.decide(bureau, discuss(bureau, case)).state == "decided"


def test_a_decision_that_is_neither_complex_nor_major_needs_no_discussion(bureau: Bureau, notified: Case) -> None:
    case = f.draft(bureau, f.answer(bureau, notified))
    assert not case.is_major
    assert f.decide(bureau, case).state == "decided"


@pytest.mark.rule("CN-PENALTY-57")
def test_where_no_rule_asks_for_it_a_major_decision_that_is_not_complex_needs_no_discussion(db: None) -> None:
    bureau = make_bureau()
    case = f.ready_to_decide(bureau, case_in("notified", bureau))
    assert case.is_major
    assert f.decide(bureau, case).state == "decided"


# --- performance ----------------------------------------------------------------------------------------------------


@pytest.mark.rule("LY-REC-27")
def test_ly_rec_27_no_case_is_closed_whose_performance_was_not_recorded(bureau: Bureau, notified: Case) -> None:
    case = f.serve(bureau, f.decide(bureau, f.draft(bureau, f.answer(bureau, notified))))
    with pytest.raises(StepNotOpen, match="现在处于“已送达”"):
        f.close(bureau, case)
    with pytest.raises(IntegrityError, match="不能从“served”到“closed”"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state="closed")
    form = PerformanceForm({"note": " "}, obj=case, by=fresh(bureau.lead))
    assert "note" in form.errors
    case = f.pay(bureau, case)
    assert FactRecord.objects.filter(stream=case.stream, name="enforcement.fine_paid").exists()
    assert f.close(bureau, case).state == "closed"
