"""The form of a report (what the rule wants stated, and the attachment), and that of a period to try."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from agency import selectors as agency
from core import law
from core.forms import StepForm
from rulebook.model import Period, Rule, RulebookError
from supervision import boards, selectors, whatif

ACCEPTED: Final = (".pdf", ".ofd", ".doc", ".docx", ".wps", ".xls", ".xlsx", ".et", ".jpg", ".jpeg", ".png", ".zip")
LARGEST: Final = 100 * 1024 * 1024


class ReportForm(StepForm):
    """Report on one item. `obj` is what is owed (supervision.plan.Owed)."""

    remarks = forms.CharField(label="说明", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    attachment = forms.FileField(
        label="附件",
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(ACCEPTED)}),
        help_text="盖章的正式文本，PDF、OFD、Word、WPS、Excel、图片或者压缩包，不超过100MB",
        error_messages={"empty": "文件是空的，请重新选择"},
    )

    def __init__(self, data: Any = None, files: Any = None, *, obj: Any, **options: Any) -> None:
        self.item = obj.item
        article = law.cite(obj.rule.id, obj.unit_id).text
        super().__init__(data, files, obj=obj, **options)
        moment = self.fields.pop("happened_at")
        moment.label = "报送时间"
        where = "报送政策法规科" if obj.item.number else "报送或者公开"
        moment.help_text = f"实际{where}的时间，不是录入时间；是否按期以此为准"
        after = {name: self.fields.pop(name) for name in ("remarks", "attachment")}
        if self.item.nil_allowed:
            label = f"零报告：{obj.period_in_words}没有应报内容"
            self.fields["is_nil"] = forms.BooleanField(label=label, required=False)
        nil = bool(self.item.nil_allowed and data and data.get("is_nil"))
        for rule, item in self.item.stated:
            wanted_by = law.cite(rule.id, obj.unit_id).text
            self.fields[item.key] = forms.CharField(
                label=item.label,
                required=not nil,
                max_length=1000,
                widget=forms.Textarea(attrs={"rows": 2}),
                error_messages={"required": f"请写明“{item.label}”（{wanted_by}）"},
            )
        after["attachment"].required = not nil
        after["attachment"].error_messages["required"] = f"请上传附件（{article}）"
        if nil:
            after["remarks"].required = True
            after["remarks"].error_messages["required"] = "零报告应当说明情况"
        self.fields |= after
        self.fields["happened_at"] = moment

    def stated(self) -> list[BoundField]:
        """The fields of what the rules want stated."""
        return [self[item.key] for _, item in self.item.stated]

    def rest(self) -> list[BoundField]:
        return [bound for bound in self if bound.name not in {item.key for _, item in self.item.stated}]

    def prefill(self, obj: Any) -> dict[str, Any]:
        """What was reported last, so that a correction types only what changes; where a year is looked back on, what this system counted."""
        last = selectors.visible_reports(self.by).on(obj).order_by("-pk").first()
        if last is not None:
            return {each["key"]: each["text"] for each in last.contents} | {"remarks": last.remarks}
        if obj.item.looks_back and obj.rule.each in (None, "year"):
            units = agency.unit_ids() if obj.rule.owed_by == "agency" else [obj.unit_id]
            count = selectors.decided_in_year(units, obj.year - 1)
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
            "contents": {item.key: values.get(item.key, "") for _, item in self.item.stated},
            "remarks": values.get("remarks", ""),
            "is_nil": bool(values.get("is_nil")),
            "attachment": values.get("attachment"),
        }


class WhatIfForm(forms.Form):
    """Which rule, which other period, which year. The cleaned data are the keywords of `whatif.what_if`."""

    rule = forms.ChoiceField(
        label="规则", error_messages={"required": "请选择规则", "invalid_choice": "没有这条可以测算的规则"}
    )
    amount = forms.IntegerField(
        label="期限改为",
        min_value=1,
        max_value=whatif.MOST,
        error_messages={
            "required": "请填写改为多少",
            "invalid": "请填写整数",
            "min_value": "期限至少为1",
            "max_value": f"期限不超过{whatif.MOST}",
        },
    )
    unit = forms.ChoiceField(
        label="计时单位",
        choices=[(key, word.removeprefix("个")) for key, word in law.UNITS.items()],
        error_messages={"invalid_choice": "没有这种计时单位，请重新选择"},
    )
    year = forms.TypedChoiceField(
        label="年度",
        coerce=int,
        help_text="本年度产生的期限；尚未办结的按现在的情况计算",
        error_messages={"invalid_choice": "没有这个年度的数据，请重新选择"},
    )
    halves = frozenset({"amount", "unit"})

    def __init__(self, data: Any, *, profiles: list[str], now: datetime) -> None:
        super().__init__(data, initial={"year": now.year, "unit": "working_day"}, use_required_attribute=False)
        self.rules = {rule.id: rule for profile in profiles for rule in whatif.changeable(profile)}
        by_instrument: dict[str, list[tuple[str, str]]] = {}
        for rule in self.rules.values():
            period = rule.within or rule.before
            label = f"{rule.article}　{rule.title}（现行{law.in_words(period)}）" if period else rule.title
            by_instrument.setdefault(law.rulebook().instrument(rule.instrument).short_title, []).append(
                (rule.id, label)
            )
        rule_field, year_field = self.fields["rule"], self.fields["year"]
        rule_field.choices = [("", "请选择规则"), *by_instrument.items()]  # type: ignore[attr-defined]
        year_field.choices = [(year, f"{year}年") for year in boards.years_offered(now)]  # type: ignore[attr-defined]

    def clean_rule(self) -> Rule:
        return self.rules[self.cleaned_data["rule"]]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        unit, amount, rule = values.pop("unit", ""), values.pop("amount", None), values.get("rule")
        if not (rule and unit and amount):
            return values
        period = Period(amount, unit)
        try:
            law.rulebook().with_period(rule.id, period)
        except RulebookError as refused:
            # Without the id of the rule: what is said here is said to an official.
            self.add_error("unit", str(refused).rpartition(": ")[2])
        return values | {"period": period}
