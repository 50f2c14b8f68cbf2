"""What must hold before a notice moves: nothing of a person left in it, a reason for every exclusion and withdrawal."""

from __future__ import annotations

from django.utils import timezone

from core import law
from core.lifecycle import Attempt, BindingRules, Unmet, guard
from disclosure import drafting
from disclosure.models import Notice
from disclosure.redaction import leftovers


def _rules(*rule_ids: str, notice: Notice) -> BindingRules:
    """Rules cited by a check that the house always makes: those of the unit's own law about the same act."""
    found = (law.rule_of_act(rule_id, notice.unit_id) for rule_id in rule_ids)
    bound = tuple(rule for rule in found if rule is not None)
    return BindingRules(bound, tuple(law.cite(rule.id, notice.unit_id) for rule in bound))


def exclusion_rules(notice: Notice) -> BindingRules:
    """The rules that say what is not published, today."""
    found = law.gates("exclusion_reasoned", unit_id=notice.unit_id, on=timezone.localdate(), fields=notice.law_fields())
    return BindingRules(found, tuple(law.cite(rule.id, notice.unit_id) for rule in found))


@guard("exclusion_reasoned", items=Notice.Ground.values)
def exclusion_reasoned(notice: Notice, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """A decision stays unpublished only on a ground the law names, and with a reason."""
    proposed = attempt.content or {}
    ground = proposed.get("ground") or notice.exclusion_ground
    reason = proposed.get("reason") or notice.exclusion_reason
    if attempt.content is None and not ground:
        return None  # the form asks for both
    allowed = {item.key: item.label for item in rules.items}
    if ground in allowed and str(reason).strip():
        return None
    return Unmet(rules, f"须写明属于{'、'.join(allowed.values())}中的哪一种，并说明理由")


@guard("public_text_complete")
def public_text_complete(notice: Notice, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """A reader must learn who did what and what followed."""
    texts = {**notice.free_text(), **(attempt.content or {})}
    empty = [str(Notice._meta.get_field(name).verbose_name) for name in Notice.EDITABLE if not texts[name].strip()]  # type: ignore[union-attr]
    if not empty:
        return None
    fix = "" if attempt.content is not None else notice.step_url("submit")
    return Unmet(_rules("WH-MEAS-15b", notice=notice), f"公示稿缺少{'、'.join(empty)}", fix=fix, fix_label="去补充")


@guard("redaction_complete")
def redaction_complete(notice: Notice, rules: BindingRules, attempt: Attempt) -> list[Unmet] | None:
    """No name that must stay unknown, no number of a person and no telephone is left in any public text.

    Cited are the rules that demand the redaction; where none does, those that say what is not published.
    """
    persons = drafting.persons_of(notice.case_id)
    texts = {**notice.published_texts(), **(attempt.content or {})}
    cited = rules or exclusion_rules(notice)
    found = []
    for name, text in texts.items():
        left = leftovers(text, persons, keep=drafting.kept_words(notice))
        if left:
            label = Notice._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            fix = "" if attempt.content is not None else notice.step_url("submit")
            found.append(Unmet(cited, f"{label}中还有{'、'.join(left)}，须先遮盖", fix=fix, fix_label="去修改"))
    return found or None


@guard("withdrawal_reasoned")
def withdrawal_reasoned(notice: Notice, rules: BindingRules, attempt: Attempt) -> list[Unmet] | Unmet | None:
    """The reason is public, so it is there and gives nobody away either."""
    if attempt.content is None:
        return None
    reason = str(attempt.content.get("reason", ""))
    if not reason.strip():
        return Unmet(_rules("CN-PENALTY-48", notice=notice), "撤回须公开说明理由")
    left = leftovers(reason, drafting.persons_of(notice.case_id), keep=drafting.kept_words(notice))
    if left:
        return Unmet(exclusion_rules(notice), f"撤回理由对外公开，其中还有{'、'.join(left)}")
    return None


@guard("correction_reasoned")
def correction_reasoned(notice: Notice, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """What was wrong is public beside the corrected text, so it is said and gives nobody away."""
    if attempt.content is None:
        return None
    reason = str(attempt.content.get("correction_reason", ""))
    if not reason.strip():
        return Unmet(_rules("WH-MEAS-15b", notice=notice), "更正公示须公开说明更正的内容和理由")
    left = leftovers(reason, drafting.persons_of(notice.case_id), keep=drafting.kept_words(notice))
    if left:
        return Unmet(exclusion_rules(notice), f"更正说明对外公开，其中还有{'、'.join(left)}")
    return None


@guard("not_yet_corrected")
def not_yet_corrected(notice: Notice, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """One notice takes the place of another; that one is corrected in its turn, not the first again."""
    if not notice.is_being_corrected:
        return None
    return Unmet(_rules("WH-MEAS-15b", notice=notice), "已经拟制了更正公示，请办理那一件")


@guard("decision_stands")
def decision_stands(notice: Notice, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """A revoked decision is not published; its notice ends."""
    if notice.decision_revoked_at is None:
        return None
    return Unmet(
        _rules("CN-PENALTY-48", notice=notice),
        "处罚决定已被撤销，不得公示",
        fix=notice.step_url("cancel") if notice.state in Notice.UNSETTLED else "",
        fix_label="去终止",
    )


@guard("decision_was_revoked")
def decision_was_revoked(notice: Notice, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """Only a revoked decision ends its notice unpublished and unreviewed."""
    if notice.decision_revoked_at is not None:
        return None
    return Unmet(_rules("WH-MEAS-15b", notice=notice), "处罚决定仍然有效，须公示或者依法不予公开")


@guard("decision_day_current")
def decision_day_current(notice: Notice, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """The day of the decision was not corrected after the text was handed in."""
    corrected = timezone.localdate(notice.decided_at)
    if corrected == notice.decided_on:
        return None
    text = f"决定日期已更正为{corrected:%Y年%-m月%-d日}，须退回后重新送审"
    return Unmet(_rules("WH-MEAS-15b", notice=notice), text, fix=notice.step_url("send_back"), fix_label="去退回")
