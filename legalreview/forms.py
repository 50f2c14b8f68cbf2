"""Forms of a legal review. Each form's cleaned values are the keywords of its service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils import timezone

from core import duties
from core.forms import StepForm
from legalreview import selectors
from legalreview.models import Opinion, ReviewPoint
from legalreview.procedure import REVIEW
from rulebook.model import Item


def items_of(guard: str, obj: Any) -> tuple[Item, ...]:
    """What the binding rules list for a guard, each once, in order."""
    items: tuple[Item, ...] = REVIEW.binding(guard, obj, timezone.now()).items
    return items


def opinion_choices(review: Any) -> dict[str, str]:
    """The results of a review that the agency's rules know, in their words; all three where none lists them."""
    return {item.key: item.label for item in items_of("opinion_follows_points", review)} or dict(Opinion.choices)


class SubmitForm(StepForm):
    """The package: what the rule lists, each present or explained as absent."""

    explanation = forms.CharField(
        label="决定建议及其情况说明",
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="案件来源、调查经过、拟作出的决定及其理由，需要审核人员注意的问题",
        error_messages={"required": "请写明决定建议及其情况说明"},
    )

    def __init__(self, data: Any = None, files: Any = None, *, obj: Any, **options: Any) -> None:
        self.items = items_of("review_package_complete", obj)
        super().__init__(data, files, obj=obj, **options)
        for item in self.items:
            self.fields[f"has_{item.key}"] = forms.BooleanField(label=item.label, required=False)
            self.fields[f"note_{item.key}"] = forms.CharField(label="说明", required=False, max_length=200)

    def prefill(self, obj: Any) -> dict[str, Any]:
        """What the case already holds counts as present."""
        known: dict[str, Any] = {
            "has_draft": obj.draft is not None,
            "has_basis_and_evidence": obj.documents.exists(),
            "has_proposal": True,
        }
        if not obj.hearings.exists():
            known |= {"has_hearing_or_assessment": True, "note_hearing_or_assessment": "未经听证、评估，不需要提交"}
        return known

    def service_keys(self) -> tuple[str, ...]:
        """The keywords its cleaned values make."""
        return ("happened_at", "explanation", "package")

    def material(self) -> Iterator[tuple[BoundField, BoundField]]:
        for item in self.items:
            yield self[f"has_{item.key}"], self[f"note_{item.key}"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        package = {
            item.key: {
                "label": item.label,
                "present": bool(values.get(f"has_{item.key}")),
                "note": values.get(f"note_{item.key}", ""),
            }
            for item in self.items
        }
        return {name: values[name] for name in ("happened_at", "explanation") if name in values} | {"package": package}


class AcceptForm(StepForm):
    """Receiving starts the clock."""

    no_conflict = forms.BooleanField(
        label="本人与审核内容没有直接利害关系",
        error_messages={"required": "与审核内容有直接利害关系的，应当回避，由其他审核人员接收"},
    )


class GiveBackForm(StepForm):
    remarks = forms.CharField(
        label="退回意见",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="缺什么、怎样补正",
        error_messages={"required": "请写明退回意见"},
    )


@dataclass(frozen=True, slots=True)
class PointFields:
    """The three fields of one point, as the page shows them."""

    number: int
    label: str
    answer: BoundField
    grave: BoundField
    remark: BoundField


class PointsForm(StepForm):
    """The points of the review. Answers may be saved one by one; the opinion needs all of them."""

    def __init__(self, data: Any = None, files: Any = None, *, obj: Any, **options: Any) -> None:
        self.items = items_of("review_points_answered", obj)
        super().__init__(data, files, obj=obj, **options)
        for item in self.items:
            self.fields[f"answer_{item.key}"] = forms.ChoiceField(
                label=item.label, choices=ReviewPoint.Answer.choices, widget=forms.RadioSelect, required=False
            )
            self.fields[f"grave_{item.key}"] = forms.BooleanField(label="不合法，导致不得作出决定", required=False)
            self.fields[f"remark_{item.key}"] = forms.CharField(
                label="说明", required=False, widget=forms.Textarea(attrs={"rows": 2})
            )

    def prefill(self, obj: Any) -> dict[str, Any]:
        known: dict[str, Any] = {}
        for key, point in obj.answers().items():
            known |= {f"answer_{key}": point.answer, f"grave_{key}": point.is_grave, f"remark_{key}": point.remark}
        return known

    def service_keys(self) -> tuple[str, ...]:
        """The keywords its cleaned values make."""
        return ("happened_at", "points")

    def points(self) -> Iterator[PointFields]:
        for number, item in enumerate(self.items, start=1):
            yield PointFields(
                number, item.label, self[f"answer_{item.key}"], self[f"grave_{item.key}"], self[f"remark_{item.key}"]
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        points = []
        for item in self.items:
            answer, remark = values.get(f"answer_{item.key}", ""), values.get(f"remark_{item.key}", "")
            if answer == ReviewPoint.Answer.PROBLEM and not remark.strip():
                self.add_error(f"remark_{item.key}", f"“{item.label}”存在问题，请写明是什么问题")
            points.append(
                {
                    "key": item.key,
                    "label": item.label,
                    "answer": answer,
                    "is_grave": values.get(f"grave_{item.key}", False),
                    "remark": remark,
                }
            )
        return {name: values[name] for name in ("happened_at",) if name in values} | {"points": points}


class PauseForm(StepForm):
    kind = forms.ChoiceField(
        label="暂停原因", widget=forms.RadioSelect, error_messages={"required": "请选择暂停原因，其他原因不能暂停"}
    )
    remarks = forms.CharField(
        label="需要的材料或者事项",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明需要的材料或者事项"},
    )

    def __init__(self, data: Any = None, files: Any = None, *, obj: Any, **options: Any) -> None:
        super().__init__(data, files, obj=obj, **options)
        clock = selectors.clock_of(obj)
        rules = duties.pausing_rules(clock) if clock is not None else ()
        self.fields["kind"].choices = [(item.key, item.label) for rule in rules for item in rule.items]  # type: ignore[attr-defined]


class ResumeForm(StepForm):
    """The day on which what was waited for came in."""


class ExtendForm(StepForm):
    reason = forms.CharField(
        label="延长理由",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明案件复杂、需要延长的理由"},
    )


class OpinionForm(StepForm):
    opinion = forms.ChoiceField(
        label="审核意见",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择审核意见"},
    )
    opinion_text = forms.CharField(
        label="意见说明", widget=forms.Textarea(attrs={"rows": 5}), error_messages={"required": "请写明审核意见的理由"}
    )

    def __init__(self, data: Any = None, files: Any = None, *, obj: Any, **options: Any) -> None:
        self.results = opinion_choices(obj)
        super().__init__(data, files, obj=obj, **options)
        self.fields["opinion"].choices = list(self.results.items())  # type: ignore[attr-defined]

    def prefill(self, obj: Any) -> dict[str, Any]:
        """The problems found, ready to be put into words."""
        problems = obj.problems()
        if not problems:
            return {
                "opinion": Opinion.AGREE,
                "opinion_text": "经审核，主体合法，事实清楚，证据合法充分，依据准确，裁量适当，程序合法，文书完备规范。",
            }
        may_refuse = Opinion.REFUSE in self.results
        opinion = Opinion.REFUSE if may_refuse and any(point.is_grave for point in problems) else Opinion.CORRECT
        return {"opinion": opinion, "opinion_text": "\n".join(f"{point.label}：{point.remark}" for point in problems)}
