"""How each demand on a penalty case is checked. Whether it binds, and under which articles, the rulebook says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from django.db.models import prefetch_related_objects
from django.utils import timezone

from agency import selectors as agency
from core import law
from core.lifecycle import Attempt, BindingRules, Unmet, guard
from core.models import Duty, FactRecord
from enforcement import execution, facts, hearing, limitation, major, terms  # noqa: F401  (the guards of execution and limitation register themselves)
from enforcement.models import ActRecording, Case, EvidenceAct, RequestState, RightsAnswer, RightsNotice, Source
from rulebook.conditions import WHETHER

if TYPE_CHECKING:
    from agency.models import Official
    from enforcement.models import DecisionDraft


def _day(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%-m月%-d日}"


@guard("source_registered")
def source_registered(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """The source says what happened, and a complaint says whose it is; a report may be anonymous (inspection regulation 9, 14)."""
    source = case.source
    if source.channel == Source.Channel.COMPLAINT and not source.complainant_name.strip():
        return Unmet(rules, "投诉案源没有登记投诉人", fix=case.step_url("supplement_source"), fix_label="去补充")
    if not source.summary.strip():
        return Unmet(rules, "案源没有登记反映的事实", fix=case.step_url("supplement_source"), fix_label="去补充")
    return None


@guard("initiation_reasoned")
def initiation_reasoned(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """Filing says why: the suspected violation and the reasons for investigating it."""
    if case.initiation_reason.strip():
        return None
    return Unmet(rules, "没有写明立案理由", fix=case.step_url("propose_initiation"), fix_label="去呈报")


@guard("urgent_start_known")
def urgent_start_known(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """Only where a rule of the unit knows it may officers begin before the filing is approved, and once."""
    if not rules:
        return Unmet(rules, "本单位适用的规定没有紧急当场启动，应当先批准立案")
    return Unmet(rules, "本案已经紧急当场启动") if case.urgently_started_at else None


@guard("two_certified_officers", threshold=True)
def two_certified_officers(case: Case, rules: BindingRules, attempt: Attempt) -> list[Unmet] | None:
    """Enough officers, each with a certificate valid on the day, at every act of evidence-taking; names who lacks.

    With content, only the act that is being recorded is asked; otherwise every act the case rests on.
    """
    needed = rules.strictest_threshold
    if attempt.content and "officers" in attempt.content:
        content = attempt.content
        acts = [
            (
                "本次取证",
                timezone.localdate(content["started_at"]),
                list(content["officers"]),
                case.step_url("record_evidence"),
            )
        ]
    else:
        acts = [
            (
                f"{_day(act.started_at)}{act.get_kind_display()}",
                timezone.localdate(act.started_at),
                [row.official for row in act.officers.all()],
                case.step_url("exclude_evidence"),
            )
            for act in _with_certificates(case.relied_on)
        ]
    found = [_too_few(rules, name, on, officers, needed, fix) for name, on, officers, fix in acts]
    return [unmet for unmet in found if unmet is not None] or None


def _with_certificates(acts: list[Any]) -> list[Any]:
    """The acts with their officers and the officers' certificates, read now where they were not read with the case."""
    prefetch_related_objects(acts, "officers__official__certificates")
    return acts


def _too_few(rules: BindingRules, act: str, on: date, officers: list[Official], needed: int, fix: str) -> Unmet | None:
    lacking = [officer.name for officer in officers if not any(c.is_valid_on(on) for c in officer.certificates.all())]
    if len(officers) - len(lacking) >= needed:
        return None
    if len(officers) < needed:
        why = f"只有{len(officers)}名执法人员"
        if lacking:
            why += f"，其中{'、'.join(lacking)}没有当日有效的执法证件"
    else:
        why = f"{'、'.join(lacking)}没有当日有效的执法证件"
    return Unmet(rules, f"{act}的持证执法人员少于{needed}人：{why}", fix=fix, fix_label="去处理")


@guard("enforcement_announced")
def enforcement_announced(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """At every act the officers showed their certificates and told the party why, on what basis and what its rights and duties are."""
    content = attempt.content or {}
    told = (("certificates_shown", "出示执法证件"), ("rights_told", "告知事由、依据、权利义务"))
    missing = [label for name, label in told if content.get(name) is False]
    if not missing:
        return None
    return Unmet(
        rules, f"本次取证没有{'，没有'.join(missing)}", fix=case.step_url("record_evidence"), fix_label="去登记"
    )


@guard("evidence_recorded")
def evidence_recorded(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """At least one act of evidence-taking on which the case may rest."""
    if case.relied_on:
        return None
    return Unmet(rules, "还没有登记取证行为", fix=case.step_url("record_evidence"), fix_label="去登记")


STAGES = {
    "initiation": {facts.CaseFiled.name},
    "evidence": {facts.EvidenceTaken.name},
    "decision": {facts.DecisionMade.name},
    "service": {facts.DecisionServed.name},
    "performance": {facts.FinePaid.name, facts.PenaltyPerformed.name},
}


@guard("whole_process_recorded", items=STAGES)
def whole_process_recorded(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """Every stage that the rules list has left its line in the ledger, by whichever way the file came here."""
    written = set(FactRecord.objects.filter(stream=case.stream).values_list("name", flat=True))
    missing = {item.key: item.label for item in rules.items if written.isdisjoint(STAGES[item.key])}
    if not missing:
        return None
    return Unmet(rules.listing(*missing), f"案卷没有{'、'.join(missing.values())}的记录", fix=case.get_absolute_url())


@guard("order_disobeyed")
def order_disobeyed(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """Who is punished for not obeying was ordered before, and a verification found the order disobeyed (inspection regulation 30)."""
    if case.disobeyed_an_order:
        return None
    orders = list(case.corrections.all())
    if not orders:
        text = "本案没有下达过责令改正，不能认定拒不改正"
    elif any(order.verified_at is None for order in orders):
        text = "责令改正还没有核查，不能认定拒不改正"
    else:
        text = "责令改正经核查已经改正，不能认定拒不改正"
    return Unmet(rules, text, fix=case.get_absolute_url(), fix_label="看案卷")


@guard("act_punishable")
def act_punishable(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """The act that the conclusion established has a penalty; what is only ordered to be put right is never punished (Penalty Law 4)."""
    act = case.punished
    if act.is_punishable:
        return None
    return Unmet(rules, f"查明的行为是“{act.title}”，{act.cited}只规定{act.order}，没有处罚，不能给予行政处罚")


@guard("written_conclusion")
def written_conclusion(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """The conclusion is written before the party is notified."""
    if hasattr(case, "conclusion"):
        return None
    return Unmet(rules, "缺调查终结报告", fix=case.step_url("close_investigation"), fix_label="去填写")


# What of a notice is the case's own; "rights" are the document's.
RIGHTS_PARTS: Final = {"content": "penalties", "facts": "facts", "reasons": "reasons", "basis": "basis"}


@guard("rights_text_complete", items=(*RIGHTS_PARTS, "rights"))
def rights_text_complete(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """The notice says everything the law lists; the rights themselves stand in the document's own text."""
    if attempt.content is None:
        return None
    parts = [(item.label, RIGHTS_PARTS.get(item.key)) for item in rules.items]
    missing = [label for label, part in parts if part and not attempt.content[part]]
    if not missing:
        return None
    return Unmet(rules, f"告知书缺：{'、'.join(missing)}", fix=case.step_url("notify"), fix_label="去补充")


@guard("hearing_offered")
def hearing_offered(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """A notice of a penalty this heavy tells the party that it may ask for a hearing."""
    content = attempt.content
    if content is None or content["hearing_offered"]:
        return None
    why = hearing.why_offered(content["penalties"], content["fine"])
    return Unmet(rules, why, fix=case.step_url("notify"), fix_label="去补充") if why else None


@guard("rights_answered_or_waived", besides={"hearing_offered": WHETHER})
def rights_answered_or_waived(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """The party was told exactly this penalty, and waived, was heard, or let the period pass.

    The law names a period only for asking for a hearing. Where none was offered, silence is waited for as long [ours], and the
    rule of the hearing is not cited.
    """
    notice = case.notice
    if notice is None:
        return Unmet(rules, "还没有向当事人告知拟处罚内容和权利", fix=case.step_url("notify_again"), fix_label="去告知")
    draft = case.draft
    if draft is not None and _is_heavier(draft, notice):
        return Unmet(
            rules, "决定草案的处罚重于已告知的内容，应当重新告知", fix=case.step_url("notify_again"), fix_label="去告知"
        )
    if notice.hearing_offered:
        rules = _with_hearing(case, attempt)
    kinds = {answer.kind for answer in notice.answers.all()}
    if RightsAnswer.Kind.WAIVED in kinds:
        return None
    if RightsAnswer.Kind.HEARING in kinds:
        return None  # the hearing itself is another demand
    if RightsAnswer.Kind.STATEMENT in kinds and not notice.hearing_offered:
        return None
    ends = terms.answer_period_ends(case, notice.served_at)
    if ends is None or attempt.happened_at > ends:
        return None
    said = "没有放弃听证" if RightsAnswer.Kind.STATEMENT in kinds else "还没有答复"
    return Unmet(
        rules, f"当事人{said}，{_day(ends)}24:00前不能决定", fix=case.step_url("answer_rights"), fix_label="去登记"
    )


def _with_hearing(case: Case, attempt: Attempt) -> BindingRules:
    """What binds the answer to a notice that offered a hearing: also the rules that speak only of such a notice."""
    fields = case.law_fields() | {"hearing_offered": True}
    on = timezone.localdate(attempt.happened_at)
    found = law.gates("rights_answered_or_waived", unit_id=case.unit_id, on=on, fields=fields)
    return BindingRules(found, tuple(law.cite(rule.id, case.unit_id) for rule in found))


def _is_heavier(draft: Any, notice: RightsNotice) -> bool:
    if set(draft.penalties) - set(notice.penalties):
        return True
    return draft.fine is not None and (notice.fine is None or draft.fine > notice.fine)


@guard("hearing_over")
def hearing_over(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """A hearing that was asked for was held."""
    if not case.awaits_hearing:
        return None
    return Unmet(rules, "当事人要求听证，还没有举行听证", fix=case.step_url("record_hearing"), fix_label="去登记")


@guard("hearing_called_in_time")
def hearing_called_in_time(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """The party was told of the hearing so many days before as the rules say (Penalty Law 64). The content names the moment of the call."""
    if attempt.content is None:
        return None
    last = terms.last_day_to_call(case, attempt.happened_at)
    if last is None or timezone.localdate(attempt.content["called_at"]) <= last.day:
        return None
    text = f"{_day(attempt.happened_at)}举行听证的，最迟应当在{_day(last.due)}通知当事人及有关人员"
    return Unmet(rules, text, fix=case.step_url("record_hearing"), fix_label="去登记")


@guard("major_decision", sums=major.SUMS)
def major_decision(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """A decision on which a ground bears is on record as major: a ground may have come after the draft, as a hearing does."""
    return _off_the_record(case, rules, attempt)


@guard("major_penalty", sums=major.SUMS)
def major_penalty(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """The same for rules that say by money and kind which penalty is major; they give the sums."""
    return _off_the_record(case, rules, attempt)


def _off_the_record(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    if case.is_major:
        return None
    bearing = {ground["rule"] for ground in major.grounds_of(case, at=attempt.happened_at)}
    if not any(rule.id in bearing for rule in rules):
        return None
    return Unmet(rules, "案件没有列为重大执法决定", fix=case.step_url("draft_decision"), fix_label="去拟稿")


@guard("legal_review_agreed", sums=major.SUMS)
def legal_review_agreed(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """Legal affairs agreed to exactly the text that is about to be signed; anything but "agree" blocks."""
    if not case.is_major:
        return None
    draft = case.draft
    review = f"{case.get_absolute_url()}#legal-review"
    if draft is None:
        return Unmet(
            rules, "还没有拟制处罚决定，不能送法制审核", fix=case.step_url("draft_decision"), fix_label="去拟稿"
        )
    if case.review_agreed_at is None:
        text = "法制审核没有通过" if case.review_result else "未经法制审核"
        return Unmet(rules, f"{text}，不得作出决定", fix=review, fix_label="看法制审核")
    if case.review_text_digest != draft.text_digest:
        return Unmet(rules, "处罚决定草案在审核同意后有改动，应当重新送审", fix=review, fix_label="去送审")
    if attempt.happened_at < case.review_agreed_at:
        return Unmet(
            rules, f"法制审核于{_day(case.review_agreed_at)}同意，决定不能早于审核", fix=review, fix_label="去查看"
        )
    return None


@guard("collective_discussion", items=("complex", "major"))
def collective_discussion(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """A complex or grave case was discussed by the leaders together, on the present draft; and any major decision where a rule lists it."""
    draft = case.draft
    if not case.is_complex:
        rules = rules.listing("major")
    if draft is None or not rules or not (case.is_complex or case.is_major):
        return None
    if any(discussion.text_digest == draft.text_digest for discussion in case.discussions.all()):
        return None
    what = "情节复杂或者重大违法行为的处罚" if case.is_complex else "重大行政执法决定"
    return Unmet(rules, f"{what}，还没有集体讨论", fix=case.step_url("record_discussion"), fix_label="去登记")


# What the text of a decision can be looked through for. "other" names nothing: the rest of the list is all there is to look for.
DECISION_ITEMS: Final[dict[str, Callable[[Case, DecisionDraft, bool], object]]] = {
    "party": lambda case, draft, sealed: case.party.name and case.party.address,
    "facts_and_evidence": lambda case, draft, sealed: draft.facts and draft.evidence,
    "kind_and_basis": lambda case, draft, sealed: draft.penalties and draft.basis,
    "basis": lambda case, draft, sealed: draft.basis,
    "content": lambda case, draft, sealed: draft.penalty_text,
    "performance": lambda case, draft, sealed: draft.performance,
    "remedies": lambda case, draft, sealed: draft.remedies,
    "agency_and_date": lambda case, draft, sealed: agency.agency_name(),
    "discretion": lambda case, draft, sealed: draft.discretion_tier.strip() and draft.discretion_reason.strip(),
    "seal": lambda case, draft, sealed: sealed,
    "seal_and_date": lambda case, draft, sealed: sealed,
    "other": lambda case, draft, sealed: True,
}


@guard("decision_complete", items=DECISION_ITEMS)
def decision_complete(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """The document will say all items that the rules list, each once, and bear the seal."""
    draft = case.draft
    if draft is None:
        return Unmet(rules, "还没有拟制处罚决定", fix=case.step_url("draft_decision"), fix_label="去拟稿")
    if draft.sent_back_at is not None:
        return Unmet(
            rules, "处罚决定草案已退回，还没有重新拟稿", fix=case.step_url("draft_decision"), fix_label="去拟稿"
        )
    sealed = attempt.content is None or attempt.content["sealed"]
    missing = {item.key: item.label for item in rules.items if not DECISION_ITEMS[item.key](case, draft, sealed)}
    if not missing:
        return None
    text = f"处罚决定书缺：{'、'.join(missing.values())}"
    return Unmet(rules.listing(*missing), text, fix=case.step_url("draft_decision"), fix_label="去补充")


@guard("recordings_explained")
def recordings_explained(case: Case, rules: BindingRules, attempt: Attempt) -> list[Unmet] | None:
    """Every break in a recording has its technical reason."""
    return _per_act(
        case,
        rules,
        lambda recording: recording.gap_seconds > 0 and not recording.explained,
        "的录像有中断，缺原因说明",
        "去说明",
    )


@guard("recordings_stored")
def recordings_stored(case: Case, rules: BindingRules, attempt: Attempt) -> list[Unmet] | None:
    """Every recording of the case stands in the store; with its index, where a rule lists that too."""
    enough, text = set(ActRecording.State) - {ActRecording.State.MADE}, "的录像没有入库"
    if rules.listing("index"):
        enough, text = {ActRecording.State.INDEXED}, "的录像没有入库并编制索引"
    return _per_act(case, rules, lambda recording: recording.state not in enough, text, "去入库")


def _per_act(
    case: Case, rules: BindingRules, is_wanting: Callable[[ActRecording], bool], text: str, label: str
) -> list[Unmet] | None:
    acts = list(case.acts.all())
    prefetch_related_objects(acts, "recordings")
    wanting = [act for act in acts if any(is_wanting(recording) for recording in act.recordings.all())]
    return [
        Unmet(
            rules, f"{_day(act.started_at)}{act.get_kind_display()}{text}", fix=act.get_absolute_url(), fix_label=label
        )
        for act in wanting
    ] or None


# --- demands of the procedure itself: without a rule of their own, they keep steps away from files they do not concern ---------


@guard("correction_ordered")
def correction_ordered(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """There is an order whose result is not yet verified."""
    waiting = any(order.verified_at is None for order in case.corrections.all())
    return None if waiting else Unmet(rules, "没有待核查的责令改正")


@guard("correction_verified")
def correction_verified(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """Every order to correct was verified before the investigation ends."""
    waiting = next((order for order in case.corrections.all() if order.verified_at is None), None)
    if waiting is None:
        return None
    return Unmet(
        rules, f"责令改正（{waiting.number}）还没有核查", fix=case.step_url("verify_correction"), fix_label="去核查"
    )


@guard("hearing_requested")
def hearing_requested(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """The party asked for a hearing."""
    answers = (answer for notice in case.notices.all() for answer in notice.answers.all())
    asked = any(answer.kind == RightsAnswer.Kind.HEARING for answer in answers)
    return None if asked else Unmet(rules, "当事人没有要求听证")


@guard("draft_written")
def draft_written(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """There is a draft that has not been sent back."""
    draft = case.draft
    return None if draft is not None and draft.sent_back_at is None else Unmet(rules, "没有待审批的处罚决定草案")


@guard("fine_imposed")
def fine_imposed(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """The decision imposed a fine."""
    return None if case.decision.fine is not None else Unmet(rules, "本决定没有罚款")


@guard("no_fine_imposed")
def no_fine_imposed(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """The decision imposed no fine, so that there is no payment to wait for."""
    return None if case.decision.fine is None else Unmet(rules, "本决定有罚款，缴清后即为履行")


def investigation_duty(case: Case) -> Duty | None:
    """The duty to complete the investigation, as it runs now."""
    return max(case.duties_of_its_own("close_investigation"), key=lambda duty: duty.pk, default=None)


@guard("investigation_extendable")
def investigation_extendable(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """Lengthened once, while the period still runs (inspection regulation 17)."""
    duty = investigation_duty(case)
    if duty is None or not duty.is_open:
        return Unmet(rules, "调查期限没有在计算中")
    if duty.extended_on is not None:
        return Unmet(rules, "调查期限已经延长过一次", fix=duty.get_absolute_url(), fix_label="看计算")
    if attempt.happened_at > duty.due_at:
        return Unmet(rules, "调查期限已经届满，不能再延长", fix=duty.get_absolute_url(), fix_label="看计算")
    return None


@guard("preservation_approved")
def preservation_approved(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """Registered preservation is approved by the head of the agency before it begins (Penalty Law 56); the law knows no approval after it."""
    content = attempt.content or {}
    if content.get("kind") != EvidenceAct.Kind.REGISTERED:
        return None
    approval, fix = content.get("preservation"), case.step_url("request_preservation")
    if approval is None or approval.case_id != case.pk or approval.state != RequestState.APPROVED:
        return Unmet(rules, "先行登记保存未经行政机关负责人批准", fix=fix, fix_label="去申请批准")
    if content["started_at"] < approval.decided_at:
        at = timezone.localtime(approval.decided_at)
        return Unmet(rules, f"先行登记保存早于批准（{at:%Y年%-m月%-d日%H:%M}）", fix=case.step_url("record_evidence"))
    return None


@guard("evidence_preserved")
def evidence_preserved(case: Case, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """There is registered evidence of which nobody decided yet what becomes of it."""
    return None if case.unsettled_preservations else Unmet(rules, "没有等待处理的先行登记保存的证据")


@guard("preservation_settled")
def preservation_settled(case: Case, rules: BindingRules, attempt: Attempt) -> list[Unmet] | None:
    """The investigation leaves no registered evidence of which nobody decided what becomes of it (Penalty Law 56)."""
    fix = case.step_url("settle_preservation")
    return [
        Unmet(rules, f"{_day(act.ended_at)}先行登记保存的证据还没有作出处理决定", fix=fix, fix_label="去处理")
        for act in case.unsettled_preservations
    ] or None
