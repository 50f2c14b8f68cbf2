"""A fine that is not paid: the demand, the end of the party's terms, the court."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from agency import selectors as agency
from enforcement import selectors, terms
from enforcement.forms.steps import DayField, LongText, PaperField, StepForm


class DemandForm(StepForm):
    """The written demand, as it reached the party."""

    halves: ClassVar = frozenset({"happened_at", "recipient"})

    recipient = forms.CharField(label="收件人", max_length=80, help_text="姓名和职务")
    content = LongText(label="催告内容", rows=3, help_text="应当缴纳的金额、缴纳方式和期限")
    file = PaperField(label="催告书及送达回证")

    def fill(self, initial: dict[str, Any]) -> None:
        self.fields["happened_at"].label = "催告书送达时间"
        fine, added = self.case.decision.fine, selectors.surcharge_at(self.case, timezone.now())
        owed = f"罚款{fine:,.2f}元" + (f"、加处罚款{added:,.2f}元" if added else "")
        period = terms.demand_period(self.case, timezone.localdate())
        within = f"自收到本催告书之日起{terms.in_words(period)}内" if period else ""
        initial.setdefault("content", f"请{within}缴纳{owed}。")
        if service := getattr(self.case, "service", None):
            initial.setdefault("recipient", service.recipient)


class RemediesEndedForm(StepForm):
    """When the party's terms for review and suit ran out unused, and how that is known."""

    ended_on = DayField(
        label="期限届满之日", help_text="申请复议、提起诉讼的期限的最后一日；申请法院的期限从这一日起算"
    )
    basis = LongText(label="依据", rows=3, help_text="期限怎样计算，怎样查明当事人没有申请复议、没有起诉")

    def fill(self, initial: dict[str, Any]) -> None:
        self.fields["happened_at"].label = "认定时间"
        self.fields["happened_at"].help_text = "查明这一事实的时间"
        initial.setdefault("ended_on", self.case.remedies_ended_on)
        initial.setdefault("basis", self.case.remedies_basis)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        day, at = data.get("ended_on"), data.get("happened_at")
        if day and at and day >= timezone.localdate(at):
            self.add_error("ended_on", "期限届满以后才能登记")
        if day and self.case.served_at and day <= timezone.localdate(self.case.served_at):
            self.add_error("ended_on", "应当晚于处罚决定书送达之日")
        return data


class CourtForm(StepForm):
    """Which court was asked, and the application."""

    halves: ClassVar = frozenset({"happened_at", "court"})

    court = forms.CharField(label="人民法院", max_length=100)
    file = PaperField(label="强制执行申请书", help_text="由行政机关负责人签名，加盖印章，注明日期")

    def fill(self, initial: dict[str, Any]) -> None:
        initial.setdefault("court", agency.letterhead().court)
