"""Evidence, orders to correct, the conclusion."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from core.forms import MomentField
from enforcement import selectors, terms
from enforcement.forms.steps import (
    DayField,
    LongText,
    OfficersField,
    PaperField,
    StepForm,
    officers_of,
)
from enforcement.models import (
    ActEnd,
    CorrectionOrder,
    EvidenceAct,
    GraveHarm,
    PreservationRequest,
    RequestState,
    Source,
)
from enforcement.violations import catalogue, choices
from rulebook.workdays import FIRST_DAY


class EvidenceForm(StepForm):
    """One act of evidence-taking. Its legal moment is its end."""

    moment_field: ClassVar[str] = "ended_at"
    halves: ClassVar = frozenset({"kind", "place", "started_at", "ended_at"})
    happened_at = None  # type: ignore[assignment]

    kind = forms.ChoiceField(label="取证方式", choices=EvidenceAct.Kind.choices)
    place = forms.CharField(label="地点", max_length=200)
    started_at = MomentField(label="开始时间")
    ended_at = MomentField(label="结束时间")
    officers = OfficersField(label="取证人员", help_text="不少于两人，证件须当日有效")
    persons = forms.CharField(label="在场人员", required=False, max_length=200, help_text="被检查、被询问的人及其职务")
    certificates_shown = forms.BooleanField(label="已主动出示执法证件")
    rights_told = forms.BooleanField(label="已告知当事人权利和义务", required=False)
    preservation = forms.ModelChoiceField(
        label="先行登记保存的批准",
        queryset=PreservationRequest.objects.none(),
        required=False,
        empty_label="不是先行登记保存",
        help_text="先行登记保存须先经行政机关负责人批准",
    )
    summary = LongText(label="取证情况", help_text="查看、询问了什么，取得哪些证据")
    note = PaperField(label="笔录、材料")

    def fill(self, initial: dict[str, Any]) -> None:
        self.fields["officers"].queryset = officers_of(self.case.unit_id)  # type: ignore[attr-defined]
        approved = self.case.preservationrequests.filter(state=RequestState.APPROVED, act__isnull=True)
        self.fields["preservation"].queryset = approved  # type: ignore[attr-defined]
        if not approved:
            self.fields["preservation"].widget = forms.HiddenInput()
        self.fields["certificates_shown"].error_messages["required"] = (
            "调查时应当主动出示执法证件（行政处罚法第五十五条）"
        )
        initial.setdefault("officers", [row.official_id for row in self.case.officers.all()])
        last = self.case.acts.last()
        initial.setdefault("place", last.place if last else self.case.party.address)

    def clean_ended_at(self) -> datetime:
        moment: datetime = self.cleaned_data["ended_at"]
        if moment > timezone.now():
            raise forms.ValidationError("结束时间不能晚于现在")
        return moment

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        started, ended = data.get("started_at"), data.get("ended_at")
        if started and ended and ended < started:
            self.add_error("ended_at", "结束时间早于开始时间")
        since = self.case.investigated_from
        if started and since and started < since:
            day, what = timezone.localtime(since), "当场启动" if self.case.urgently_started_at else "立案"
            self.add_error("started_at", f"取证不能早于{what}（{day:%Y年%-m月%-d日%H:%M}）")
        registers, approval = data.get("kind") == EvidenceAct.Kind.REGISTERED, data.get("preservation")
        if registers and not approval:
            at = "kind" if self.fields["preservation"].widget.is_hidden else "preservation"
            self.add_error(at, "先行登记保存须先申请，经行政机关负责人批准（行政处罚法第五十六条）")
        if approval and not registers:
            self.add_error("preservation", "只有先行登记保存需要选择批准")
        return data


class ExtensionForm(StepForm):
    """Why the investigation takes longer."""

    reason = LongText(label="延长理由", help_text="案情怎样复杂，还需要查明什么")


class ActField(forms.ModelChoiceField[EvidenceAct]):
    def label_from_instance(self, obj: Any) -> str:
        return f"{timezone.localtime(obj.started_at):%-m月%-d日} {obj.get_kind_display()} {obj.place}"


class ExcludeForm(StepForm):
    """Which act the case no longer rests on."""

    act = ActField(label="取证行为", queryset=EvidenceAct.objects.none(), empty_label="请选择")
    reason = LongText(
        label="排除理由", help_text="以非法手段取得的证据，不得作为认定案件事实的根据（行政处罚法第四十六条）"
    )

    def fill(self, initial: dict[str, Any]) -> None:
        self.fields["act"].queryset = self.case.acts.relied_on()  # type: ignore[attr-defined]


class PreservationForm(StepForm):
    """What is to be registered and preserved, and why it cannot wait."""

    place = forms.CharField(label="地点", max_length=200)
    items = LongText(label="需要登记保存的证据", rows=3, help_text="名称、数量、现在何处")
    reason = LongText(label="理由", rows=3, help_text="为什么可能灭失或者以后难以取得")

    def fill(self, initial: dict[str, Any]) -> None:
        initial.setdefault("place", self.case.party.address)
        self.fields["happened_at"].label = "申请时间"
        self.fields["happened_at"].help_text = "先用电话请示的，填写请示的时间；登记保存不能早于批准"


class SettlementForm(StepForm):
    """What becomes of registered evidence."""

    act = ActField(label="登记保存", queryset=EvidenceAct.objects.none(), empty_label=None)
    settlement = LongText(
        label="处理决定",
        rows=3,
        help_text="退还，或者依法采取的其他处理",
    )

    def fill(self, initial: dict[str, Any]) -> None:
        if period := terms.settlement_period(self.case, timezone.localdate()):
            self.fields["settlement"].help_text += f"；登记保存后{terms.in_words(period)}内作出（行政处罚法第五十六条）"
        unsettled = self.case.acts.filter(kind=EvidenceAct.Kind.REGISTERED, settled_at__isnull=True)
        self.fields["act"].queryset = unsettled  # type: ignore[attr-defined]


class CorrectionForm(StepForm):
    """An order to correct."""

    halves: ClassVar = frozenset({"happened_at", "due_on"})

    due_on = DayField(label="改正期限至")
    content = LongText(label="责令改正的内容")
    recipient = forms.CharField(label="签收人", required=False, max_length=80)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        due, at = data.get("due_on"), data.get("happened_at")
        if due and at and due < timezone.localdate(at):
            self.add_error("due_on", "改正期限早于下达日期")
        return data


class OrderField(forms.ModelChoiceField[CorrectionOrder]):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.number}，限{obj.due_on:%-m月%-d日}前改正"


class VerificationForm(StepForm):
    """What the verification found."""

    order = OrderField(label="责令改正指令书", queryset=CorrectionOrder.objects.none(), empty_label=None)
    result = forms.ChoiceField(label="核查结果", choices=CorrectionOrder.Result.choices, widget=forms.RadioSelect)
    verification = LongText(label="核查情况")

    def fill(self, initial: dict[str, Any]) -> None:
        self.fields["order"].queryset = self.case.corrections.filter(verified_at__isnull=True)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        order, at = data.get("order"), data.get("happened_at")
        if order and at and at < order.issued_at:
            self.add_error("happened_at", "核查不能早于责令改正")
        late = data.get("result") == CorrectionOrder.Result.NOT_OBEYED
        if late and order and at and timezone.localdate(at) <= order.due_on:
            self.add_error("result", f"改正期限到{order.due_on:%-m月%-d日}，届满之后才能认定逾期未改正")
        return data


class ActEndForm(StepForm):
    """When the act ended, or that it goes on; and what makes its limitation longer."""

    # Where others may have known of the act before the source came here.
    PASSED_ON: ClassVar = (Source.Channel.TRANSFER, Source.Channel.ASSIGNED)
    halves: ClassVar = frozenset({"act_ended_on", "happened_at"})

    act_end = forms.ChoiceField(label="违法行为", choices=ActEnd.choices, widget=forms.RadioSelect)
    act_ended_on = DayField(
        label="违法行为终了之日", required=False, help_text="已经终了的必填；没有连续、继续状态的，填发生之日"
    )
    basis = LongText(label="认定依据", rows=2, help_text="哪些证据证明")
    grave_harm = forms.ChoiceField(
        label="是否延长时效",
        choices=[("", "不延长"), *GraveHarm.choices],
        required=False,
        widget=forms.RadioSelect,
        help_text="只有行政处罚法第三十六条所列两种情形可以延长",
    )
    grave_reason = LongText(label="危害后果", rows=2, required=False, help_text="延长时效的必填")
    discovered_at = MomentField(
        label="此前被发现的时间",
        required=False,
        help_text="移送、交办以前已被举报、投诉或者发现的填写；不填的，按收到案源的时间",
    )

    def fill(self, initial: dict[str, Any]) -> None:
        self.fields["happened_at"].label = "认定时间"
        self.fields["happened_at"].help_text = "查明这一事实的时间"
        if self.case.source.channel not in self.PASSED_ON:
            del self.fields["discovered_at"]
        for name in ("act_end", "act_ended_on", "grave_harm", "grave_reason", "discovered_at"):
            initial.setdefault(name, getattr(self.case, name))
        initial.setdefault("basis", self.case.act_end_basis)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        ended, day, at = data.get("act_end") == ActEnd.ENDED, data.get("act_ended_on"), data.get("happened_at")
        if ended and day is None and "act_ended_on" not in self.errors:
            self.add_error("act_ended_on", "请填写违法行为终了之日")
        if day and not ended:
            self.add_error("act_ended_on", "违法行为仍在继续的，没有终了之日")
        if day and day < FIRST_DAY:
            self.add_error("act_ended_on", f"早于{FIRST_DAY:%Y年}，请核对")
        if day and at and day > timezone.localdate(at):
            self.add_error("act_ended_on", "终了之日不能晚于认定时间")
        if data.get("grave_harm") and not data.get("grave_reason"):
            self.add_error("grave_reason", "延长时效的，请写明危害后果（行政处罚法第三十六条）")
        if data.get("grave_reason") and not data.get("grave_harm"):
            self.add_error("grave_harm", "写了危害后果，请选择是哪一种情形")
        found = data.setdefault("discovered_at", None)
        if found and found >= self.case.source.received_at:
            self.add_error("discovered_at", "晚于收到案源的时间，不必填写")
        return data


class ConclusionForm(StepForm):
    """The conclusion of the investigation: what it found, and which act that is."""

    violation = forms.ChoiceField(
        label="认定的违法行为",
        choices=choices,
        help_text="查明的与立案时涉嫌的不同，如责令改正后拒不改正的，在这里改选",
    )
    findings = LongText(label="查明的事实", rows=6)
    evidence = LongText(label="证据", rows=4)
    opinion = LongText(label="处理建议", rows=4)
    is_complex = forms.BooleanField(
        label="情节复杂或者重大违法行为",
        required=False,
        help_text="勾选后须由行政机关负责人集体讨论决定（行政处罚法第五十七条）",
    )
    complex_reason = LongText(label="复杂、重大的理由", rows=2, required=False)

    def fill(self, initial: dict[str, Any]) -> None:
        initial.setdefault("violation", self.case.suspected.key)
        initial.setdefault("findings", selectors.findings_so_far(self.case))
        initial.setdefault("evidence", selectors.evidence_list(self.case))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        chosen = catalogue().get(data.get("violation", ""))
        if chosen and chosen.follows_order and not self.case.disobeyed_an_order:
            self.add_error("violation", f"没有经核查逾期未改正的责令改正，不能认定{chosen.title}（{chosen.cited}）")
        if data.get("is_complex") and not data.get("complex_reason"):
            self.add_error("complex_reason", "请写明复杂、重大的理由")
        return data
