"""What must hold before a review moves on. Code says how; the rulebook says whether, and under which articles."""

from __future__ import annotations

from django.utils import timezone

from core import duties
from core.lifecycle import Attempt, BindingRules, Unmet, guard
from core.models import Duty
from legalreview.models import Opinion, Review


@guard("submitted_for_review")
def submitted_for_review(review: Review, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """The proposed decision, the evidence and the basis are in the submission (WH-PLAN-7a)."""
    draft = review.draft
    lacking = [
        label
        for label, text in (("拟作出的决定", draft.penalty_text), ("相关证据", draft.evidence), ("依据", draft.basis))
        if not text.strip()
    ]
    if not lacking:
        return None
    return Unmet(rules, f"送审缺少：{'、'.join(lacking)}", fix=review.step_url("give_back"), fix_label="去退回补正")


@guard("review_package_complete")
def review_package_complete(review: Review, rules: BindingRules, attempt: Attempt) -> list[Unmet]:
    """Every item that a binding rule lists is there, or does not exist in this matter (YQ-LR-10)."""
    return [
        Unmet(rules, f"送审材料缺少“{item.label}”", fix=review.step_url("give_back"), fix_label="去退回补正")
        for item in rules.items
        if item.key != "other" and not review.package.get(item.key, {}).get("present")
    ]


@guard("review_points_answered")
def review_points_answered(review: Review, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """Every point has its answer (YQ-LR-11)."""
    answered = review.answers()
    open_points = [item.label for item in rules.items if item.key not in answered]
    if not open_points:
        return None
    return Unmet(
        rules,
        f"还有{len(open_points)}个审核要点没有回答：{'；'.join(open_points)}",
        fix=review.step_url("answer"),
        fix_label="去填写",
    )


@guard("opinion_follows_points", items=Opinion.values)
def opinion_follows_points(review: Review, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """*Agree* only where no point has a problem; *refuse* where one is grave, *correct* otherwise (YQ-LR-12).

    Where the rules know two results (SZS-13-2), whatever is not agreed to comes back as *correct*.
    """
    if attempt.content is None:
        return None
    opinion, problems = attempt.content["opinion"], review.problems()
    fix = review.step_url("answer")
    offered = {item.key: item.label for item in rules.items}
    if opinion not in offered:
        return Unmet(rules, f"审核意见只有{'、'.join(offered.values())}")
    if opinion == Opinion.AGREE and problems:
        return Unmet(rules, f"“{problems[0].label}”一项存在问题，不能出具同意的意见", fix=fix, fix_label="看审核要点")
    if opinion == Opinion.CORRECT and Opinion.REFUSE in offered and any(point.is_grave for point in problems):
        return Unmet(
            rules, "主体、主要证据、依据或者程序不合法，应当提出不予作出决定的意见", fix=fix, fix_label="看审核要点"
        )
    if opinion != Opinion.AGREE and not problems:
        others = "或者".join(label for key, label in offered.items() if key != Opinion.AGREE)
        return Unmet(rules, f"各审核要点均没有问题，不能提出{others}的意见", fix=fix, fix_label="看审核要点")
    if opinion == Opinion.REFUSE and not any(point.is_grave for point in problems):
        return Unmet(rules, "没有要点被认定为不合法，应当提出纠正的意见", fix=fix, fix_label="看审核要点")
    return None


@guard("pausable")
def pausable(review: Review, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """Only a clock that a rule of the agency lets stop is stopped (counting 19), and only while something of it is left; an agency without
    a period of review has none.
    """
    duty = Duty.objects.open().of_anchor(review.stream).filter(obligation=Review.CLOCK).first()
    if duty is None or not duties.pausing_rules(duty):
        return Unmet(rules, "没有可以暂停的审核期限")
    if duties.has_run_out(duty, timezone.localdate(attempt.happened_at)):
        text = f"审核期限到{timezone.localdate(duty.due_at):%-m月%-d日}届满，提出要求的当日也计入期限，不能再暂停"
        if duties.may_still_be_extended(duty, attempt.happened_at):
            text += "；届满前还可以报请批准延长"
        return Unmet(rules, text, fix=duty.get_absolute_url(), fix_label="看计算")
    return None


@guard("not_yet_extended")
def not_yet_extended(review: Review, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """An extension is given once, on or before the due moment."""
    duty = Duty.objects.of_anchor(review.stream).filter(obligation=Review.CLOCK).first()
    if duty is None or not duty.is_open:
        return Unmet(rules, "审核期限没有在计算中")
    if duty.extended_on is not None:
        return Unmet(rules, "审核期限已经延长过一次", fix=duty.get_absolute_url(), fix_label="看计算")
    if attempt.happened_at > duty.due_at:
        return Unmet(rules, "审核期限已经届满，不能再延长", fix=duty.get_absolute_url(), fix_label="看计算")
    return None


@guard("case_awaits_decision")
def case_awaits_decision(review: Review, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """An opinion is for a decision that is still to be made; the case may have been ended meanwhile."""
    if review.case.awaits_decision:
        return None
    text = f"案件已处于“{review.case.get_state_display()}”，不再需要审核意见，可以退回"
    return Unmet(rules, text, fix=review.step_url("give_back"), fix_label="去退回")


@guard("draft_unchanged")
def draft_unchanged(review: Review, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """The opinion speaks of the present draft."""
    present = review.case.draft
    if present is not None and present.pk == review.draft_id:
        return None
    return Unmet(
        rules, "承办人已经修改草案，应当退回并重新送审新的草案", fix=review.case.get_absolute_url(), fix_label="看案卷"
    )
