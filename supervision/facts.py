"""What lawfully happens when a unit reports once a year or quarter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from core import law
from core.facts import Fact
from core.periodic import period_anchor

if TYPE_CHECKING:
    from supervision.models import PlanReport


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanItemReported(Fact):
    """A unit reported what plan or rules want once a period. Meets its duty of that period and of that act (`obligation`), no other; a
    report that replaces another meets nothing anew. `item` is the number in the plan, 0 for what stands in none.
    """

    name = "supervision.plan_item_reported"
    label = "报送监督计划事项"
    icon: ClassVar[str] = "send"
    obligation: str
    item: int
    period: str
    report: int
    is_nil: bool
    text_digest: str
    attachment_sha256: str

    @classmethod
    def of(cls, report: PlanReport) -> Self:
        return cls(
            subject=report.as_subject(),
            unit=report.unit_id,
            anchor=period_anchor(report.unit_id, report.period),
            obligation=law.rulebook().rule(report.rule_id).obligation,
            item=int(report.item) if report.item.isdecimal() else 0,
            period=report.period,
            report=report.pk,
            is_nil=report.is_nil,
            text_digest=report.text_digest(),
            attachment_sha256=report.attachment.sha256 if report.attachment else "",
        )
