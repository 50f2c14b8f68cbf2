"""General-procedure penalty (普通程序), Administrative Penalty Law chapter V section 3, in labour inspection. One row, one legal step."""

from core.lifecycle import Lifecycle, Step
from enforcement.models import Case, MomentCorrection, PreservationRequest
from enforcement.models import CaseState as S
from enforcement.models import RequestState as R
from enforcement.permissions import (
    may_apply_to_court,
    may_approve,
    may_approve_correction,
    may_approve_preservation,
    may_change_request,
    may_close,
    may_extend_investigation,
    may_investigate,
    may_propose,
    may_sign,
    may_state_act_end,
)


def _step(key: str, label: str, from_: str | tuple[str, ...], to: str, who, form: str, service: str, **more) -> Step:  # type: ignore[no-untyped-def]
    return Step(
        key, label, from_, to, who, form=f"enforcement.forms.{form}", service=f"enforcement.services.{service}", **more
    )


def _has_evidence(case: Case) -> bool:
    return bool(case.relied_on)


def _has_order(case: Case) -> bool:
    return bool(case.corrections.all())


def _draft_stands(case: Case) -> bool:
    """There is a draft that neither the leader sent back nor the legal office wants corrected."""
    draft = case.draft
    return draft is not None and draft.sent_back_at is None and case.review_result in ("", Case.AGREED)


def _is_answered(case: Case) -> bool:
    """The party answered, or its silence was long enough for a draft."""
    return case.draft is not None or any(notice.answers.all() for notice in case.notices.all())


def _no_hearing_is_due(case: Case) -> bool:
    return not case.awaits_hearing


AFTER_FILING = (S.INVESTIGATING, S.CONCLUDED, S.NOTIFIED)
# The proposal that lies before the section head stays as it is.
BEFORE_DECISION = (S.REGISTERED, *AFTER_FILING)

# fmt: off
PENALTY = Lifecycle(
    name="penalty",
    title="行政处罚普通程序",
    states=S,
    initial=(S.REGISTERED,),
    steps=(
        #     key                       label                   from             to               who              form                  service                      what must hold first, and the article
        _step("propose_initiation",     "呈报立案",              S.REGISTERED,    S.PROPOSED,      may_propose,     "InitiationForm",     "propose_initiation",        demands=("source_registered",), article="CN-PENALTY-54"),
        _step("supplement_source",      "补充案源",              S.REGISTERED,    S.REGISTERED,    may_propose,     "SupplementForm",     "supplement_source",         primary=False),
        _step("start_at_once",          "紧急当场启动",          S.REGISTERED,    S.REGISTERED,    may_propose,     "UrgentStartForm",    "start_at_once",             demands=("!urgent_start_known",), article="LY-REC-13b", primary=False),
        _step("accept",                 "批准立案",              S.PROPOSED,      S.INVESTIGATING, may_approve,     "AcceptForm",         "accept_case",               demands=("source_registered", "initiation_reasoned", "pursued_in_time"), article="CN-PENALTY-54"),
        _step("send_back_initiation",   "退回立案呈报",          S.PROPOSED,      S.REGISTERED,    may_approve,     "RemarksForm",        "send_back_initiation",      sends_back=True, primary=False),
        _step("not_file",               "不予立案",              (S.REGISTERED, S.PROPOSED), S.NOT_FILED, may_approve, "NotFileForm",      "not_file",                  article="CN-INSPECTION-14", primary=False),
        _step("record_evidence",        "登记取证行为",          S.INVESTIGATING, S.INVESTIGATING, may_investigate, "EvidenceForm",       "record_evidence_act",       demands=("two_certified_officers", "enforcement_announced", "preservation_approved"), article="CN-PENALTY-42", done=_has_evidence),
        _step("request_preservation",   "申请先行登记保存",      S.INVESTIGATING, S.INVESTIGATING, may_investigate, "PreservationForm",   "request_preservation",      article="CN-PENALTY-56a", primary=False),
        _step("settle_preservation",    "处理先行登记保存的证据", S.INVESTIGATING, S.INVESTIGATING, may_investigate, "SettlementForm",     "settle_preservation",       demands=("!evidence_preserved",), article="CN-PENALTY-56", primary=False),
        _step("extend_investigation",   "批准延长调查期限",      S.INVESTIGATING, S.INVESTIGATING, may_extend_investigation, "ExtensionForm",      "extend_investigation",      demands=("!investigation_extendable",), article="CN-INSPECTION-17b", primary=False),
        _step("exclude_evidence",       "排除证据",              S.INVESTIGATING, S.INVESTIGATING, may_investigate, "ExcludeForm",        "exclude_evidence",          primary=False),
        _step("order_correction",       "责令改正",              S.INVESTIGATING, S.INVESTIGATING, may_investigate, "CorrectionForm",     "order_correction",          article="CN-INSPECTION-18", done=_has_order),
        _step("verify_correction",      "核查改正情况",          S.INVESTIGATING, S.INVESTIGATING, may_investigate, "VerificationForm",   "verify_correction",         demands=("!correction_ordered",)),
        _step("state_act_end",          "登记违法行为终了之日",  BEFORE_DECISION, "",             may_state_act_end, "ActEndForm",       "state_act_end",             article="CN-PENALTY-36", primary=False),
        _step("close_investigation",    "调查终结",              S.INVESTIGATING, S.CONCLUDED,     may_investigate, "ConclusionForm",     "close_investigation",       demands=("two_certified_officers", "evidence_recorded", "!correction_verified", "!preservation_settled"), article="CN-INSPECTION-17a"),
        _step("notify",                 "告知拟处罚内容和权利",  S.CONCLUDED,     S.NOTIFIED,      may_investigate, "RightsNoticeForm",   "notify_rights",             demands=("written_conclusion", "!act_punishable", "discovered_in_time", "order_disobeyed", "rights_text_complete", "hearing_offered"), article="CN-PENALTY-44"),
        _step("notify_again",           "重新告知",              S.NOTIFIED,      S.NOTIFIED,      may_investigate, "RightsNoticeForm",   "notify_rights",             demands=("!act_punishable", "discovered_in_time", "order_disobeyed", "rights_text_complete", "hearing_offered"), article="CN-PENALTY-44", primary=False),
        _step("answer_rights",          "登记当事人答复",        S.NOTIFIED,      S.NOTIFIED,      may_investigate, "RightsAnswerForm",   "record_rights_answer",      article="CN-PENALTY-45", done=_is_answered),
        _step("record_hearing",         "登记听证",              S.NOTIFIED,      S.NOTIFIED,      may_investigate, "HearingForm",        "record_hearing",            demands=("!hearing_requested", "hearing_called_in_time"), article="CN-PENALTY-63", done=_no_hearing_is_due),
        _step("draft_decision",         "拟制处罚决定",          S.NOTIFIED,      S.NOTIFIED,      may_investigate, "DraftForm",          "draft_decision",            article="CN-PENALTY-59", done=_draft_stands),
        _step("record_discussion",      "登记集体讨论",          S.NOTIFIED,      S.NOTIFIED,      may_sign,        "DiscussionForm",     "record_discussion",         demands=("!draft_written",), article="CN-PENALTY-57", primary=False),
        _step("decide",                 "作出处罚决定",          S.NOTIFIED,      S.DECIDED,       may_sign,        "DecideForm",         "issue_decision",            demands=("!act_punishable", "discovered_in_time", "order_disobeyed", "rights_answered_or_waived", "hearing_over", "major_decision", "major_penalty", "legal_review_agreed", "collective_discussion", "decision_complete"), article="CN-PENALTY-57"),
        _step("send_back_decision",     "退回处罚决定草案",      S.NOTIFIED,      S.NOTIFIED,      may_sign,        "RemarksForm",        "send_back_decision",        demands=("!draft_written",), sends_back=True, primary=False),
        _step("dismiss",                "不予处罚、撤销立案",    AFTER_FILING,    S.DISMISSED,     may_sign,        "DismissForm",        "dismiss_case",              demands=("!preservation_settled",), article="CN-PENALTY-57", primary=False),
        _step("serve",                  "送达处罚决定书",        S.DECIDED,       S.SERVED,        may_investigate, "ServiceForm",        "serve_decision",            article="CN-PENALTY-61"),
        _step("pay",                    "登记缴款",              S.SERVED,        S.PERFORMED,     may_investigate, "PaymentForm",        "record_payment",            demands=("!fine_imposed",), article="CN-PENALTY-67"),
        _step("perform",                "登记执行完毕",          S.SERVED,        S.PERFORMED,     may_investigate, "PerformanceForm",    "record_performance",        demands=("!no_fine_imposed",)),
        _step("impose_surcharge",       "加处罚款",              S.SERVED,        S.SERVED,        may_sign,        "SurchargeForm",      "impose_surcharge",          demands=("payment_overdue",), article="CN-PENALTY-72", primary=False),
        _step("demand_performance",     "催告履行",              S.SERVED,        S.SERVED,        may_investigate, "DemandForm",         "demand_performance",        demands=("!fine_unpaid", "!court_not_asked"), article="CN-COERCION-54", primary=False),
        _step("state_remedies_ended",   "登记复议、诉讼期限届满", S.SERVED,       S.SERVED,        may_investigate, "RemediesEndedForm",  "state_remedies_ended",      demands=("!fine_unpaid", "!court_not_asked"), article="CN-COERCION-53", primary=False),
        _step("apply_to_court",         "申请法院强制执行",      S.SERVED,        S.SERVED,        may_apply_to_court, "CourtForm",       "apply_to_court",            demands=("!fine_unpaid", "!court_not_asked", "court_asked_in_time", "demanded_before_court"), article="CN-COERCION-53", primary=False),
        _step("close",                  "批准结案",              S.PERFORMED,     S.CLOSED,        may_close,       "CloseForm",          "close_case",                demands=("whole_process_recorded", "recordings_stored", "recordings_explained")),
        _step("revoke",                 "撤销处罚决定",          (S.DECIDED, S.SERVED, S.PERFORMED, S.CLOSED), S.REVOKED, may_sign, "RevokeForm", "revoke_decision", primary=False),
    ),
)

MOMENT_CORRECTION = Lifecycle(
    name="moment_correction",
    title="时间更正",
    noun=MomentCorrection.noun,
    states=R,
    initial=(R.REQUESTED,),
    steps=(
        #     key          label             from                         to            who                     form                    service
        _step("approve",   "批准更正",       R.REQUESTED,                 R.APPROVED,   may_approve_correction, "ApproveMomentForm",    "approve_moment_correction"),
        _step("send_back", "退回更正申请",   R.REQUESTED,                 R.SENT_BACK,  may_approve_correction, "SendBackForm",         "send_back_moment_correction", sends_back=True, primary=False),
        _step("change",    "修改后再次申请", R.SENT_BACK,                 R.REQUESTED,  may_change_request,     "ChangeMomentForm",     "change_moment_correction"),
        _step("withdraw",  "撤回申请",       (R.REQUESTED, R.SENT_BACK),  R.WITHDRAWN,  may_change_request,     "WithdrawForm",         "withdraw_moment_correction", primary=False),
    ),
)

PRESERVATION = Lifecycle(
    name="preservation",
    title="先行登记保存批准",
    noun=PreservationRequest.noun,
    states=R,
    initial=(R.REQUESTED,),
    steps=(
        _step("approve",   "批准先行登记保存", R.REQUESTED,                R.APPROVED,   may_approve_preservation, "ApprovePreservationForm", "approve_preservation", article="CN-PENALTY-56a"),
        _step("send_back", "退回申请",         R.REQUESTED,                R.SENT_BACK,  may_approve_preservation, "SendBackForm",            "send_back_preservation", sends_back=True, primary=False),
        _step("change",    "修改后再次申请",   R.SENT_BACK,                R.REQUESTED,  may_change_request,       "ChangePreservationForm",  "change_preservation"),
        _step("withdraw",  "撤回申请",         (R.REQUESTED, R.SENT_BACK), R.WITHDRAWN,  may_change_request,       "WithdrawForm",            "withdraw_preservation", primary=False),
    ),
)

# By the word of their address.
REQUESTS = {MomentCorrection.kind: MOMENT_CORRECTION, PreservationRequest.kind: PRESERVATION}
# fmt: on
