"""Telling the party, and its answer."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from core import law
from core.forms import MomentField
from enforcement import hearing, selectors, terms
from enforcement.forms.steps import LongText, OfficerField, PaperField, PenaltyFields, StepForm
from enforcement.models import RightsAnswer


class RightsNoticeForm(StepForm, PenaltyFields):
    """The notice before the decision."""

    halves: ClassVar = frozenset({"happened_at", "recipient", "fine", "base"})
    field_order = (
        "happened_at",
        "recipient",
        "facts_found",
        "reasons",
        "basis",
        "penalties",
        "fine",
        "base",
        "penalty_details",
        "hearing_offered",
    )

    recipient = forms.CharField(label="签收人", max_length=80)
    facts_found = LongText(label="违法事实", rows=5)
    reasons = LongText(label="处罚理由", rows=3)
    basis = LongText(label="处罚依据", rows=3)
    hearing_offered = forms.BooleanField(label="告知听证权利", required=False)

    def fill(self, initial: dict[str, Any]) -> None:
        violation = self.case.punished
        self.limit_to(violation)
        self.fields["hearing_offered"].help_text = f"{hearing.threshold_in_words()}（{hearing.ARTICLE}）"
        earlier = self.case.notice
        for name, value in selectors.notice_defaults(self.case, earlier).items():
            initial.setdefault(name, value)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.check_penalty(self.case.punished)
        if not data.get("hearing_offered") and (
            why := hearing.why_offered(data.get("penalties") or [], data.get("fine"))
        ):
            self.add_error("hearing_offered", f"{why}（{hearing.ARTICLE}）")
        return data


class RightsAnswerForm(StepForm):
    """What the party answered."""

    kind = forms.ChoiceField(label="当事人的答复", choices=RightsAnswer.Kind.choices, widget=forms.RadioSelect)
    content = LongText(label="陈述、申辩或者听证要求的内容", required=False)
    review = LongText(label="复核意见", rows=3, required=False, help_text="对当事人提出的事实、理由和证据应当复核")
    is_adopted = forms.NullBooleanField(
        label="复核结果", widget=forms.Select(choices=[("", "没有陈述、申辩"), ("true", "采纳"), ("false", "不采纳")])
    )
    file = PaperField(label="书面材料")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind = data.get("kind")
        if kind and kind != RightsAnswer.Kind.WAIVED and not data.get("content"):
            self.add_error("content", "请写明当事人的意见")
        if kind == RightsAnswer.Kind.STATEMENT:
            if not data.get("review"):
                self.add_error("review", "应当对陈述、申辩进行复核并写明意见（行政处罚法第四十五条）")
            if data.get("is_adopted") is None:
                self.add_error("is_adopted", "请选择是否采纳")
        notice, at = self.case.notice, data.get("happened_at")
        if notice and at and at < notice.served_at:
            self.add_error("happened_at", "答复不能早于告知")
        return data


class HearingForm(StepForm):
    """The hearing that was asked for."""

    halves: ClassVar = frozenset({"happened_at", "called_at", "place", "presider"})
    field_order = ("called_at", "happened_at", "place", "presider", "record", "file")

    called_at = MomentField(label="通知听证的时间")
    happened_at = MomentField(label="举行听证的时间")
    place = forms.CharField(label="地点", max_length=200)
    presider = OfficerField(label="主持人", empty_label="请选择", help_text="由非本案调查人员主持")
    record = LongText(label="听证情况")
    file = PaperField(label="听证笔录")

    def fill(self, initial: dict[str, Any]) -> None:
        self.fields["presider"].queryset = selectors.presiders_of(self.case)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        called, held = data.get("called_at"), data.get("happened_at")
        if called and held:
            if called >= held:
                self.add_error("called_at", "通知应当早于听证")
            elif (last := terms.last_day_to_call(self.case, held)) and timezone.localdate(called) > last.day:
                cited = law.cite(last.rule.id, self.case.unit_id).short
                self.add_error("called_at", f"这一天举行听证的，最迟应当在{last.day:%-m月%-d日}通知（{cited}）")
        return data
