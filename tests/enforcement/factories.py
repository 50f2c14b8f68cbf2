"""Lawful beginnings, and later states reached by taking the real steps. All people and firms are invented."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import factory
from django.db.backends.postgresql.psycopg_any import DateRange

from agency.models import AgencyProfile, Appointment, Certificate, Official, Role, Unit
from core.models import FactRecord
from enforcement import services
from enforcement.models import Case, CaseState, MomentCorrection, PreservationRequest

SHANGHAI = ZoneInfo("Asia/Shanghai")
FORMER = DateRange(date(2020, 1, 1), None)


def at(text: str) -> datetime:
    """2026-01-06 09:00 in Asia/Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


class UnitFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Unit

    name = factory.Sequence(lambda n: f"示例科室{n}")
    short_name = factory.SelfAttribute("name")
    kind = Unit.Kind.SECTION


class OfficialFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Official

    username = factory.Sequence(lambda n: f"shili{n}")
    name = factory.Sequence(lambda n: f"示例{n}")
    unit = factory.SubFactory(UnitFactory)
    served_from = date(2020, 1, 1)


class CertificateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Certificate

    official = factory.SubFactory(OfficialFactory)
    kind = Certificate.Kind.INSPECTION
    number = factory.Sequence(lambda n: f"示例证{n:03d}")
    valid_from = date(2023, 1, 1)
    valid_to = date(2030, 12, 31)


def official(name: str, role: Role, unit: Unit, *, certified: bool = False) -> Official:
    """Somebody who holds a role in a unit, with or without an enforcement certificate."""
    person: Official = OfficialFactory(name=name, unit=unit)
    Appointment.objects.create(official=person, role=role, unit=unit, term=FORMER)
    if certified:
        CertificateFactory(official=person)
    return person


def fresh(person: Official) -> Official:
    """The official as the next request loads them: nothing cached."""
    return Official.objects.get(pk=person.pk)


@dataclass
class Bureau:
    """A small bureau: an inspection section, another section, legal affairs, and one official for each part."""

    root: Unit
    section: Unit
    other_section: Unit
    legal: Unit
    lead: Official
    co: Official
    clerk: Official
    head: Official
    leader: Official
    reviewer: Official
    stranger: Official
    other_head: Official
    auditor: Official
    all: dict[str, Official] = field(default_factory=dict)


def make_bureau(**profile: Any) -> Bureau:
    root = UnitFactory(name="示例市人力资源和社会保障局", kind=Unit.Kind.BUREAU)
    AgencyProfile.objects.create(
        unit=root,
        **{
            "profile": "weihai-hrss",
            "document_prefix": "示人社监",
            "bank_name": "示例银行",
            "reconsideration_body": "示例市人民政府",
            "court": "示例区人民法院",
            "address": "示例路1号",
            "telephone": "0631-0000000",
        }
        | profile,
    )
    section = UnitFactory(name="示例劳动保障监察科", parent=root)
    other = UnitFactory(name="示例就业科", parent=root)
    legal = UnitFactory(name="示例政策法规科", parent=root, kind=Unit.Kind.LEGAL)
    people = {
        "lead": official("张示例", Role.SECTION_STAFF, section, certified=True),
        "co": official("李样本", Role.SECTION_STAFF, section, certified=True),
        "clerk": official("孙试用", Role.SECTION_STAFF, section),
        "head": official("吴样例", Role.SECTION_HEAD, section, certified=True),
        "leader": official("周范本", Role.LEADER, root),
        "reviewer": official("赵样本", Role.LEGAL_REVIEWER, legal),
        "stranger": official("钱旁例", Role.SECTION_STAFF, other, certified=True),
        "other_head": official("郑旁例", Role.SECTION_HEAD, other),
        "auditor": official("冯审例", Role.AUDITOR, root),
    }
    return Bureau(root=root, section=section, other_section=other, legal=legal, all=people, **people)


SOURCE: dict[str, Any] = {
    "channel": "complaint",
    "received_at": at("2025-12-24 09:30"),
    "summary": "12名劳动者反映被拖欠工资",
    "violation": "inspection-26-1",
    "party_name": "某某示例电子有限公司",
    "category": "organisation",
    "credit_code": "91371000MA3TEMP00G",
    "legal_representative": "孙虚构",
    "address": "示例市示例区示例路100号",
    "phone": "",
    "id_type": "",
    "id_number": "",
    "complainant_name": "马投诉",
    "complainant_phone": "13800000000",
    "workers_affected": 12,
}
REMEDIES = "对本决定不服的，可以依法向示例市人民政府申请行政复议，或者向示例区人民法院提起行政诉讼。（期限示例）"


def new_case(bureau: Bureau, **changes: Any) -> Case:
    return services.register_source(unit=bureau.section, by=bureau.lead, **(SOURCE | changes))


def propose(bureau: Bureau, case: Case, **changes: Any) -> Case:
    values = {
        "happened_at": at("2026-01-05 09:00"),
        "violation": case.violation,
        "reason": "有工资台账佐证，涉嫌无故拖欠工资",
        "lead": bureau.lead,
        "co_officers": [bureau.co],
    }
    return services.propose_initiation(case=case, by=bureau.lead, **(values | changes))


def accept(bureau: Bureau, case: Case, **changes: Any) -> Case:
    return services.accept_case(case=case, **({"by": bureau.head, "happened_at": at("2026-01-06 10:00")} | changes))


def evidence(bureau: Bureau, case: Case, **changes: Any) -> Case:
    values = {
        "by": bureau.lead,
        "kind": "site_inspection",
        "started_at": at("2026-01-14 09:02"),
        "ended_at": at("2026-01-14 10:41"),
        "place": "示例路100号",
        "officers": [bureau.lead, bureau.co],
        "persons": "行政主管 孙某",
        "certificates_shown": True,
        "rights_told": True,
        "preservation": None,
        "summary": "查看工资台账，工资未支付",
        "note": None,
    }
    return services.record_evidence_act(case=case, **(values | changes))


def ask_preservation(bureau: Bureau, case: Case, **changes: Any) -> PreservationRequest:
    """The lead officer asks on the telephone, and enters it."""
    values = {
        "by": bureau.lead,
        "happened_at": at("2026-01-14 08:30"),
        "place": "示例路100号",
        "items": "工资台账三册",
        "reason": "当事人正在清理财务室，台账可能灭失",
    }
    services.request_preservation(case=case, **(values | changes))
    request = PreservationRequest.objects.order_by("pk").last()
    assert request is not None
    return request


def approve_preservation(bureau: Bureau, request: PreservationRequest, **changes: Any) -> PreservationRequest:
    values = {"by": bureau.leader, "happened_at": at("2026-01-14 08:50"), "version": request.version}
    return services.approve_preservation(request=request, **(values | changes))


def preserve(bureau: Bureau, case: Case, **changes: Any) -> Case:
    """Evidence registered and preserved, asked and approved before."""
    approved = approve_preservation(bureau, ask_preservation(bureau, case))
    values = {"kind": "registered_preservation", "preservation": approved, "summary": "登记保存工资台账三册"}
    return evidence(bureau, case, **(values | changes))


def ask_correction(
    bureau: Bureau, case: Case, record: FactRecord, moment: datetime, **changes: Any
) -> MomentCorrection:
    values = {"by": bureau.lead, "reason": "日期录错"}
    return services.request_moment_correction(case=case, record=record, happened_at=moment, **(values | changes))


def approve_correction(bureau: Bureau, request: MomentCorrection, **changes: Any) -> MomentCorrection:
    values = {"by": bureau.head, "version": request.version}
    return services.approve_moment_correction(request=request, **(values | changes))


def correct(bureau: Bureau, case: Case, record: FactRecord, moment: datetime, **changes: Any) -> MomentCorrection:
    """Asked by the lead officer, approved by the head."""
    return approve_correction(bureau, ask_correction(bureau, case, record, moment, **changes))


def order_correction(bureau: Bureau, case: Case, **changes: Any) -> Case:
    values = {
        "by": bureau.lead,
        "happened_at": at("2026-01-14 15:00"),
        "content": "支付拖欠的工资",
        "due_on": date(2026, 1, 20),
        "recipient": "孙某",
    }
    return services.order_correction(case=case, **(values | changes))


def verify_correction(bureau: Bureau, case: Case, **changes: Any) -> Case:
    values = {
        "by": bureau.lead,
        "happened_at": at("2026-01-22 09:00"),
        "order": case.corrections.last(),
        "result": "not_obeyed",
        "verification": "工资仍未支付",
    }
    return services.verify_correction(case=case, **(values | changes))


def state_end(bureau: Bureau, case: Case, **changes: Any) -> Case:
    """Without more: the wages are still unpaid, so that no limitation runs."""
    values = {
        "by": bureau.lead,
        "happened_at": at("2026-01-22 10:00"),
        "act_end": "ended" if changes.get("act_ended_on") else "continues",
        "act_ended_on": None,
        "basis": "工资台账和核查情况",
        "grave_harm": "",
        "grave_reason": "",
        "discovered_at": None,
    }
    return services.state_act_end(case=case, **(values | changes))


def conclude(bureau: Bureau, case: Case, **changes: Any) -> Case:
    values = {
        "by": bureau.lead,
        "happened_at": at("2026-01-28 16:00"),
        "violation": "inspection-30-3",
        "findings": "经责令改正拒不改正",
        "evidence": "1. 现场检查笔录",
        "opinion": "建议罚款20000元",
        "is_complex": False,
        "complex_reason": "",
    }
    return services.close_investigation(case=case, **(values | changes))


def notify(bureau: Bureau, case: Case, **changes: Any) -> Case:
    values = {
        "by": bureau.lead,
        "happened_at": at("2026-01-29 10:00"),
        "facts_found": "经责令改正拒不改正",
        "reasons": "拖欠工资人数多",
        "basis": "《劳动保障监察条例》第三十条第一款第（三）项",
        "penalties": ["fine"],
        "fine": Decimal("20000"),
        "base": None,
        "penalty_details": "",
        "hearing_offered": False,
        "recipient": "孙某",
    }
    return services.notify_rights(case=case, **(values | changes))


def answer(bureau: Bureau, case: Case, **changes: Any) -> Case:
    values = {
        "by": bureau.lead,
        "happened_at": at("2026-02-02 10:00"),
        "kind": "waived",
        "content": "",
        "review": "",
        "is_adopted": None,
        "file": None,
    }
    return services.record_rights_answer(case=case, **(values | changes))


def draft(bureau: Bureau, case: Case, **changes: Any) -> Case:
    values = {
        "by": bureau.lead,
        "happened_at": at("2026-02-03 10:00"),
        "facts_found": "经责令改正拒不改正",
        "evidence": "1. 现场检查笔录；",
        "violated": "《劳动保障监察条例》第六条",
        "basis": "《劳动保障监察条例》第三十条第一款第（三）项",
        "penalties": ["fine"],
        "fine": Decimal("20000"),
        "base": None,
        "penalty_details": "",
        "discretion_tier": "从重",
        "discretion_reason": "涉及12名劳动者",
        "statement_review": "当事人明确放弃陈述、申辩和听证。",
        "performance": "自收到本决定书之日起十五日内，到示例银行缴纳罚款。",
        "remedies": REMEDIES,
        "added_grounds": [],
        "grounds_reason": "",
    }
    return services.draft_decision(case=case, **(values | changes))


def review(bureau: Bureau, case: Case, **changes: Any) -> Case:
    """Legal affairs agree to the present draft, as the review app writes it down."""
    values = {
        "result": Case.AGREED,
        "text_digest": case.draft.text_digest,
        "happened_at": at("2026-02-09 15:00"),
        "by": bureau.reviewer,
    }
    return services.note_review_result(case=case, **(values | changes))


def decide(bureau: Bureau, case: Case, **changes: Any) -> Case:
    values = {"by": bureau.leader, "happened_at": at("2026-02-11 10:00"), "sealed": True}
    return services.issue_decision(case=case, **(values | changes))


def serve(bureau: Bureau, case: Case, **changes: Any) -> Case:
    values = {
        "by": bureau.lead,
        "happened_at": at("2026-02-13 10:00"),
        "method": "direct",
        "recipient": "行政主管 孙某",
        "place": "示例路100号",
        "consent_signed": False,
        "receipt": None,
    }
    return services.serve_decision(case=case, **(values | changes))


def pay(bureau: Bureau, case: Case, **changes: Any) -> Case:
    values = {
        "by": bureau.lead,
        "happened_at": at("2026-02-25 10:00"),
        "amount": Decimal("20000"),
        "surcharge": Decimal(0),
        "receipt_number": "示例回单001",
        "receipt": None,
    }
    return services.record_payment(case=case, **(values | changes))


def demand(bureau: Bureau, case: Case, **changes: Any) -> Case:
    """A Thursday after the last day of payment; ten working days later is Thursday 19 March."""
    values = {
        "by": bureau.lead,
        "happened_at": at("2026-03-05 10:00"),
        "content": "请缴纳罚款20,000.00元",
        "recipient": "孙某",
        "file": None,
    }
    return services.demand_performance(case=case, **(values | changes))


def end_remedies(bureau: Bureau, case: Case, **changes: Any) -> Case:
    """The day is the officer's to say; three months after it is Wednesday 27 May."""
    values = {
        "by": bureau.lead,
        "happened_at": at("2026-03-06 10:00"),
        "ended_on": date(2026, 2, 27),
        "basis": "经查询，当事人没有申请复议，也没有起诉（示例）",
    }
    return services.state_remedies_ended(case=case, **(values | changes))


def ask_court(bureau: Bureau, case: Case, **changes: Any) -> Case:
    values = {"by": bureau.leader, "happened_at": at("2026-03-20 09:00"), "court": "示例区人民法院", "file": None}
    return services.apply_to_court(case=case, **(values | changes))


def close(bureau: Bureau, case: Case, **changes: Any) -> Case:
    values = {"by": bureau.head, "happened_at": at("2026-02-27 10:00"), "reason": "执行完毕"}
    return services.close_case(case=case, **(values | changes))


def investigated(bureau: Bureau, case: Case) -> Case:
    """Two acts of evidence-taking, an order that was not obeyed, and an act that goes on."""
    case = evidence(bureau, case)
    case = evidence(
        bureau,
        case,
        kind="interview",
        started_at=at("2026-01-14 11:00"),
        ended_at=at("2026-01-14 11:40"),
        summary="询问行政主管",
    )
    return state_end(bureau, verify_correction(bureau, order_correction(bureau, case)))


def ready_to_decide(bureau: Bureau, case: Case) -> Case:
    return review(bureau, draft(bureau, answer(bureau, case)))


# From each state to the next, by the real steps.
ONWARD: tuple[tuple[CaseState, Callable[[Bureau, Case], Case]], ...] = (
    (CaseState.PROPOSED, propose),
    (CaseState.INVESTIGATING, accept),
    (CaseState.CONCLUDED, lambda bureau, case: conclude(bureau, investigated(bureau, case))),
    (CaseState.NOTIFIED, notify),
    (CaseState.DECIDED, lambda bureau, case: decide(bureau, ready_to_decide(bureau, case))),
    (CaseState.SERVED, serve),
    (CaseState.PERFORMED, pay),
    (CaseState.CLOSED, close),
)


def case_in(state: str, bureau: Bureau, **source: Any) -> Case:
    """A case in this state, by the real steps, with the moments of the worked example in the counting rules (decided 2026-02-11)."""
    case = new_case(bureau, **source)
    if state == CaseState.NOT_FILED:
        return services.not_file(
            case=case, by=bureau.head, happened_at=at("2026-01-05 10:00"), ground="no_violation", reason="查无此事"
        )
    if state == CaseState.DISMISSED:
        case = accept(bureau, propose(bureau, case))
        return services.dismiss_case(
            case=case,
            by=bureau.leader,
            happened_at=at("2026-01-20 10:00"),
            ground="corrected",
            reason="情节轻微且已改正",
        )
    if state == CaseState.REVOKED:
        case = _onward(case, CaseState.SERVED, bureau)
        return services.revoke_decision(
            case=case,
            by=bureau.leader,
            happened_at=at("2026-03-20 10:00"),
            ground="revoked",
            reason="复议决定撤销（示例）",
        )
    return _onward(case, state, bureau)


def _onward(case: Case, state: str, bureau: Bureau) -> Case:
    for reached, step in ONWARD:
        if case.state == state:
            break
        case = step(bureau, case)
        assert case.state == reached
    assert case.state == state
    return Case.objects.get(pk=case.pk)


LATER = timedelta(minutes=1)


def record_of(case: Case, name: str) -> FactRecord:
    return FactRecord.objects.get(stream=case.stream, name=f"enforcement.{name}")
