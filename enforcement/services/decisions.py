"""The draft, the discussion, the decision, and its revocation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from core import duties
from core import facts as core_facts
from core.models import Duty
from enforcement import documents, facts, major, numbering
from enforcement.models import Case, CaseDocument, CollectiveDiscussion, Decision, DecisionDraft
from enforcement.penalty_text import penalty_text
from enforcement.procedure import PENALTY
from enforcement.services.execution import OF_COMPULSION

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from agency.models import Official


@transaction.atomic
def draft_decision(
    *,
    case: Case,
    by: Official,
    happened_at: datetime,
    facts_found: str,
    evidence: str,
    violated: str,
    basis: str,
    penalties: Sequence[str],
    fine: Decimal | None,
    base: Decimal | None,
    penalty_details: str,
    discretion_tier: str,
    discretion_reason: str,
    statement_review: str,
    performance: str,
    remedies: str,
    added_grounds: Sequence[str],
    grounds_reason: str,
) -> Case:
    """Write a version of the decision. A text that differs from the reviewed one needs a new review (Penalty Law 58)."""
    draft = DecisionDraft(
        facts=facts_found,
        evidence=evidence,
        violated=violated,
        basis=basis,
        penalties=list(penalties),
        fine=fine,
        base=base,
        penalty_text=penalty_text(penalties, fine, penalty_details),
        discretion_tier=discretion_tier,
        discretion_reason=discretion_reason,
        statement_review=statement_review,
        performance=performance,
        remedies=remedies,
        drafted_at=happened_at,
        drafted_by=by,
    )
    draft.text_digest = draft.digest(party=case.party.name, address=case.party.address)
    grounds = major.grounds_of(
        case,
        at=happened_at,
        proposed=major.Proposed(tuple(penalties), fine),
        added=added_grounds,
        reason=grounds_reason,
    )
    changes: dict[str, Any] = {"is_major": bool(grounds), "major_grounds": grounds}
    if case.review_text_digest != draft.text_digest:
        changes |= {"review_result": "", "review_agreed_at": None, "review_text_digest": ""}
    case = PENALTY.move(case, "draft_decision", by=by, happened_at=happened_at, changes=changes)
    last = case.draft
    draft.case, draft.version = case, last.version + 1 if last else 1
    draft.save()
    fact = facts.DecisionDrafted.of(
        case,
        version=draft.version,
        is_major=case.is_major,
        major_grounds=tuple(dict.fromkeys(ground["key"] for ground in grounds)),
        text_digest=draft.text_digest,
    )
    core_facts.record(fact, happened_at=happened_at, by=by)
    return case


@transaction.atomic
def record_discussion(
    *,
    case: Case,
    by: Official,
    happened_at: datetime,
    participants: str,
    opinions: str,
    conclusion: str,
    file: UploadedFile | None,
) -> Case:
    """Record that the leaders discussed the present draft together (Penalty Law 57)."""
    case = PENALTY.move(case, "record_discussion", by=by, happened_at=happened_at)
    discussion = CollectiveDiscussion(
        case=case,
        held_at=happened_at,
        participants=participants,
        opinions=opinions,
        conclusion=conclusion,
        text_digest=case.draft.text_digest,
    )
    if file is not None:
        discussion.file = documents.attach(
            case, CaseDocument.Kind.DISCUSSION, title="集体讨论记录", upload=file, at=happened_at, by=by
        )
    discussion.save()
    fact = facts.DiscussionHeld.of(case, discussion=discussion.pk, text_digest=discussion.text_digest)
    core_facts.record(fact, happened_at=happened_at, by=by)
    return case


@transaction.atomic
def issue_decision(*, case: Case, by: Official, happened_at: datetime, sealed: bool) -> Case:
    """Make the decision on a case (Penalty Law 57-59).

    Raises StepRefused with every unmet demand and its articles; nothing is written then.
    """
    case = PENALTY.move(
        case,
        "decide",
        by=by,
        happened_at=happened_at,
        content={"sealed": sealed},
        changes={"decided_at": happened_at, "remarks": ""},
    )
    draft = case.draft
    decision = Decision.objects.create(
        case=case,
        draft=draft,
        number=numbering.give("decision", happened_at),
        decided_at=happened_at,
        signed_by=by,
        sealed=sealed,
        text_digest=draft.text_digest,
        **{name: getattr(draft, name) for name in DecisionDraft.TEXT},
    )
    case.keep_words()
    fact = facts.DecisionMade.of(
        case,
        act_kind=case.act_kind,
        is_major=case.is_major,
        has_fine=decision.fine is not None,
        decision=decision.pk,
        text_digest=decision.text_digest,
    )
    documents.order(case, CaseDocument.Kind.DECISION, row=decision.pk, number=decision.number, at=happened_at, by=by)
    core_facts.record(fact, happened_at=happened_at, by=by)
    return case


@transaction.atomic
def send_back_decision(*, case: Case, by: Official, happened_at: datetime, remarks: str) -> Case:
    """Send the draft back with remarks; it must be written anew."""
    case = PENALTY.move(case, "send_back_decision", by=by, happened_at=happened_at, changes={"remarks": remarks})
    draft = case.draft
    draft.sent_back_at, draft.remarks = happened_at, remarks
    draft.save(update_fields=["sent_back_at", "remarks"])
    core_facts.record(facts.DecisionSentBack.of(case, version=draft.version), happened_at=happened_at, by=by)
    return case


@transaction.atomic
def revoke_decision(*, case: Case, by: Official, happened_at: datetime, ground: str, reason: str) -> Case:
    """Record that the decision was changed, revoked or found unlawful; what was published of it must go (Penalty Law 48).

    Nobody owes its service or payment any more: those duties end with the reason.
    """
    ended_by_this = {} if case.ended_at else {"ended_at": happened_at, "end_ground": ground}
    case = PENALTY.move(
        case,
        "revoke",
        by=by,
        happened_at=happened_at,
        changes={"revoked_at": happened_at, "revoke_reason": reason, **ended_by_this},
    )
    carried_out = (
        Duty.objects.open().of_anchor(case.stream).filter(obligation__in=("serve_decision", "pay_fine", *OF_COMPULSION))
    )
    duties.void(carried_out, reason="处罚决定已被变更、撤销或者确认违法、无效，不再送达和执行", at=happened_at)
    core_facts.record(facts.DecisionRevoked.of(case, ground=ground), happened_at=happened_at, by=by)
    return case
