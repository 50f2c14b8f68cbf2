"""Who may take which act on a review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import law
from core.access import Permit
from rulebook.model import APPROVERS

if TYPE_CHECKING:
    from agency.models import Official
    from core.models import FactRecord
    from enforcement.models import Case
    from legalreview.models import Review


def may_submit(official: Official, case: Case) -> Permit:
    """The officers of the case submit it."""
    if not official.works_in(case.unit_id) or not case.handled_by(official):
        return Permit.no("由本案承办人送审")
    return Permit.yes


def may_ask_correction(official: Official, record: FactRecord) -> Permit:
    """The section that submitted and the legal office that reviews ask that a wrongly entered moment of a round be put right."""
    from legalreview.models import Review

    return may_correct(official, Review.objects.get(pk=int(record.stream.partition(":")[2])))


def may_correct(official: Official, review: Review) -> Permit:
    if official.works_in(review.unit_id) or official.reviews_in(review.legal_unit_id):
        return Permit.yes
    return Permit.no("由送审科室或者法制审核人员申请更正")


def may_receive(official: Official, review: Review) -> Permit:
    """A legal-affairs reviewer of the legal office, and never of an own case."""
    if not official.reviews_in(review.legal_unit_id):
        return Permit.no("由法制审核人员办理", law.cite("CN-PENALTY-58", review.unit_id))
    if review.submitted_by_id == official.pk or review.case.handled_by(official):
        return Permit.no("不得审核自己承办的案件")
    return Permit.yes


def may_review(official: Official, review: Review) -> Permit:
    """The reviewer who accepted the package answers and signs."""
    permit = may_receive(official, review)
    if permit and review.reviewer_id not in (None, official.pk):
        return Permit.no("由接收材料的审核人员办理")
    return permit


def may_extend(official: Official, review: Review) -> Permit:
    """Whom the rule of the extension names approves a longer review (YQ-LR-14b, by reference: the leader in charge)."""
    rule = law.rule_of_act("YQ-LR-14b", review.unit_id)
    approver = (rule.approver if rule else "") or "leader"
    if not official.approves_as(approver, review.legal_unit_id):
        cited = law.cite(rule.id, review.unit_id) if rule else None
        who = "机关负责人" if approver == "leader" else APPROVERS[approver]
        return Permit.no(f"延长审核期限由{who}批准", cited)
    if review.reviewer_id == official.pk:
        return Permit.no("不得批准自己的延长申请")
    return Permit.yes
