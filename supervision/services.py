"""Reporting on a dated item of the plan: one transaction, one fact, one duty met."""

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
from supervision.facts import PlanItemReported
from supervision.models import PlanReport
from supervision.permissions import may_report
from supervision.plan import Owed, ReportNotDue
from supervision.procedure import REPORT

if TYPE_CHECKING:
    from agency.models import Official


# The analysis looks back on the year that ended.
ANNUAL_CASES = "report_annual_cases"


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
    """Report for a unit on one item of the year's plan (WH-PLAN-3a, 5a, 9); a second report replaces the first, which stays.

    `contents`: what the rule wants stated, by its keys. Raises NotPermitted, ReportNotDue, MomentRefused, StoreFull, or StepRefused with every
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
        item=owed.item.number,
        rule_id=rule.id,
        title=rule.title,
        happened_at=happened_at,
        is_nil=is_nil,
        contents=[]
        if is_nil
        else [{"key": each.key, "label": each.label, "text": contents[each.key].strip()} for each in rule.items],
        remarks=remarks.strip(),
        attachment=stored,
        reported_by=by,
        replaces=earlier,
    )
    facts.record(PlanItemReported.of(report), happened_at=happened_at, by=by)
    return report


def current_report(owed: Owed) -> PlanReport | None:
    """What was reported last."""
    reports = PlanReport.objects.filter(unit=owed.unit_id, year=owed.year, item=owed.item.number)
    found: PlanReport | None = reports.current().first()
    return found


def unmet_demands(
    owed: Owed, *, contents: Mapping[str, str], remarks: str, is_nil: bool, attached: bool
) -> tuple[Unmet, ...]:
    """What a report lacks, each with its article."""
    rule = owed.rule
    binding = BindingRules((rule,), (law.cite(rule.id, owed.unit_id),))
    if is_nil:
        if not rule.nil_allowed:
            return (Unmet(binding, "这一项不能零报告"),)
        return () if remarks.strip() else (Unmet(binding, "零报告应当说明情况", fix="#id_remarks", fix_label="去填写"),)
    lacking = [
        Unmet(binding, f"没有写明“{each.label}”", fix=f"#id_{each.key}", fix_label="去填写")
        for each in rule.items
        if not contents.get(each.key, "").strip()
    ]
    if not attached:
        lacking.append(Unmet(binding, "没有上传附件", fix="#id_attachment", fix_label="去上传"))
    return tuple(lacking)


def _lock(owed: Owed) -> Duty:
    """The year's duty, locked, so that of two who report at once the second replaces the first. One that is not open yet is opened."""
    due = Duty.objects.filter(anchor=owed.anchor, obligation=owed.rule.obligation)
    found = due.select_for_update(of=("self",)).first()
    if found is None:
        duties.open_one_periodic(timezone.now(), anchor=owed.anchor, obligation=owed.rule.obligation)
        found = due.select_for_update(of=("self",)).first()
    if found is None:
        raise ReportNotDue(f"{owed.year}年度的这一项现在不在报送时间内")
    return found


def _check_moment(happened_at: datetime, *, owed: Owed, earlier: PlanReport | None) -> None:
    year = owed.year
    if happened_at > timezone.now():
        raise MomentRefused("发生时间不能晚于现在")
    if earlier is not None and happened_at < earlier.happened_at:
        raise MomentRefused("不能早于所替换的报告")
    day = timezone.localdate(happened_at)
    if owed.rule.obligation == ANNUAL_CASES and day.year < year:
        raise MomentRefused(f"{year - 1}年还没有结束，不能形成这一年的分析报告")
    if day.year < year - 1:
        raise MomentRefused(f"不能早于{year - 1}年：{year}年度的计划不会那时就报送")
