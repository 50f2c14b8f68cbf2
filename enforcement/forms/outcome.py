"""Service, payment and endings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from enforcement import limitation, selectors
from enforcement.forms.steps import LongText, MoneyField, PaperField, StepForm
from enforcement.models import Service


class ServiceForm(StepForm):
    """How the decision reached the party."""

    halves: ClassVar = frozenset({"happened_at", "method", "recipient", "place"})

    method = forms.ChoiceField(label="送达方式", choices=Service.Method.choices, initial=Service.Method.DIRECT)
    recipient = forms.CharField(label="收件人", max_length=80, help_text="姓名和职务")
    place = forms.CharField(label="送达地点", max_length=200, required=False)
    consent_signed = forms.BooleanField(label="当事人已签订电子送达确认书", required=False)
    receipt = PaperField(label="签收的送达回证")

    def fill(self, initial: dict[str, Any]) -> None:
        initial.setdefault("place", self.case.party.address)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("method") == Service.Method.ELECTRONIC and not data.get("consent_signed"):
            self.add_error("consent_signed", "电子送达须经当事人同意并签订确认书（行政处罚法第六十一条）")
        return data


class PaymentForm(StepForm):
    """The bank's receipt."""

    halves: ClassVar = frozenset({"happened_at", "receipt_number", "amount", "surcharge"})

    receipt_number = forms.CharField(label="缴款凭证号", max_length=80)
    amount = MoneyField(label="罚款（元）")
    surcharge = MoneyField(label="加处罚款（元）", initial=Decimal(0))
    receipt = PaperField(label="缴款凭证")

    def fill(self, initial: dict[str, Any]) -> None:
        initial.setdefault("amount", self.case.decision.fine)
        initial.setdefault("surcharge", selectors.surcharge_at(self.case, timezone.now()))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        amount, surcharge, at = data.get("amount"), data.get("surcharge"), data.get("happened_at")
        fine = self.case.decision.fine
        if amount is not None and amount != fine:
            self.add_error("amount", f"决定书的罚款是{fine:,.2f}元，缴清后再登记")
        if at and surcharge is not None:
            owed = selectors.surcharge_at(self.case, at)
            if surcharge != owed:
                self.add_error("surcharge", f"到缴款当天应加处{owed:,.2f}元（行政处罚法第七十二条）")
        return data


class PerformanceForm(StepForm):
    """How a penalty other than a fine was carried out."""

    note = LongText(label="执行情况")


class SurchargeForm(StepForm):
    """The moment of the approval; the sum follows from the days."""


class CloseForm(StepForm):
    """The closing's approval."""

    reason = LongText(label="结案意见", rows=2)


class DismissForm(StepForm):
    """Ending without a penalty."""

    ground = forms.ChoiceField(
        label="情形",
        choices=[
            ("minor", "违法行为轻微，依法可以不予处罚（行政处罚法第五十七条第一款第（二）项）"),
            ("unproven", "违法事实不能成立（行政处罚法第五十七条第一款第（三）项）"),
            ("crime", "涉嫌犯罪，移送司法机关（行政处罚法第五十七条第一款第（四）项）"),
            ("time_barred", "超过时效，不再给予行政处罚（行政处罚法第三十六条）"),
            ("corrected", "情节轻微且已改正，撤销立案（劳动保障监察条例第十八条第一款第（三）项）"),
            ("transferred", "不属于劳动保障监察事项，移送有关部门（劳动保障监察条例第十八条第二款）"),
        ],
        widget=forms.RadioSelect,
    )
    reason = LongText(label="事实和理由")

    def clean_ground(self) -> str:
        """Nobody says that an act was put right while the order to do so is not verified, or that it is too late while it is not."""
        ground: str = self.cleaned_data["ground"]
        waiting = next((order for order in self.case.corrections.all() if order.verified_at is None), None)
        if ground == "corrected" and waiting is not None:
            raise forms.ValidationError(f"责令改正（{waiting.number}）还没有核查，不能认定已经改正")
        if ground == "time_barred" and not limitation.is_over(self.case):
            raise forms.ValidationError("按登记的违法行为终了之日和发现时间，本案没有超过时效")
        return ground
