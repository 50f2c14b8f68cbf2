"""Reporting what is owed once a year or quarter: one transaction, one fact, one duty met."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from core import duties, facts, law
from core.access import require
from core.lifecycle import BindingRules, MomentRefused, StepRefused, Unmet
from core.models import Duty
from core.store import keep
from rulebook.model import Rule
from supervision import periods
from supervision.facts import PlanItemReported
from supervision.models import PlanReport
from supervision.permissions import may_report
from supervision.plan import Owed, ReportNotDue
from supervision.procedure import REPORT

if TYPE_CHECKING:
    from agency.models import Official


@transaction.atomic
def report_plan_item(
    *,
    owed: Owed,
    by: Official,
    happened_at: datetime,
    contents: Mapping[str, str],
    remarks: str,
    is_nil: bool,
    attachment: File[Any] | None,
) -> PlanReport:
    """Report for a unit on one item (WH-PLAN-3a, 5a, 9 and whatever else its rules want once a period); a second report replaces the
    first, which stays.

    `contents`: what the rules want stated, by its keys. Raises NotPermitted, ReportNotDue, MomentRefused, StoreFull, or StepRefused with every
    demand that does not hold; nothing is written then.
    """
    rule = owed.rule
    require(may_report(by, owed))
    _lock(owed)
    earlier = current_report(owed)
    _check_moment(happened_at, owed=owed, earlier=earlier)
    demands = unmet_demands(owed, contents=contents, remarks=remarks, is_nil=is_nil, attached=attachment is not None)
    if demands:
        raise StepRefused(REPORT, demands)
    stored = None
    if attachment is not None:
        stored = keep(
            attachment,
            name=attachment.name or "附件",
            by=by,
            content_type=getattr(attachment, "content_type", None) or "",
        )
    report = PlanReport.objects.create(
        unit_id=owed.unit_id,
        year=owed.year,
        part=owed.period[4:],
        item=owed.item.key,
        rule_id=rule.id,
        title=rule.title,
        happened_at=happened_at,
        is_nil=is_nil,
        contents=[]
        if is_nil
        else [
            {"key": each.key, "label": each.label, "text": contents[each.key].strip()} for _, each in owed.item.stated
        ],
        remarks=remarks.strip(),
        attachment=stored,
        reported_by=by,
        replaces=earlier,
    )
    facts.record(PlanItemReported.of(report), happened_at=happened_at, by=by)
    return report


def current_report(owed: Owed) -> PlanReport | None:
    """What was reported last."""
    found: PlanReport | None = PlanReport.objects.on(owed).current().first()
    return found


def unmet_demands(
    owed: Owed, *, contents: Mapping[str, str], remarks: str, is_nil: bool, attached: bool
) -> tuple[Unmet, ...]:
    """What a report lacks, each with its article."""
    if is_nil:
        unwilling = [rule for rule in owed.rules if not rule.nil_allowed]
        if unwilling:
            return (Unmet(_binding(owed, *unwilling), "这一项不能零报告"),)
        if remarks.strip():
            return ()
        return (Unmet(_binding(owed, *owed.rules), "零报告应当说明情况", fix="#id_remarks", fix_label="去填写"),)
    lacking = [
        Unmet(_binding(owed, rule), f"没有写明“{each.label}”", fix=f"#id_{each.key}", fix_label="去填写")
        for rule, each in owed.item.stated
        if not contents.get(each.key, "").strip()
    ]
    if not attached:
        lacking.append(Unmet(_binding(owed, *owed.rules), "没有上传附件", fix="#id_attachment", fix_label="去上传"))
    return tuple(lacking)


def _binding(owed: Owed, *rules: Rule) -> BindingRules:
    return BindingRules(rules, tuple(law.cite(rule.id, owed.unit_id) for rule in rules))


def _lock(owed: Owed) -> Duty:
    """The period's duty, locked, so that of two who report at once the second replaces the first. One that is not open yet is opened,
    however long its period is over; none before its period.
    """
    due = Duty.objects.filter(anchor=owed.anchor, obligation=owed.rule.obligation)
    found = due.select_for_update(of=("self",)).first()
    if found is None:
        if not owed.can_be_entered(timezone.localdate()):
            raise ReportNotDue(owed.not_yet)
        duties.open_one_periodic(owed.recurring)
        found = due.select_for_update(of=("self",)).get()
    return found


def _check_moment(happened_at: datetime, *, owed: Owed, earlier: PlanReport | None) -> None:
    if happened_at > timezone.now():
        raise MomentRefused("发生时间不能晚于现在")
    if earlier is not None and happened_at < earlier.happened_at:
        raise MomentRefused("不能早于所替换的报告")
    day, first = timezone.localdate(happened_at), periods.first_day(owed.period)
    if owed.item.looks_back and day < first:
        ended = f"{first.year - 1}年" if owed.rule.each in (None, "year") else "上一期间"
        raise MomentRefused(f"{ended}还没有结束，不能在此之前报送")
    if owed.rule.each is not None and day < first:
        raise MomentRefused(f"{owed.period_in_words}自{first:%Y年%-m月%-d日}起，不能早于这一天")
    if day.year < owed.year - 1:
        raise MomentRefused(f"不能早于{owed.year - 1}年：{owed.period_in_words}的报告不会那时就报送")
