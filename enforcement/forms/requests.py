"""What is asked on a case, and what its approver answers."""

from __future__ import annotations

from typing import Any

from django import forms

from enforcement.forms.investigation import PreservationForm
from enforcement.forms.steps import LongText, StepForm
from enforcement.models import CaseRequest, MomentCorrection, PreservationRequest


class MomentForm(StepForm):
    """The moment as it truly was, and why it stands wrong."""

    reason = LongText(label="更正理由", rows=3, help_text="怎样录错的，依据什么更正")

    def fill(self, initial: dict[str, Any]) -> None:
        self.fields["happened_at"].label = "更正后的发生时间"


class RequestForm(StepForm):
    """A step on a request: its file is the request, its case comes along."""

    def __init__(self, data: Any = None, files: Any = None, *, obj: CaseRequest, by: Any, **options: Any) -> None:
        self.request = obj
        super().__init__(data, files, obj=obj.case, by=by, **options)


class VersionForm(RequestForm):
    """An approval of what was read: a request that was changed meanwhile is read again first."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def fill(self, initial: dict[str, Any]) -> None:
        initial.setdefault("version", self.request.version)


class ApproveMomentForm(VersionForm):
    """The correction as it was asked; approved now."""

    happened_at = None  # type: ignore[assignment]


class ApprovePreservationForm(VersionForm):
    """The moment of the approval; the preservation comes after it."""

    def fill(self, initial: dict[str, Any]) -> None:
        super().fill(initial)
        self.fields["happened_at"].label = "批准时间"
        self.fields["happened_at"].help_text = "已经口头批准的，填写当时的时间；登记保存不能早于批准"


class SendBackForm(RequestForm):
    """What must be put right before it can be approved."""

    happened_at = None  # type: ignore[assignment]
    remarks = LongText(label="退回意见", rows=3, help_text="写明哪里需要补充、改正")


class WithdrawForm(RequestForm):
    """Taking back asks nothing."""

    happened_at = None  # type: ignore[assignment]


class ChangeMomentForm(RequestForm, MomentForm):
    """A request sent back, changed."""

    request: MomentCorrection

    def prefill(self, obj: Any) -> dict[str, Any]:
        return {"happened_at": self.request.replaced_by, "reason": self.request.reason}


class ChangePreservationForm(RequestForm, PreservationForm):
    """A request sent back, changed."""

    request: PreservationRequest

    def prefill(self, obj: Any) -> dict[str, Any]:
        return {"place": self.request.place, "items": self.request.items, "reason": self.request.reason}
