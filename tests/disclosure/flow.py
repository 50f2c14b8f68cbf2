"""A small invented bureau, and cases brought to their decision by the real steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from agency.models import AgencyProfile, Appointment, Certificate, Official, Role, Unit
from disclosure import services
from disclosure.models import Notice
from enforcement import services as enforcement
from enforcement.models import Case

CREDIT_CODE = "91370100MADEMA001F"
FACTS = (
    "经查，示例建筑有限公司拖欠工人赵样例等12人2026年3月工资，经责令改正拒不改正。公司法定代表人钱示范（身份证号370102198001011234，"
    "电话13800138000）承认上述事实，投诉人赵样例提供了考勤记录。"
)


@dataclass
class Bureau:
    """Who is who: the section that handles, another section, the leader, the reviewer."""

    root: Unit
    section: Unit
    other: Unit
    officer: Official
    second: Official
    head: Official
    leader: Official
    reviewer: Official
    second_reviewer: Official
    stranger: Official
    auditor: Official


def make_bureau(profile: str = "weihai-hrss") -> Bureau:
    root = Unit.objects.create(name="示例市人力资源和社会保障局", short_name="示例人社局", kind=Unit.Kind.BUREAU)
    AgencyProfile.objects.create(
        unit=root, profile=profile, document_prefix="示人社监", credit_code="11370100MB000000XX"
    )
    section = Unit.objects.create(name="示例劳动保障监察科", short_name="监察科", kind=Unit.Kind.SECTION, parent=root)
    other = Unit.objects.create(name="示例就业促进科", short_name="就业科", kind=Unit.Kind.SECTION, parent=root)
    legal = Unit.objects.create(name="示例政策法规科", short_name="法规科", kind=Unit.Kind.LEGAL, parent=root)

    def person(username: str, name: str, role: Role, unit: Unit) -> Official:
        official = Official.objects.create(username=username, name=name, unit=unit, served_from=date(2020, 1, 1))
        Appointment.objects.create(official=official, role=role, unit=unit, term=DateRange(date(2020, 1, 1), None))
        if role in (Role.SECTION_STAFF, Role.SECTION_HEAD):
            Certificate.objects.create(
                official=official,
                kind="enforcement",
                number=f"示例-{username}",
                valid_from=date(2020, 1, 1),
                valid_to=date(2030, 1, 1),
            )
        return official

    return Bureau(
        root=root,
        section=section,
        other=other,
        officer=person("officer", "孙范例", Role.SECTION_STAFF, section),
        second=person("second", "周样张", Role.SECTION_STAFF, section),
        head=person("head", "吴示例", Role.SECTION_HEAD, section),
        leader=person("leader", "郑样本", Role.LEADER, root),
        reviewer=person("reviewer", "王示例", Role.DISCLOSURE_REVIEWER, legal),
        second_reviewer=person("reviewer2", "冯样例", Role.DISCLOSURE_REVIEWER, legal),
        stranger=person("stranger", "陈范例", Role.SECTION_STAFF, other),
        auditor=person("auditor", "褚样本", Role.AUDITOR, root),
    )


def decided_case(
    bureau: Bureau, *, days_ago: int = 5, facts: str = FACTS, persons: str = "钱示范", **party: Any
) -> Case:
    """A penalty of 20,000 yuan, decided `days_ago`; the notice has drafted itself."""
    start = timezone.now().replace(second=0, microsecond=0) - timedelta(days=days_ago + 20)

    def at(day: float) -> datetime:
        return start + timedelta(days=day)

    known = {
        "party_name": "示例建筑有限公司",
        "category": "organisation",
        "credit_code": CREDIT_CODE,
        "legal_representative": "钱示范",
        "address": "示例市示例路1号",
        "phone": "13900139000",
        "complainant_name": "赵样例",
        "complainant_phone": "13700137000",
    } | party
    case = enforcement.register_source(
        unit=bureau.section,
        channel="complaint",
        received_at=at(0),
        summary="拖欠工资",
        violation="inspection-26-1",
        workers_affected=12,
        by=bureau.officer,
        **known,
    )
    case = enforcement.propose_initiation(
        case=case,
        by=bureau.officer,
        happened_at=at(1),
        violation="inspection-26-1",
        reason="涉嫌违法",
        lead=bureau.officer,
        co_officers=[bureau.second],
    )
    case = enforcement.accept_case(case=case, by=bureau.head, happened_at=at(2))
    case = enforcement.record_evidence_act(
        case=case,
        by=bureau.officer,
        kind="interview",
        started_at=at(3),
        ended_at=at(3.1),
        place="示例市示例路1号",
        officers=[bureau.officer, bureau.second],
        persons=persons,
        certificates_shown=True,
        rights_told=True,
        preservation=None,
        summary="询问",
        note=None,
    )
    case = enforcement.order_correction(
        case=case,
        by=bureau.officer,
        happened_at=at(4),
        content="支付拖欠的工资",
        due_on=timezone.localdate(at(7)),
        recipient="钱示范",
    )
    case = enforcement.verify_correction(
        case=case,
        by=bureau.officer,
        happened_at=at(9),
        order=case.corrections.get(),
        result="not_obeyed",
        verification="工资仍未支付",
    )
    case = enforcement.state_act_end(
        case=case,
        by=bureau.officer,
        happened_at=at(9.5),
        act_end="continues",
        act_ended_on=None,
        basis="核查情况",
        grave_harm="",
        grave_reason="",
        discovered_at=None,
    )
    case = enforcement.close_investigation(
        case=case,
        by=bureau.officer,
        happened_at=at(10),
        violation="inspection-30-3",
        findings=facts,
        evidence="询问笔录、考勤记录",
        opinion="建议处罚",
        is_complex=False,
        complex_reason="",
    )
    penalty = {"penalties": ["fine"], "fine": Decimal(20_000), "base": None, "penalty_details": ""}
    case = enforcement.notify_rights(
        case=case,
        by=bureau.officer,
        happened_at=at(11),
        facts_found=facts,
        reasons="经责令改正拒不改正",
        basis="《劳动保障监察条例》第三十条第一款第（三）项",
        hearing_offered=True,
        recipient="钱示范",
        **penalty,
    )
    case = enforcement.record_rights_answer(
        case=case,
        by=bureau.officer,
        happened_at=at(12),
        kind="waived",
        content="",
        review="",
        is_adopted=None,
        file=None,
    )
    case = enforcement.draft_decision(
        case=case,
        by=bureau.officer,
        happened_at=at(13),
        facts_found=facts,
        evidence="询问笔录、考勤记录",
        violated="《劳动保障监察条例》第六条",
        basis="《劳动保障监察条例》第三十条第一款第（三）项",
        discretion_tier="一般",
        discretion_reason="情节一般",
        statement_review="当事人放弃陈述申辩",
        performance="自收到本决定书之日起十五日内缴纳",
        remedies="六十日内申请行政复议，六个月内提起行政诉讼",
        added_grounds=[],
        grounds_reason="",
        **penalty,
    )
    if case.is_major:
        case = enforcement.note_review_result(
            case=case,
            result="agree",
            text_digest=case.draft.text_digest,
            happened_at=at(15),
            by=bureau.reviewer,
        )
    return enforcement.issue_decision(case=case, by=bureau.leader, happened_at=at(20), sealed=True)


def notice_of(case: Case) -> Notice:
    return Notice.objects.get(case_id=case.pk)


def submit(bureau: Bureau, notice: Notice, **texts: str) -> Notice:
    kept = {"facts_found": notice.facts, "basis": notice.basis, "content": notice.content}
    return services.submit_for_publication(
        notice=notice, by=bureau.officer, happened_at=timezone.now(), **(kept | texts)
    )


def publish(bureau: Bureau, notice: Notice) -> Notice:
    notice = submit(bureau, notice)
    return services.approve_and_publish(notice=notice, by=bureau.reviewer, happened_at=timezone.now())


def withdraw(bureau: Bureau, notice: Notice, reason: str = "处罚决定已依法撤销。") -> Notice:
    return services.withdraw(notice=notice, reason=reason, by=bureau.head, happened_at=timezone.now())
