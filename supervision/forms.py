"""The form of a report: what the rule wants stated, and the attachment."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from core import law
from core.forms import StepForm
from supervision import selectors
from supervision.services import ANNUAL_CASES

ACCEPTED: Final = (".pdf", ".ofd", ".doc", ".docx", ".wps", ".xls", ".xlsx", ".et", ".jpg", ".jpeg", ".png", ".zip")
LARGEST: Final = 100 * 1024 * 1024


class ReportForm(StepForm):
    """Report on one dated item. `obj` is what is owed (supervision.plan.Owed)."""

    remarks = forms.CharField(label="说明", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    attachment = forms.FileField(
        label="附件",
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(ACCEPTED)}),
        help_text="盖章的正式文本，PDF、OFD、Word、WPS、Excel、图片或者压缩包，不超过100MB",
        error_messages={"empty": "文件是空的，请重新选择"},
    )

    def __init__(self, data: Any = None, files: Any = None, *, obj: Any, **options: Any) -> None:
        self.rule = obj.rule
        article = law.cite(obj.rule.id, obj.unit_id).text
        super().__init__(data, files, obj=obj, **options)
        moment = self.fields.pop("happened_at")
        moment.label = "报送时间"
        moment.help_text = "实际报送政策法规科的时间，不是录入时间；是否按期以此为准"
        after = {name: self.fields.pop(name) for name in ("remarks", "attachment")}
        if self.rule.nil_allowed:
            self.fields["is_nil"] = forms.BooleanField(label="零报告：本年度没有应报内容", required=False)
        nil = bool(self.rule.nil_allowed and data and data.get("is_nil"))
        for item in self.rule.items:
            self.fields[item.key] = forms.CharField(
                label=item.label,
                required=not nil,
                max_length=1000,
                widget=forms.Textarea(attrs={"rows": 2}),
                error_messages={"required": f"请写明“{item.label}”（{article}）"},
            )
        after["attachment"].required = not nil
        after["attachment"].error_messages["required"] = f"请上传附件（{article}）"
        if nil:
            after["remarks"].required = True
            after["remarks"].error_messages["required"] = "零报告应当说明情况"
        self.fields |= after
        self.fields["happened_at"] = moment

    def stated(self) -> list[BoundField]:
        """The fields of what the rule wants stated."""
        return [self[item.key] for item in self.rule.items]

    def rest(self) -> list[BoundField]:
        return [bound for bound in self if bound.name not in {item.key for item in self.rule.items}]

    def prefill(self, obj: Any) -> dict[str, Any]:
        """What was reported last, so that a correction types only what changes; for the analysis, what this system counted."""
        earlier = selectors.visible_reports(self.by).filter(unit=obj.unit_id, year=obj.year, item=obj.item.number)
        last = earlier.order_by("-pk").first()
        if last is not None:
            return {each["key"]: each["text"] for each in last.contents} | {"remarks": last.remarks}
        if obj.rule.obligation == ANNUAL_CASES:
            count = selectors.decided_in_year(obj.unit_id, obj.year - 1)
            return {"remarks": f"{obj.year - 1}年本系统记载作出行政处罚决定{count}件。"}
        return {}

    def clean_attachment(self) -> Any:
        attachment = self.cleaned_data.get("attachment")
        if attachment:
            if PurePath(attachment.name).suffix.lower() not in ACCEPTED:
                raise ValidationError("不接受这种文件，请上传PDF、OFD、Word、WPS、Excel、图片或者压缩包")
            if attachment.size > LARGEST:
                raise ValidationError("文件超过100MB")
        return attachment or None

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        return {
            "happened_at": values.get("happened_at"),
            "contents": {item.key: values.get(item.key, "") for item in self.rule.items},
            "remarks": values.get("remarks", ""),
            "is_nil": bool(values.get("is_nil")),
            "attachment": values.get("attachment"),
        }
