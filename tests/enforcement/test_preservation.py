"""Registered preservation: approved by the leader before the act, settled in seven days."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from core.access import NotPermitted
from core.facts import FactRefused
from core.lifecycle import MomentRefused, StepRefused
from core.models import Alert, Duty
from enforcement import services
from enforcement.models import EvidenceAct, PreservationRequest
from enforcement.selectors import waiting_requests
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, at, case_in, fresh, record_of


def this_minute() -> str:
    return timezone.localtime().strftime("%Y-%m-%dT%H:%M")


@pytest.mark.rule("CN-PENALTY-56a")
def test_cn_penalty_56_evidence_is_preserved_only_with_an_approval_of_this_case_and_before_the_act(
    bureau: Bureau,
) -> None:
    case = case_in("investigating", bureau)
    request = f.ask_preservation(bureau, case)
    other = case_in("investigating", bureau, party_name="另一示例公司")
    elsewhere = f.approve_preservation(bureau, f.ask_preservation(bureau, other))
    for approval in (None, request, elsewhere):
        with pytest.raises(StepRefused, match="先行登记保存未经行政机关负责人批准") as refused:
            f.evidence(bureau, case, kind="registered_preservation", preservation=approval)
        assert [rule.id for rule in refused.value.demands[0].rules] == ["CN-PENALTY-56a"]
    approved = f.approve_preservation(bureau, request)
    early = {"started_at": at("2026-01-14 08:40"), "ended_at": at("2026-01-14 08:55")}
    with pytest.raises(StepRefused, match="先行登记保存早于批准（2026年1月14日08:50）"):
        f.evidence(bureau, case, kind="registered_preservation", preservation=approved, **early)
    assert not EvidenceAct.objects.exists()
    case = f.evidence(bureau, case, kind="registered_preservation", preservation=approved)
    act = case.acts.get()
    assert (act.preservation, act.approved_by) == (approved, bureau.leader)


@pytest.mark.rule("CN-PENALTY-56a")
def test_cn_penalty_56_the_database_knows_no_registered_evidence_without_its_approval(bureau: Bureau) -> None:
    case = f.preserve(bureau, case_in("investigating", bureau))
    act = case.acts.get()
    for wrong in ({"preservation": None}, {"started_at": at("2026-01-14 08:00")}):
        with pytest.raises(DatabaseError, match="须先经行政机关负责人批准"), transaction.atomic():
            EvidenceAct.objects.filter(pk=act.pk).update(**wrong)
    bare = EvidenceAct.objects.get(pk=act.pk)
    bare.pk, bare.preservation = None, None
    with pytest.raises(DatabaseError, match="须先经行政机关负责人批准"), transaction.atomic():
        bare.save(force_insert=True)


@pytest.mark.rule("CN-PENALTY-56a")
@pytest.mark.parametrize("part", ["lead", "co", "clerk", "head", "reviewer"])
def test_cn_penalty_56_only_the_head_of_the_agency_approves(bureau: Bureau, part: str) -> None:
    request = f.ask_preservation(bureau, case_in("investigating", bureau))
    with pytest.raises(NotPermitted, match="先行登记保存须经行政机关负责人批准"):
        f.approve_preservation(bureau, request, by=bureau.all[part])
    assert PreservationRequest.objects.get(pk=request.pk).state == "requested"


@pytest.mark.rule("CN-PENALTY-56a")
def test_cn_penalty_56_an_approval_on_the_telephone_is_entered_with_its_own_moment_and_never_after_the_act(
    bureau: Bureau,
) -> None:
    """The law has no approval after the act: the moment lies between the request and now, and the act after it."""
    case = case_in("investigating", bureau)
    request = f.ask_preservation(bureau, case)
    with pytest.raises(MomentRefused, match="不能早于上一步（2026年1月14日08:30）"):
        f.approve_preservation(bureau, request, happened_at=at("2026-01-14 08:29"))
    approved = f.approve_preservation(bureau, request)
    record = record_of(case, "preservation_approved")
    assert record.happened_at == approved.decided_at == at("2026-01-14 08:50")
    assert timezone.localdate(record.recorded_at) == timezone.localdate()


@pytest.mark.rule("CN-PENALTY-56a")
def test_cn_penalty_56_a_correction_moves_neither_the_approval_nor_the_act_past_the_other(bureau: Bureau) -> None:
    case = f.preserve(bureau, case_in("investigating", bureau))
    for name, moment in (("preservation_approved", "2026-01-14 09:03"), ("evidence_taken", "2026-01-14 10:00")):
        with pytest.raises(FactRefused, match="不能早于批准"):
            f.ask_correction(bureau, case, record_of(case, name), at(moment))
    f.correct(bureau, case, record_of(case, "preservation_approved"), at("2026-01-14 08:55"), reason="批准时间录错")
    assert PreservationRequest.objects.get().decided_at == at("2026-01-14 08:55")


@pytest.mark.rule("CN-PENALTY-56")
def test_cn_penalty_56_seven_days_count_from_the_preservation_and_each_act_has_its_own(bureau: Bureau) -> None:
    case = f.preserve(bureau, case_in("investigating", bureau))
    again = f.approve_preservation(
        bureau, f.ask_preservation(bureau, case, happened_at=at("2026-01-15 08:30")), happened_at=at("2026-01-15 08:50")
    )
    later = {"started_at": at("2026-01-16 09:00"), "ended_at": at("2026-01-16 10:00")}
    case = f.evidence(bureau, case, kind="registered_preservation", preservation=again, **later)
    duties = {duty.day_zero: duty for duty in Duty.objects.filter(obligation="settle_registered_evidence")}
    assert set(duties) == {date(2026, 1, 14), date(2026, 1, 16)}
    assert timezone.localdate(duties[date(2026, 1, 14)].due_at) == date(2026, 1, 23)  # seven working days
    assert all(duty.file_stream == case.stream for duty in duties.values())

    first = case.acts.order_by("started_at").first()
    with pytest.raises(FactRefused, match="处理不能早于登记保存"):
        services.settle_preservation(
            case=case, by=bureau.lead, happened_at=at("2026-01-14 10:00"), act=first, settlement="退还"
        )
    with pytest.raises(StepRefused, match="1月14日先行登记保存的证据还没有作出处理决定；1月16日"):
        f.conclude(bureau, case)
    case = services.settle_preservation(
        case=case, by=bureau.lead, happened_at=at("2026-01-21 10:00"), act=first, settlement="核对后退还"
    )
    met = Duty.objects.get(anchor=first.anchor)
    assert (met.met_at, met.state) == (at("2026-01-21 10:00"), "met")
    assert Duty.objects.filter(obligation="settle_registered_evidence", met_at__isnull=True).count() == 1
    f.correct(bureau, case, record_of(case, "preservation_settled"), at("2026-01-26 10:00"), reason="日期录错")
    assert EvidenceAct.objects.get(pk=first.pk).settled_at == at("2026-01-26 10:00")
    assert Duty.objects.get(anchor=first.anchor).state == "met_late"


def test_other_evidence_opens_no_duty_to_settle_and_needs_no_approval(bureau: Bureau) -> None:
    case = f.evidence(bureau, case_in("investigating", bureau))
    assert not Duty.objects.filter(obligation="settle_registered_evidence").exists()
    assert case.acts.get().preservation is None


@pytest.mark.rule("CN-PENALTY-56a")
def test_a_preservation_goes_from_the_officer_to_the_leader_and_into_the_evidence_on_the_pages(
    bureau: Bureau, client: Client
) -> None:
    case = case_in("investigating", bureau)
    client.force_login(bureau.lead)
    assert case.step_url("request_preservation") in client.get(case.get_absolute_url()).content.decode()
    values: dict[str, Any] = {
        "happened_at": "2026-01-14T08:30",
        "place": "示例路100号",
        "items": "工资台账三册",
        "reason": "台账可能灭失",
    }
    assert client.post(case.step_url("request_preservation"), values).status_code == 302
    request = PreservationRequest.objects.get()
    step = f"{request.get_absolute_url()}steps/"

    client.force_login(bureau.leader)
    assert [each.url for each in waiting_requests(fresh(bureau.leader))] == [request.get_absolute_url()]
    page = client.get(request.get_absolute_url()).content.decode()
    assert "工资台账三册" in page
    assert "台账可能灭失" in client.get(case.get_absolute_url()).content.decode()
    assert client.post(f"{step}send_back/", {"remarks": "写明册数所属月份"}).status_code == 302

    client.force_login(bureau.lead)
    assert Alert.objects.get(recipient=bureau.lead).title == f"先行登记保存申请已退回，请修改：{case.title}"
    changed = values | {"items": "一至三月台账三册"}
    early = client.post(f"{step}change/", changed)
    assert early.status_code == 422
    assert "不能早于上一步" in early.content.decode()
    assert client.post(f"{step}change/", changed | {"happened_at": this_minute()}).status_code == 302

    client.force_login(bureau.leader)
    assert client.post(f"{step}approve/", {"version": 2, "happened_at": this_minute()}).status_code == 302

    client.force_login(bureau.lead)
    told = Alert.objects.get(recipient=bureau.lead, title__startswith="先行登记保存申请已批准")
    assert told.body == "登记保存后请登记取证行为，并在七日（工作日）内作出处理决定（行政处罚法第五十六条）。"
    evidence = {
        "kind": "registered_preservation",
        "place": "示例路100号",
        "started_at": this_minute(),
        "ended_at": this_minute(),
        "officers": [bureau.lead.pk, bureau.co.pk],
        "certificates_shown": "on",
        "summary": "登记保存台账",
    }
    missing = client.post(case.step_url("record_evidence"), evidence)
    assert missing.status_code == 422
    assert list(missing.context["form"].errors) == ["preservation"]
    wrong = client.post(case.step_url("record_evidence"), evidence | {"kind": "interview", "preservation": request.pk})
    assert list(wrong.context["form"].errors) == ["preservation"]
    assert client.post(case.step_url("record_evidence"), evidence | {"preservation": request.pk}).status_code == 302
    assert case.step_url("settle_preservation") in client.get(case.get_absolute_url()).content.decode()
    act = EvidenceAct.objects.get()
    form = client.get(case.step_url("settle_preservation")).content.decode()
    assert "登记保存后七日（工作日）内作出（行政处罚法第五十六条）" in form
    settled = {"happened_at": this_minute(), "act": act.pk, "settlement": "核对后退还"}
    assert client.post(case.step_url("settle_preservation"), settled).status_code == 302
    course = client.get(case.get_absolute_url()).content.decode()
    for words in (
        "申请先行登记保存",
        "退回先行登记保存申请",
        "批准先行登记保存",
        "处理先行登记保存的证据",
        "核对后退还",
    ):
        assert words in course, words
    assert case.step_url("settle_preservation") not in course


def test_nothing_is_preserved_any_more_once_the_investigation_is_over(bureau: Bureau) -> None:
    case = f.investigated(bureau, case_in("investigating", bureau))
    request = f.ask_preservation(bureau, case)
    f.conclude(bureau, case)
    with pytest.raises(FactRefused, match="不在调查取证环节"):
        f.approve_preservation(bureau, request)
    assert PreservationRequest.objects.get(pk=request.pk).state == "requested"
