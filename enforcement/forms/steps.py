"""What every step's form has: the legal moment, kept input, and room for what the law refuses."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.core.validators import FileExtensionValidator
from django.utils import timezone

from agency import selectors as agency
from core import forms as core_forms
from enforcement.models import PenaltyKind
from enforcement.violations import Violation

if TYPE_CHECKING:
    from agency.models import Official
    from enforcement.models import Case

FILE_KINDS = ("pdf", "ofd", "jpg", "jpeg", "png", "docx", "xlsx")
LARGEST_FILE = 50 * 1024 * 1024


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class LongText(forms.CharField):
    """Several lines; spaces alone are nothing."""

    def __init__(self, *, rows: int = 4, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 20_000)
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def clean(self, value: Any) -> str:
        """Line ends as the digests of the texts count them: a browser sends two signs for one."""
        return str(super().clean(value)).replace("\r\n", "\n").replace("\r", "\n")


class DayField(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=DayInput(), input_formats=["%Y-%m-%d"], **kwargs)
        self.error_messages["invalid"] = "请按“年-月-日”填写"


class MoneyField(forms.DecimalField):
    """Yuan and cents."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=14, decimal_places=2, min_value=Decimal(0), **kwargs)
        self.widget.attrs.update({"inputmode": "decimal"})


class PaperField(forms.FileField):
    """A paper of the file: scanned or as written."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("help_text", f"{'、'.join(FILE_KINDS)}，不超过50兆")
        message = f"只能上传 {'、'.join(FILE_KINDS)} 文件"
        super().__init__(validators=[FileExtensionValidator(FILE_KINDS, message)], **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if upload and upload.size > LARGEST_FILE:
            raise forms.ValidationError("文件超过50兆")
        return upload or None


def officer_label(officer: Any, on: Any = None) -> str:
    """Name and the certificate that is valid on the day."""
    day = on or timezone.localdate()
    held = getattr(officer, "all_certificates", None)
    certificates = list(officer.certificates.all()) if held is None else held
    valid = [certificate for certificate in certificates if certificate.is_valid_on(day)]
    if not valid:
        return f"{officer.name}（没有有效的执法证件）"
    return f"{officer.name}（{valid[-1].number}，有效至{valid[-1].valid_to:%Y年%-m月%-d日}）"


class OfficerField(forms.ModelChoiceField["Official"]):
    """One official; whom it offers is for the form to say, which knows its case."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=None, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return officer_label(obj)


class OfficersField(forms.ModelMultipleChoiceField["Official"]):
    """Officials of the section, each with their certificate."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=None, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return officer_label(obj)


def officers_of(unit_id: int) -> Any:
    """Whom a case of this unit may be given to."""
    return agency.officials(unit_id=unit_id).order_by("pk")


def name_what_is_missing(form: forms.Form) -> None:
    """A required field left empty says its own name."""
    for field in form.fields.values():
        choosing = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
        field.error_messages["required"] = f"请{'选择' if choosing else '填写'}{field.label or ''}"


class StepForm(core_forms.StepForm):
    """A step on one case. Cleaned data are the keywords of the step's service."""

    # Fields that stand two in a row.
    halves: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, data: Any = None, files: Any = None, *, obj: Case, by: Official, **options: Any) -> None:
        self.case = obj
        super().__init__(data, files, obj=obj, by=by, **options)
        name_what_is_missing(self)
        self.fill(cast("dict[str, Any]", self.initial))

    def fill(self, initial: dict[str, Any]) -> None:
        """Fit the fields to the case, and put in what the file already knows; nothing is asked twice."""


class RemarksForm(StepForm):
    """Sending back, with what must be put right."""

    remarks = LongText(label="退回意见", help_text="写明哪里需要补充、改正")


class PenaltyFields(forms.Form):
    """The penalty in figures: kinds, sum, and the number from which the sum is counted."""

    penalties = forms.MultipleChoiceField(
        label="处罚种类", choices=PenaltyKind.choices, widget=forms.CheckboxSelectMultiple
    )
    fine = MoneyField(label="罚款金额（元）", required=False)
    base = MoneyField(label="罚款计算基数", required=False)
    penalty_details = forms.CharField(
        label="没收、吊销的具体内容",
        required=False,
        max_length=500,
        help_text="没收违法所得的金额，吊销的证照名称和编号",
    )

    def limit_to(self, violation: Violation) -> None:
        """Only the penalties that the article knows, with its range beside the sum."""
        known = [(kind, label) for kind, label in PenaltyKind.choices if kind in violation.penalties]
        self.fields["penalties"].choices = known  # type: ignore[attr-defined]
        self.fields["fine"].help_text = f"{violation.cited}：{violation.range_text}"
        if violation.fine is None:
            self.fields["fine"].widget = forms.HiddenInput()
        if violation.needs_base:
            self.fields["base"].label = violation.base_label
        else:
            self.fields["base"].widget = forms.HiddenInput()
        if not {"confiscation", "revocation"} & set(violation.penalties):
            self.fields["penalty_details"].widget = forms.HiddenInput()

    def check_penalty(self, violation: Violation) -> None:
        """Refuse at its field a sum that the article does not allow, naming the article."""
        data = self.cleaned_data
        penalties, fine = data.get("penalties") or [], data.get("fine")
        if PenaltyKind.FINE in penalties:
            if not fine:
                if "fine" not in self.errors:
                    self.add_error("fine", "请填写罚款金额")
            elif refusal := violation.refuse_fine(fine, data.get("base")):
                self.add_error("base" if violation.needs_base and not data.get("base") else "fine", refusal)
        elif fine:
            self.add_error("fine", "没有选择罚款，不要填写金额")
        if {PenaltyKind.CONFISCATION, PenaltyKind.REVOCATION} & set(penalties) and not data.get("penalty_details"):
            self.add_error("penalty_details", "请写明没收的金额或者吊销的证照")
