"""What a form already knows from earlier steps, in words. The official reads and changes it; nothing is asked twice."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from agency import selectors as agency
from core import law
from enforcement import terms
from enforcement.models import Decision

if TYPE_CHECKING:
    from enforcement.models import Case

# What only an official can fill in; a form refuses a text that still has it.
BLANK = "＿＿"
WHOLE = 100  # per cent


def _day(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y年%-m月%-d日}"


def findings_so_far(case: Case) -> str:
    """The acts and orders of the case as sentences."""
    sentences = [f"{_day(case.registered_at)}，本机关收到{case.source.get_channel_display()}：{case.source.summary}"]
    sentences += [f"{_day(act.started_at)}，{act.get_kind_display()}：{act.summary}" for act in case.acts.relied_on()]
    for order in case.corrections.all():
        text = (
            f"{_day(order.issued_at)}，责令当事人{order.content}，期限至{order.due_on:%Y年%-m月%-d日}（{order.number}）"
        )
        if order.verified_at:
            text += f"；{_day(order.verified_at)}核查，{order.get_result_display()}：{order.verification}"
        sentences.append(text)
    return "\n".join(f"{sentence.rstrip('。')}。" for sentence in sentences)


def evidence_list(case: Case) -> str:
    """The pieces of evidence, numbered."""
    pieces = [
        f"{_day(act.started_at)}{act.get_kind_display()}{'笔录、材料' if act.note_id else '情况'}（{act.place}）"
        for act in case.acts.relied_on()
    ]
    pieces += [f"责令改正指令书（{order.number}）及核查情况" for order in case.corrections.all()]
    return "\n".join(f"{number}. {piece}；" for number, piece in enumerate(pieces, start=1))


def notice_defaults(case: Case, earlier: Any) -> dict[str, Any]:
    """What a notice begins with: the last one, or the conclusion."""
    violation = case.punished
    if earlier is not None:
        return {
            "facts_found": earlier.facts,
            "reasons": earlier.reasons,
            "basis": earlier.basis,
            "penalties": earlier.penalties,
            "fine": earlier.fine,
            "base": earlier.base,
            "hearing_offered": earlier.hearing_offered,
            "recipient": earlier.recipient,
        }
    conclusion = getattr(case, "conclusion", None)
    return {
        "facts_found": conclusion.facts if conclusion else "",
        "reasons": conclusion.opinion if conclusion else "",
        "basis": f"{violation.cited}：{violation.range_text}。",
        "penalties": list(violation.penalties[:1]),
        "recipient": case.party.legal_representative,
    }


def draft_defaults(case: Case) -> dict[str, Any]:
    """What a draft begins with: the last version, or notice and conclusion with the agency's standing texts.

    Which duty the party breached, the officer writes: the penal clause is the basis of the penalty and says no duty.
    """
    draft = case.draft
    if draft is not None:
        known = {name: getattr(draft, name) for name in draft.TEXT if name not in ("facts", "penalty_text")}
        added = [ground["key"] for ground in case.major_grounds if ground["reason"]]
        reason = next((ground["reason"] for ground in case.major_grounds if ground["reason"]), "")
        return known | {"facts_found": draft.facts, "added_grounds": added, "grounds_reason": reason}
    notice, conclusion, violation = case.notice, getattr(case, "conclusion", None), case.punished
    return {
        "facts_found": notice.facts if notice else "",
        "evidence": conclusion.evidence if conclusion else "",
        "basis": notice.basis if notice else violation.cited,
        "penalties": notice.penalties if notice else [],
        "fine": notice.fine if notice else None,
        "base": notice.base if notice else None,
        "discretion_reason": notice.reasons if notice else "",
        "statement_review": _heard(notice),
        "performance": _performance(case, notice),
        "remedies": _remedies(case),
    }


def _heard(notice: Any) -> str:
    """What the party answered, as the decision will say it."""
    if notice is None:
        return ""
    told = f"{_day(notice.served_at)}，本机关向当事人送达{notice.number}行政处罚事先告知书"
    answers = list(notice.answers.all())
    if not answers:
        return f"{told}，当事人在期限内没有提出陈述、申辩，也没有要求听证。"
    said = []
    for answer in answers:
        text = f"{_day(answer.answered_at)}当事人{answer.get_kind_display()}"
        if answer.review:
            text += f"，本机关复核认为：{answer.review.rstrip('。')}，{'予以采纳' if answer.is_adopted else '不予采纳'}"
        said.append(text)
    return f"{told}。{'；'.join(said)}。"


def _performance(case: Case, notice: Any) -> str:
    """How and by when a fine is paid, and what is added when it is not (Penalty Law 67, 72)."""
    if notice is not None and notice.fine is None:
        return "自收到本决定书之日起立即履行。"
    today = timezone.localdate()
    period, added = terms.payment_period(case, today), terms.surcharge_rule(case, today)
    bank = agency.letterhead().bank_name or BLANK
    within = f"{terms.in_words(period)}内" if period else f"{BLANK}内"
    text = f"自收到本决定书之日起{within}，到{bank}或者通过电子支付系统缴纳罚款。"
    if added is not None:
        rate, most = added.number("percent_each_day"), added.number("percent_at_most")
        limit = "罚款的数额" if most == WHOLE else f"罚款数额的百分之{terms.numeral(most)}"
        text += (
            f"到期不缴纳的，依照{law.cite(added.id, case.unit_id).text}，"
            f"每日按罚款数额的百分之{terms.numeral(rate)}加处罚款，加处罚款的数额不超出{limit}。"
        )
    return text


def _remedies(case: Case) -> str:
    """What the section's last decision said; for the first one, a sentence with blanks: its terms stand in laws that are not entered here."""
    last = Decision.objects.filter(case__unit=case.unit_id).order_by("-decided_at").first()
    if last is not None:
        return last.remedies
    letterhead = agency.letterhead()
    return (
        f"对本决定不服的，可以自收到本决定书之日起{BLANK}内向{letterhead.reconsideration_body or BLANK}申请行政复议，"
        f"或者自收到本决定书之日起{BLANK}内向{letterhead.court or BLANK}提起行政诉讼。"
    )


def surcharge_at(case: Case, at: datetime) -> Decimal:
    """What is added to the fine when it is paid at this moment: so much a day and at most so much, as the rule says that was in force
    when it began to run (Penalty Law 72).
    """
    fine = case.decision.fine
    rule = terms.surcharge_rule(case, case.surcharge_since) if case.surcharge_since else None
    if case.surcharge_since is None or fine is None or rule is None:
        return Decimal(0)
    days = max((timezone.localdate(at) - case.surcharge_since).days + 1, 0)
    percent = min(rule.number("percent_each_day") * days, rule.number("percent_at_most"))
    return (fine * percent / WHOLE).quantize(Decimal("0.01"))
