"""The draft, the discussion, the decision."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from core import law
from enforcement import major, selectors
from enforcement.facts import DecisionRevoked
from enforcement.forms.steps import LongText, PaperField, PenaltyFields, StepForm

TIERS = [("从轻", "从轻处罚"), ("一般", "一般处罚"), ("从重", "从重处罚")]


class DraftForm(StepForm, PenaltyFields):
    """The text of the decision."""

    halves: ClassVar = frozenset({"fine", "base"})
    field_order = (
        "happened_at",
        "facts_found",
        "evidence",
        "violated",
        "basis",
        "penalties",
        "fine",
        "base",
        "penalty_details",
        "discretion_tier",
        "discretion_reason",
        "statement_review",
        "performance",
        "remedies",
        "added_grounds",
        "grounds_reason",
    )

    facts_found = LongText(label="违法事实", rows=6)
    evidence = LongText(label="证据", rows=4)
    violated = LongText(
        label="违反的规定",
        rows=2,
        help_text="当事人违反了哪一条义务，例如《劳动保障监察条例》第六条；罚则写在处罚依据中",
    )
    basis = LongText(label="处罚依据", rows=2)
    discretion_tier = forms.ChoiceField(label="裁量档次", choices=TIERS, widget=forms.RadioSelect)
    discretion_reason = LongText(label="裁量理由", rows=3)
    statement_review = LongText(label="陈述、申辩及采纳情况", rows=2)
    performance = LongText(label="履行方式和期限", rows=3)
    remedies = LongText(label="申请行政复议、提起行政诉讼的途径和期限", rows=3)
    added_grounds = forms.MultipleChoiceField(
        label="另有下列情形的，也是重大执法决定", required=False, widget=forms.CheckboxSelectMultiple
    )
    grounds_reason = LongText(label="上述情形的说明", rows=2, required=False)

    def fill(self, initial: dict[str, Any]) -> None:
        self.limit_to(self.case.punished)
        self.fields["added_grounds"].choices = major.ground_choices(self.case, timezone.now())  # type: ignore[attr-defined]
        self.fields["added_grounds"].help_text = major.automatic_in_words(self.case, timezone.now())
        for name, value in selectors.draft_defaults(self.case).items():
            initial.setdefault(name, value)

    def clean_violated(self) -> str:
        text: str = self.cleaned_data["violated"]
        if self.case.punished.cited in text:
            raise forms.ValidationError(f"{self.case.punished.cited}是罚则，请写当事人违反的义务性规定")
        return text

    def clean_remedies(self) -> str:
        text: str = self.cleaned_data["remedies"]
        if selectors.BLANK in text:
            raise forms.ValidationError("请填写申请行政复议、提起行政诉讼的机关和期限")
        return text

    def clean_performance(self) -> str:
        text: str = self.cleaned_data["performance"]
        if selectors.BLANK in text:
            raise forms.ValidationError("请填写缴款的银行")
        return text

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.check_penalty(self.case.punished)
        if data.get("added_grounds") and not data.get("grounds_reason"):
            self.add_error("grounds_reason", "请说明属于所选情形的理由")
        return data


class DiscussionForm(StepForm):
    """The leaders' discussion."""

    participants = forms.CharField(label="参加人员", max_length=400)
    opinions = LongText(label="讨论意见")
    conclusion = LongText(label="讨论结论", rows=2)
    file = PaperField(label="讨论记录")


class DecideForm(StepForm):
    """The signature under the reviewed text."""

    sealed = forms.BooleanField(label="决定书加盖本机关印章")

    def fill(self, initial: dict[str, Any]) -> None:
        self.fields["sealed"].error_messages["required"] = "处罚决定书必须盖有行政机关的印章（行政处罚法第五十九条）"


class RevokeForm(StepForm):
    """Why the decision does not stand any more."""

    # Those of Penalty Law 48; an agency's own rules may name others.
    GROUNDS: ClassVar = {
        "changed": "被依法变更",
        "revoked": "被依法撤销",
        "unlawful": "被确认违法",
        "void": "被确认无效",
    }

    ground = forms.ChoiceField(label="情形")
    reason = LongText(label="理由和文书", help_text="写明作出变更、撤销、确认的机关和文号")

    def fill(self, initial: dict[str, Any]) -> None:
        binding = law.rulebook().binding(law.profile_of(self.case.unit_id), timezone.localdate())
        named = {
            item.key: item.label for rule in binding if DecisionRevoked.name in rule.opens_on for item in rule.items
        }
        self.fields["ground"].choices = list((named | self.GROUNDS).items())  # type: ignore[attr-defined]
