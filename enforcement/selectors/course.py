"""The course of a case as its page tells it: stages, timeline, what cannot yet be done and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Literal

from django.urls import reverse

from core import law
from core.models import Duty, FactRecord
from core.timeline import Entry, Stage
from enforcement.facts import FACTS
from enforcement.models import Case, CaseDocument, CaseState, EvidenceAct
from enforcement.models.sources import label_of
from enforcement.selectors.casefile import CaseFile
from enforcement.selectors.requests import labels_of, told

# Stage, the case's moment that ends it, its article where one says so, and the duty whose last day it has.
STAGES = (
    ("案源登记", "registered_at", "CN-INSPECTION-14", ""),
    ("立案", "filed_at", "CN-PENALTY-54", ""),
    ("调查终结", "concluded_at", "CN-INSPECTION-17a", "close_investigation"),
    ("告知权利", "notified_at", "CN-PENALTY-44", ""),
    ("法制审核", "review_agreed_at", "CN-PENALTY-58", "legal_review"),
    ("作出决定", "decided_at", "CN-PENALTY-57", "decide_case"),
    ("送达", "served_at", "CN-PENALTY-61", "serve_decision"),
    ("履行", "performed_at", "CN-PENALTY-67", "pay_fine"),
    ("结案", "ended_at", "", ""),
    ("决定已撤销", "revoked_at", "", ""),
)
ARTICLES = {
    "enforcement.source_registered": "CN-INSPECTION-14",
    "enforcement.case_filed": "CN-PENALTY-54",
    "enforcement.evidence_taken": "CN-PENALTY-42",
    "enforcement.preservation_approved": "CN-PENALTY-56a",
    "enforcement.preservation_settled": "CN-PENALTY-56",
    "enforcement.correction_ordered": "CN-INSPECTION-18",
    "enforcement.act_ended": "CN-PENALTY-36",
    "enforcement.act_continues": "CN-PENALTY-36",
    "enforcement.investigation_closed": "CN-PENALTY-57",
    "enforcement.rights_notified": "CN-PENALTY-44",
    "enforcement.rights_answered": "CN-PENALTY-45",
    "enforcement.hearing_held": "CN-PENALTY-63",
    "enforcement.discussion_held": "CN-PENALTY-57",
    "enforcement.decision_made": "CN-PENALTY-57",
    "enforcement.decision_served": "CN-PENALTY-61",
    "enforcement.fine_paid": "CN-PENALTY-67",
    "enforcement.surcharge_imposed": "CN-PENALTY-72",
    "enforcement.performance_demanded": "CN-COERCION-54",
    "enforcement.remedies_ended": "CN-COERCION-53",
    "enforcement.court_asked": "CN-COERCION-53",
}


def stages_of(case: Case, duties: Iterable[Duty]) -> list[Stage]:
    """The stage line. A case that ended early ends its line where it stands."""
    running = {duty.obligation: duty for duty in duties if duty.is_open}
    cut_short = case.state in (CaseState.NOT_FILED, CaseState.DISMISSED, CaseState.REVOKED)
    stages: list[Stage] = []
    now_is_set = False
    for label, moment, rule, obligation in STAGES:
        if moment == "review_agreed_at" and not case.is_major:
            continue
        on: datetime | None = getattr(case, moment)
        if moment == "ended_at" and cut_short:
            if on == case.revoked_at:
                continue
            label = "结案" if case.revoked_at else case.get_state_display()
        if (cut_short or moment == "revoked_at") and on is None:
            continue
        done = on is not None
        state: Literal["done", "now", "todo"] = "done" if done else ("todo" if now_is_set else "now")
        now_is_set = now_is_set or not done
        citation = law.cite(rule, case.unit_id) if rule else None
        duty = running.get(obligation)
        stages.append(
            Stage(
                label=label,
                state=state,
                on=on,
                due=duty.due_at if duty else None,
                why=duty.get_absolute_url() if duty else "",
                citation=citation,
            )
        )
    return stages


def timeline_of(file: CaseFile, *, corrects: bool = False) -> list[Entry]:
    """Facts and duties of the case; each fact with the way to correct its moment where that was asked for. A corrected fact stands twice: where it truly happened, and struck through where it was entered."""
    case = file.case
    details = _details(case)
    papers: dict[tuple[str, Any], CaseDocument] = {(paper.kind, paper.row_id): paper for paper in file.documents}
    met = {duty.met_by_id: duty for duty in file.duties if duty.met_by_id}
    labels = labels_of(file.records)
    people = {record.recorded_by_id: record.recorded_by.name for record in file.records}
    entries: list[Entry] = []
    for record in file.records:
        if record.corrects_id:
            continue
        entries.append(_entry(case, record, details, papers, met, labels, corrects=corrects))
        entries.extend(replaced_entries(record, people))
    entries.extend(Entry.of_duty(duty) for duty in file.duties if duty.is_open)
    return entries


def _entry(
    case: Case,
    record: FactRecord,
    details: dict[tuple[str, Any], str],
    papers: dict[tuple[str, Any], CaseDocument],
    met: dict[int, Duty],
    labels: dict[int, str],
    *,
    corrects: bool,
) -> Entry:
    fact = FACTS.get(record.name)
    rule = ARTICLES.get(record.name)
    key = next(
        (
            record.payload[name]
            for name in ("act", "order", "answer", "notice", "hearing", "version", "discussion", "demand")
            if name in record.payload
        ),
        None,
    )
    title, detail = (
        record.label,
        details.get((record.name, key), "") or _changed(record) or _ended(record) + told(record, labels),
    )
    if record.name == "enforcement.evidence_taken":
        title = str(EvidenceAct.Kind(record.payload["kind"]).label)
    paper = papers.get(_paper_of(case, record))
    links = [(paper.number or paper.title, paper.get_absolute_url())] if paper else []
    if corrects and not (fact and fact.is_clerical):
        links.append(("更正时间", correction_url(case.pk, record)))
    duty = met.get(record.pk)
    return Entry(
        at=record.effective_happened_at,
        title=title,
        detail=detail,
        icon=fact.icon if fact else "document",
        tone="key" if fact and fact.is_key else "plain",
        who=record.recorded_by.name,
        citations=(law.cite(rule, case.unit_id),) if rule else (),
        links=tuple(links),
        recorded_at=record.shown_recorded_at,
        fragment="enforcement/_met.html" if duty else "",
        extra={"duty": duty} if duty else {},
    )


def _changed(record: FactRecord) -> str:
    """Which fields of the registration a supplement changed; what they say is not for everybody (inspection regulation 9)."""
    return "、".join(label_of(field) for field in record.payload.get("changed", ()))


def _ended(record: FactRecord) -> str:
    """The day on which the act or the party's terms ended, as this statement says; a later one may say another."""
    day = record.payload.get("ended_on")
    return f"{date.fromisoformat(day):%Y年%-m月%-d日}。" if day else ""


def correction_url(case_id: int, record: FactRecord) -> str:
    """Where it is asked that the moment of a fact on this case be put right."""
    return reverse("enforcement:correct", args=[case_id, record.pk])


def replaced_entries(record: FactRecord, people: Mapping[int, str] = MappingProxyType({})) -> list[Entry]:
    """The moments a fact had before its corrections; who asked for one is among the people of the case's facts."""
    return [
        Entry(
            at=datetime.fromisoformat(correction.payload["replaced"]),
            title=record.label,
            icon="pencil",
            who=people.get(correction.payload.get("requested_by", 0), record.recorded_by.name),
            replaced=f"更正：{correction.reason}（批准人：{correction.approved_by.name if correction.approved_by else ''}）",
        )
        for correction in record.corrections_in_order()
    ]


def _paper_of(case: Case, record: FactRecord) -> tuple[str, Any]:
    """Kind and row of the document that an act made."""
    kind = CaseDocument.Kind
    payload = record.payload
    match record.name:
        case "enforcement.case_filed":
            return kind.INITIATION, case.pk
        case "enforcement.correction_ordered":
            return kind.CORRECTION, payload["order"]
        case "enforcement.rights_notified":
            return kind.NOTICE, payload["notice"]
        case "enforcement.decision_made":
            return kind.DECISION, payload["decision"]
        case "enforcement.investigation_closed":
            return kind.CONCLUSION, case.conclusion.pk
        case "enforcement.decision_served":
            return kind.RECEIPT, case.service.pk
    return "", None


def _details(case: Case) -> dict[tuple[str, Any], str]:
    """The words beside each fact, from the case's rows: the ledger itself holds none."""
    details: dict[tuple[str, Any], str] = {
        ("enforcement.source_registered", None): f"{case.source.get_channel_display()}：{case.source.summary}"
    }
    officers = "、".join(row.official.name for row in case.officers.all())
    if officers:
        details["enforcement.initiation_proposed", None] = f"承办人：{officers}"
    if case.number:
        details["enforcement.case_filed", None] = case.number
    for act in case.acts.all():
        names = "、".join(row.official.name for row in act.officers.all())
        excluded = f"　已排除：{act.excluded_reason}" if act.excluded_at else ""
        details["enforcement.evidence_taken", act.pk] = f"{act.place}，执法人员{names}{excluded}"
        details["enforcement.evidence_excluded", act.pk] = act.excluded_reason
    for order in case.corrections.all():
        details["enforcement.correction_ordered", order.pk] = f"{order.content}，限{order.due_on:%-m月%-d日}前改正"
        if order.verified_at:
            details["enforcement.correction_verified", order.pk] = f"{order.get_result_display()}：{order.verification}"
    for notice in case.notices.all():
        details["enforcement.rights_notified", notice.pk] = f"拟{notice.proposed}签收人：{notice.recipient}"
        for answer in notice.answers.all():
            details["enforcement.rights_answered", answer.pk] = (
                f"{answer.get_kind_display()}{'：' + answer.content if answer.content else ''}"
            )
    for draft in case.drafts.all():
        details["enforcement.decision_drafted", draft.version] = f"第{draft.version}稿：{draft.penalty_text}"
        details["enforcement.decision_sent_back", draft.version] = f"第{draft.version}稿：{draft.remarks}"
    for discussion in case.discussions.all():
        details["enforcement.discussion_held", discussion.pk] = discussion.conclusion
    if hasattr(case, "decision"):
        details["enforcement.decision_made", None] = f"{case.decision.number}　{case.decision.penalty_text}"
    if hasattr(case, "service"):
        details["enforcement.decision_served", None] = (
            f"{case.service.get_method_display()}，收件人：{case.service.recipient}"
        )
    for demand in case.demands.all():
        details["enforcement.performance_demanded", demand.pk] = f"{demand.content}收件人：{demand.recipient}"
    if hasattr(case, "court_application"):
        details["enforcement.court_asked", None] = case.court_application.court
    if hasattr(case, "payment"):
        details["enforcement.fine_paid", None] = f"{case.payment.amount:,.2f}元，凭证{case.payment.receipt_number}"
    if case.end_reason:
        details["enforcement.case_closed", None] = case.end_reason
    if case.revoke_reason:
        details["enforcement.decision_revoked", None] = case.revoke_reason
    if case.remarks:
        details["enforcement.initiation_sent_back", None] = case.remarks
    return details
