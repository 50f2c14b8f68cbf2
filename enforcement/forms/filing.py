"""Registering a source, proposing, filing."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils import timezone

from core.forms import ActForm, MomentField
from enforcement import selectors
from enforcement.forms.steps import LongText, OfficerField, OfficersField, StepForm, name_what_is_missing, officers_of
from enforcement.models import CaseOfficer, Party, Source
from enforcement.models.sources import validate_credit_code
from enforcement.violations import suspicions

if TYPE_CHECKING:
    from agency.models import Official, Unit


class CreditCodeField(forms.CharField):
    """A credit code as it stands on the licence; small letters and full-width forms are no fault."""

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFKC", super().to_python(value) or "").upper()

    def validate(self, value: str) -> None:
        super().validate(value)
        if value:
            validate_credit_code(value)


class RegisterForm(ActForm):
    """A source, its party and what is suspected."""

    moment_field: ClassVar[str] = "received_at"
    halves: ClassVar = frozenset(
        {
            "unit",
            "channel",
            "received_at",
            "violation",
            "workers_affected",
            "complainant_name",
            "complainant_phone",
            "category",
            "credit_code",
            "legal_representative",
            "phone",
            "id_type",
            "id_number",
        }
    )

    # What some must fill in and others may leave: the help says who, and no mark that it may be left.
    of_some: ClassVar = frozenset({"complainant_name", "credit_code"})

    unit: forms.ModelChoiceField[Unit] = forms.ModelChoiceField(label="受理科室", queryset=None, empty_label=None)
    channel = forms.ChoiceField(label="来源", choices=Source.Channel.choices)
    received_at = MomentField(label="收到时间")
    violation = forms.ChoiceField(label="涉嫌违法行为", choices=lambda: [("", "请选择"), *suspicions()])
    summary = LongText(label="反映的事实", rows=5)
    workers_affected = forms.IntegerField(label="涉及劳动者人数", required=False, min_value=1, max_value=1_000_000)
    complainant_name = forms.CharField(
        label="姓名", required=False, max_length=80, help_text="投诉须填写，举报可以匿名；仅承办人员和负责人可见"
    )
    complainant_phone = forms.CharField(label="电话", required=False, max_length=40)
    party_name = forms.CharField(label="名称（姓名）", max_length=200)
    category = forms.ChoiceField(label="类别", choices=Party.Category.choices, initial=Party.Category.ORGANISATION)
    credit_code = CreditCodeField(
        label="统一社会信用代码",
        required=False,
        max_length=18,
        help_text="法人及非法人组织须填写，18位",
    )
    legal_representative = forms.CharField(label="法定代表人（负责人）", required=False, max_length=80)
    phone = forms.CharField(label="电话", required=False, max_length=40)
    address = forms.CharField(label="地址", max_length=300)
    id_type = forms.ChoiceField(label="证件类型", required=False, choices=[("", "不填"), *Party.IdType.choices])
    id_number = forms.CharField(label="证件号码", required=False, max_length=40)

    def __init__(self, *args: Any, by: Official, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = selectors.sections_of(by)  # type: ignore[attr-defined]
        self.fields["received_at"].initial = timezone.now().replace(second=0, microsecond=0)
        name_what_is_missing(self)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("channel") == Source.Channel.COMPLAINT and not data.get("complainant_name"):
            self.add_error("complainant_name", "投诉须登记投诉人；匿名反映的，来源请选“举报”")
        organisation = data.get("category") == Party.Category.ORGANISATION
        if organisation and not data.get("credit_code") and "credit_code" not in self.errors:
            self.add_error("credit_code", "法人及非法人组织须填写统一社会信用代码")
        if bool(data.get("id_type")) != bool(data.get("id_number")):
            self.add_error("id_number" if data.get("id_type") else "id_type", "证件类型和号码须一并填写")
        return data

    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings."""
        bound = {field.name: field for field in self}
        party = list(bound).index("party_name")
        names = list(bound)
        return [
            ("案源", [bound[name] for name in names[:party] if not name.startswith("complainant")]),
            ("投诉举报人（保密）", [bound[name] for name in names[:party] if name.startswith("complainant")]),
            ("被反映的当事人", [bound[name] for name in names[party:]]),
        ]


class SupplementForm(StepForm):
    """What the registration lacked."""

    halves: ClassVar = frozenset(
        {"complainant_name", "complainant_phone", "workers_affected", "legal_representative", "phone"}
    )

    addition = LongText(label="补充的事实", required=False, help_text="接在原登记内容之后，原内容不改")
    complainant_name = forms.CharField(label="投诉举报人", required=False, max_length=80)
    complainant_phone = forms.CharField(label="投诉举报人电话", required=False, max_length=40)
    workers_affected = forms.IntegerField(label="涉及劳动者人数", required=False, min_value=1, max_value=1_000_000)
    legal_representative = forms.CharField(label="法定代表人（负责人）", required=False, max_length=80)
    phone = forms.CharField(label="当事人电话", required=False, max_length=40)
    address = forms.CharField(label="当事人地址", max_length=300)

    def fill(self, initial: dict[str, Any]) -> None:
        source, party = self.case.source, self.case.party
        initial.setdefault("complainant_name", source.complainant_name)
        initial.setdefault("complainant_phone", source.complainant_phone)
        initial.setdefault("workers_affected", source.workers_affected)
        initial.setdefault("legal_representative", party.legal_representative)
        initial.setdefault("phone", party.phone)
        initial.setdefault("address", party.address)


class InitiationForm(StepForm):
    """The proposal to file, with its officers."""

    halves: ClassVar = frozenset({"happened_at", "violation"})

    violation = forms.ChoiceField(label="涉嫌违法行为", choices=suspicions)
    reason = LongText(label="立案理由", help_text="写明初步查明的事实和应当给予处罚的理由")
    lead = OfficerField(label="主办人", empty_label="请选择")
    co_officers = OfficersField(label="协办人")

    def fill(self, initial: dict[str, Any]) -> None:
        officers = officers_of(self.case.unit_id)
        self.fields["lead"].queryset = officers  # type: ignore[attr-defined]
        self.fields["co_officers"].queryset = officers  # type: ignore[attr-defined]
        initial.setdefault("violation", self.case.violation)
        initial.setdefault("reason", self.case.initiation_reason)
        named = list(self.case.officers.all())
        initial.setdefault(
            "lead", next((row.official_id for row in named if row.part == CaseOfficer.Part.LEAD), self.by.pk)
        )
        initial.setdefault("co_officers", [row.official_id for row in named if row.part == CaseOfficer.Part.CO])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        lead, others = data.get("lead"), data.get("co_officers")
        if lead is not None and others is not None and not [officer for officer in others if officer.pk != lead.pk]:
            self.add_error("co_officers", "承办人不得少于两人，请选择主办人以外的协办人（行政处罚法第四十二条）")
        return data


class UrgentStartForm(StepForm):
    """Why the officers begin before the filing is approved."""

    reason = LongText(
        label="紧急情况", rows=3, help_text="为什么不能先报批；启动后须向有审批权的负责人报告，补办批准手续"
    )

    def fill(self, initial: dict[str, Any]) -> None:
        self.fields["happened_at"].label = "启动时间"


class AcceptForm(StepForm):
    """Filing: the moment of approval; everything else stands in the proposal."""


class NotFileForm(StepForm):
    """Why no case is opened."""

    ground = forms.ChoiceField(
        label="理由",
        choices=[
            ("no_violation", "没有违法事实"),
            ("out_of_jurisdiction", "不属于本机关管辖"),
            ("time_barred", "超过二年未被发现、举报投诉"),
            ("other_procedure", "应当通过劳动争议处理程序解决"),
            ("other", "其他"),
        ],
    )
    reason = LongText(label="具体说明")
