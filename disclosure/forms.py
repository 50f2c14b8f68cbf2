"""One form per step of a notice. The acts happen when they are sent, so no form asks for the moment."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from core.forms import StepForm
from disclosure.guards import exclusion_rules
from disclosure.models import Notice


class NowForm(StepForm):
    """A step that happens at the moment it is sent: nothing becomes public, or stops being so, at another time."""

    happened_at = None  # type: ignore[assignment]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        return {**cleaned, "happened_at": timezone.now()}


class LongText(forms.CharField):
    """Free text over several lines; line ends as the ledger's digest counts them."""

    def __init__(self, *, rows: int, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), max_length=20_000, **options)

    def clean(self, value: Any) -> str:
        return str(super().clean(value)).replace("\r\n", "\n").replace("\r", "\n")


class SubmitForm(NowForm):
    """The public text, as the section checked it."""

    facts_found = LongText(
        label="违法事实", rows=8, help_text="只写对外公开的内容。改动会留痕，审核人员可以看到改前改后。"
    )
    basis = LongText(label="处罚依据", rows=4)
    content = LongText(label="处罚内容", rows=4)

    def prefill(self, obj: Notice) -> dict[str, Any]:
        return {"facts_found": obj.facts, "basis": obj.basis, "content": obj.content}


class ExclusionForm(NowForm):
    """Why the decision may not be published."""

    ground = forms.ChoiceField(
        label="属于下列哪种情形", widget=forms.RadioSelect, error_messages={"required": "请选择法定情形"}
    )
    reason = LongText(
        label="理由",
        rows=4,
        help_text="写明哪一部分内容属于这种情形、为什么不能以遮盖方式公开。",
        error_messages={"required": "请说明理由"},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        allowed = {item.key: item.label for item in exclusion_rules(self.obj).items} or dict(Notice.Ground.choices)
        self.fields["ground"].choices = list(allowed.items())  # type: ignore[attr-defined]


class PublishForm(NowForm):
    """Nothing to fill in: what is approved stands on the page."""


class WithholdForm(NowForm):
    """Nothing to fill in: ground and reason stand on the page."""


class CancelForm(NowForm):
    """Nothing to fill in: the decision was revoked."""


class SendBackForm(NowForm):
    """What the section has to change."""

    remarks = LongText(
        label="退回意见",
        rows=4,
        help_text="写明要改的地方，承办科室会在公示稿上看到。",
        error_messages={"required": "请写明退回意见"},
    )


class CorrectForm(NowForm):
    """What was wrong in the withdrawn text. The corrected notice carries it for everybody to read."""

    correction_reason = LongText(
        label="更正说明（对外公开）",
        rows=4,
        help_text="写明原公示哪里有误、更正成什么。重新公示后，公众在新公示上看到这段话和更正日期。不要写当事人和其他人的姓名。",
        error_messages={"required": "请说明更正的内容和理由"},
    )


class WithdrawForm(NowForm):
    """Why the published text is taken back. The reason is public."""

    reason = LongText(
        label="撤回理由（对外公开）",
        rows=4,
        help_text="公众在原网址上看到的就是这段话。不要写当事人和其他人的姓名。",
        error_messages={"required": "撤回须公开说明理由"},
    )
