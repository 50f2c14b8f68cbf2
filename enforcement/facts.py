"""What lawfully happens on a case. Payloads hold ids, kinds, numbers and digests only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from core.facts import Fact
from enforcement import violations
from enforcement.matter import ActKind
from enforcement.models import CorrectionOrder, EvidenceAct, RightsAnswer, Service, Source
from rulebook import library
from rulebook.conditions import one_of

if TYPE_CHECKING:
    from enforcement.models import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFact(Fact):
    """A fact on a case; duties hang on the case's own stream."""

    icon: ClassVar[str] = "document"
    is_key: ClassVar[bool] = False
    # Its moment is the one at which it was entered, so that there is nothing to correct in it.
    is_clerical: ClassVar[bool] = False

    @classmethod
    def of(cls, case: Case, **payload: Any) -> Self:
        return cls(subject=case.as_subject(), unit=case.unit_id, **payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRegistered(CaseFact):
    """A complaint, report, transfer or finding was taken down."""

    name = "enforcement.source_registered"
    label = "登记案源"
    icon = "bell"
    channel: Annotated[str, one_of(Source.Channel.choices)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSupplemented(CaseFact):
    """What was missing in the registration was added; `changed` names the fields, never what it says."""

    name = "enforcement.source_supplemented"
    label = "补充案源"
    icon = "pencil"
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgentlyStarted(CaseFact):
    """The officers began on the spot because it could not wait; the report and the approval are owed."""

    name = "enforcement.urgently_started"
    label = "紧急当场启动"
    icon = "warn"
    is_key = True


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiationProposed(CaseFact):
    """Filing was proposed, with officers."""

    name = "enforcement.initiation_proposed"
    label = "呈报立案"
    icon = "send"
    violation: Annotated[str, one_of(violations.choices)]
    officers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiationSentBack(CaseFact):
    """The section head sent the proposal back with remarks."""

    name = "enforcement.initiation_sent_back"
    label = "退回立案呈报"
    icon = "back"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFiled(CaseFact):
    """The case was filed; the periods of investigation and decision start."""

    name = "enforcement.case_filed"
    label = "立案"
    icon = "pencil"
    is_key = True
    act_kind: Annotated[str, one_of(ActKind.choices)]
    is_major: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceTaken(CaseFact):
    """An act of evidence-taking ended."""

    name = "enforcement.evidence_taken"
    label = "调查取证"
    icon = "search"
    act: int
    act_kind: Annotated[str, one_of(ActKind.choices)]
    kind: Annotated[str, one_of(EvidenceAct.Kind.choices)]
    officers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreservationRequested(CaseFact):
    """The officers asked the head of the agency to have evidence registered and preserved (Penalty Law 56)."""

    name = "enforcement.preservation_requested"
    label = "申请先行登记保存"
    icon = "send"
    request: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreservationApproved(CaseFact):
    """The head of the agency approved a registered preservation, before it was carried out."""

    name = "enforcement.preservation_approved"
    label = "批准先行登记保存"
    icon = "check"
    request: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreservationSentBack(CaseFact):
    """The head of the agency sent the request back with remarks."""

    name = "enforcement.preservation_sent_back"
    label = "退回先行登记保存申请"
    icon = "back"
    is_clerical = True
    request: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreservationWithdrawn(CaseFact):
    """Who asked took the request back."""

    name = "enforcement.preservation_withdrawn"
    label = "撤回先行登记保存申请"
    icon = "minus-circle"
    is_clerical = True
    request: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreservationSettled(CaseFact):
    """It was decided what becomes of registered evidence (Penalty Law 56)."""

    name = "enforcement.preservation_settled"
    label = "处理先行登记保存的证据"
    icon = "check"
    act: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentCorrectionRequested(CaseFact):
    """Somebody asked that the wrongly entered moment of a fact be put right; `record` is that fact."""

    name = "enforcement.moment_correction_requested"
    label = "申请更正时间"
    icon = "send"
    is_clerical = True
    request: int
    record: int
    replaced: str
    replaced_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentCorrectionApproved(CaseFact):
    """The correction was approved; a line of its own corrects the fact."""

    name = "enforcement.moment_correction_approved"
    label = "批准更正时间"
    icon = "check"
    is_clerical = True
    request: int
    record: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentCorrectionSentBack(CaseFact):
    """The correction was sent back with remarks."""

    name = "enforcement.moment_correction_sent_back"
    label = "退回更正申请"
    icon = "back"
    is_clerical = True
    request: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentCorrectionWithdrawn(CaseFact):
    """Who asked for the correction took the request back."""

    name = "enforcement.moment_correction_withdrawn"
    label = "撤回更正申请"
    icon = "minus-circle"
    is_clerical = True
    request: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceExcluded(CaseFact):
    """The case no longer rests on the evidence of one act (Penalty Law 46)."""

    name = "enforcement.evidence_excluded"
    label = "排除证据"
    icon = "minus-circle"
    act: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestigationExtended(CaseFact):
    """The leader lengthened the period of the investigation, once (inspection regulation 17)."""

    name = "enforcement.investigation_extended"
    label = "批准延长调查期限"
    icon = "clock"
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionOrdered(CaseFact):
    """The party was ordered to correct."""

    name = "enforcement.correction_ordered"
    label = "责令改正"
    icon = "document"
    order: int
    due_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionVerified(CaseFact):
    """Whether the party obeyed the order was verified."""

    name = "enforcement.correction_verified"
    label = "核查改正情况"
    icon = "eye"
    order: int
    result: Annotated[str, one_of(CorrectionOrder.Result.choices)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActEnded(CaseFact):
    """It was stated on which day the act ended, or happened where it did not go on: its limitation runs from there (Penalty Law 36)."""

    name = "enforcement.act_ended"
    label = "登记违法行为终了之日"
    icon = "clock"
    ended_on: date
    grave_harm: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ActContinues(CaseFact):
    """It was stated that the act still goes on, so that no limitation runs (Penalty Law 36)."""

    name = "enforcement.act_continues"
    label = "登记违法行为仍在继续"
    icon = "clock"
    grave_harm: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ActDiscovered(CaseFact):
    """The act was discovered, complained of or reported elsewhere, before its source came to this section."""

    name = "enforcement.act_discovered"
    label = "违法行为被发现"
    icon = "bell"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestigationClosed(CaseFact):
    """The investigation ended with a written conclusion; `violation` is what it established."""

    name = "enforcement.investigation_closed"
    label = "调查终结"
    violation: Annotated[str, one_of(violations.choices)]
    is_complex: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsNotified(CaseFact):
    """The party was told the proposed penalty and its rights."""

    name = "enforcement.rights_notified"
    label = "告知拟处罚内容和权利"
    icon = "send"
    notice: int
    hearing_offered: bool
    has_fine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsAnswered(CaseFact):
    """The party waived its rights, made a statement or asked for a hearing."""

    name = "enforcement.rights_answered"
    label = "当事人答复"
    icon = "people"
    notice: int
    answer: int
    kind: Annotated[str, one_of(RightsAnswer.Kind.choices)]


@dataclass(frozen=True, slots=True, kw_only=True)
class HearingHeld(CaseFact):
    """The hearing that the party asked for was held."""

    name = "enforcement.hearing_held"
    label = "举行听证"
    icon = "people"
    hearing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionDrafted(CaseFact):
    """A version of the decision was drafted."""

    name = "enforcement.decision_drafted"
    label = "拟制处罚决定"
    icon = "pencil"
    version: int
    is_major: bool
    major_grounds: tuple[str, ...]
    text_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscussionHeld(CaseFact):
    """The leaders discussed the case together."""

    name = "enforcement.discussion_held"
    label = "集体讨论"
    icon = "people"
    discussion: int
    text_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMade(CaseFact):
    """A decision was signed; periods of service and publication start."""

    name = "enforcement.decision_made"
    label = "作出行政处罚决定"
    icon = "scale"
    is_key = True
    act_kind: Annotated[str, one_of(ActKind.choices)]
    is_major: bool
    has_fine: bool
    decision: int
    text_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionSentBack(CaseFact):
    """The leader sent the draft back with remarks."""

    name = "enforcement.decision_sent_back"
    label = "退回处罚决定草案"
    icon = "back"
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionServed(CaseFact):
    """The decision reached the party and takes effect; the period of payment starts, and here and there that of publication."""

    name = "enforcement.decision_served"
    label = "送达处罚决定书"
    icon = "send"
    act_kind: Annotated[str, one_of(ActKind.choices)]
    method: Annotated[str, one_of(Service.Method.choices)]
    has_fine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SurchargeImposed(CaseFact):
    """The fine was not paid in time; every day adds to it (Penalty Law 72)."""

    name = "enforcement.surcharge_imposed"
    label = "加处罚款"
    icon = "warn"
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceDemanded(CaseFact):
    """A written demand to pay reached the party; its last ten days start (Coercion Law 54)."""

    name = "enforcement.performance_demanded"
    label = "催告履行"
    icon = "send"
    demand: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemediesEnded(CaseFact):
    """It was stated on which day the party's terms for review and suit ran out unused (Coercion Law 53)."""

    name = "enforcement.remedies_ended"
    label = "登记复议、诉讼期限届满"
    icon = "clock"
    ended_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CourtAsked(CaseFact):
    """The court was asked to enforce the decision (Coercion Law 53)."""

    name = "enforcement.court_asked"
    label = "申请法院强制执行"
    icon = "scale"
    is_key = True
    application: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FinePaid(CaseFact):
    """The fine was paid in full."""

    name = "enforcement.fine_paid"
    label = "缴清罚款"
    icon = "check"
    payment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltyPerformed(CaseFact):
    """A penalty other than a fine was carried out."""

    name = "enforcement.penalty_performed"
    label = "处罚执行完毕"
    icon = "check"


def _revoking() -> list[tuple[str, str]]:
    """The grounds that the law knows, and those that an agency's rules about it list."""
    from enforcement.forms import RevokeForm  # it names the fact

    listed = (rule.items for rule in library.get().rules if DecisionRevoked.name in rule.opens_on)
    return [*RevokeForm.GROUNDS.items(), *((item.key, item.label) for items in listed for item in items)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRevoked(CaseFact):
    """A decision was changed, revoked, found unlawful or void; what was published of it must be withdrawn."""

    name = "enforcement.decision_revoked"
    label = "撤销处罚决定"
    icon = "warn"
    is_key = True
    ground: Annotated[str, one_of(_revoking)]


OUTCOMES = (("performed", "处罚执行完毕"), ("not_filed", "不予立案"), ("dismissed", "不予处罚、撤销立案"))


def _closing() -> list[tuple[str, str]]:
    from enforcement.forms import DismissForm, NotFileForm  # they name facts

    asked = (form.base_fields["ground"].choices for form in (NotFileForm, DismissForm))  # type: ignore[attr-defined]
    return [("", "处罚执行完毕，没有别的理由"), *(choice for choices in asked for choice in choices)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(CaseFact):
    """The case ended: performed, revoked, not filed, or dismissed without a penalty."""

    name = "enforcement.case_closed"
    label = "结案"
    icon = "check"
    is_key = True
    outcome: Annotated[str, one_of(OUTCOMES)]
    ground: Annotated[str, one_of(_closing)] = ""


FACTS: dict[str, type[CaseFact]] = {fact.name: fact for fact in CaseFact.__subclasses__()}
