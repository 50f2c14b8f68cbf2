"""Forms of recordings. Each form's cleaned values are the keywords of its service."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils import timezone

from agency import selectors as agency
from core import law
from core.forms import MomentField, StepForm
from recording import uploads
from recording.daily import Terms, WorkEndRefused, custodians, last_return, of_same_journey, refuse_work_end, terms_of
from recording.models import Device, Recording
from recording.selectors import devices_in_use, time_after_return, time_to_hand_in
from recording.uploads import UploadRefused

# What devices write; the file is kept whatever it is.
OFFERED = "video/*,audio/*,.mp4,.mov,.avi,.mkv,.ts,.mts,.3gp,.wmv,.mp3,.wav,.amr,.m4a"


class NowForm(StepForm):
    """A step whose moment is the present one and nobody's to choose."""

    moment_field = "made_at"
    happened_at = None  # type: ignore[assignment]


class FileMixin(forms.Form):
    """A recording's bytes: a file with the form, or the token of an upload that is already there."""

    upload = forms.CharField(required=False, widget=forms.HiddenInput, max_length=40)
    file = forms.FileField(
        label="录像文件",
        allow_empty_file=True,
        max_length=255,
        widget=forms.FileInput(attrs={"accept": OFFERED}),
        help_text="请选择从设备导出的原始文件，不要剪辑或者转码。传输中断可以续传",
        error_messages={"required": "请选择录像文件"},
    )

    act_id: int
    by: Any

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # What was sent before needs no file beside it.
        self.fields["file"].required = not self.data.get("upload")

    def clean_upload(self) -> str:
        token: str = self.cleaned_data["upload"]
        if token:
            try:
                upload = uploads.find(token, by=self.by)
            except UploadRefused as refused:
                raise ValidationError(f"{refused}，请重新选择文件") from refused
            if upload.act_id != self.act_id or not upload.is_complete:
                raise ValidationError("文件还没有传完，请继续上传")
        return token


class MadeMixin(forms.Form):
    """When and with what it was recorded."""

    started_at = MomentField(label="录制开始")
    made_at = MomentField(label="录制结束")
    device = forms.ModelChoiceField(
        label="录制设备", queryset=Device.objects.none(), required=False, empty_label="没有登记的设备"
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        started, made = values.get("started_at"), values.get("made_at")
        if made and made > timezone.now():
            self.add_error("made_at", "录制结束时间不能晚于现在")
        if started and made and made < started:
            self.add_error("made_at", "录制结束时间不能早于录制开始时间")
        return values


class WorkMixin(forms.Form):
    """How the work went on and when it ended: one moment, the end of the day's work or the return to the unit. Asked where the law of the
    unit counts from it.
    """

    work = forms.ChoiceField(
        label="工作情形",
        choices=Recording.Work.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择工作情形"},
    )
    work_ended_at = MomentField(label="收工时间", required=False)

    def ask_only(self, terms: Terms) -> None:
        """Leave out what the law of the unit does not count from, and say what the rest is for."""
        self.terms = terms
        if not terms.asks:
            del self.fields["work"], self.fields["work_ended_at"]
            return
        moment, day = self.fields["work_ended_at"], "不填按录制结束的当天计算，工作到次日凌晨的请填写"
        if not terms.after_return:
            del self.fields["work"]
            moment.help_text = f"录像在收工当天移交；{day}"
            return
        away = "还没有回到本单位的先不填，返回后登记"
        time = law.in_words(terms.after_return)
        self.fields["work"].help_text = f"后三种情形确实不能及时移交的，自回到本单位起{time}内移交入库"
        moment.label = "收工或者回到本单位的时间" if terms.same_day else "回到本单位的时间"
        moment.help_text = f"当天收工的，{day}；{away}" if terms.same_day else away

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        made, ended, work = values.get("made_at"), values.get("work_ended_at"), values.get("work", Recording.Work.DAY)
        if ended and work == Recording.Work.DAY and not self.terms.same_day:
            self.add_error("work_ended_at", "当天收工的不需要填写")
        elif made and ended and made <= timezone.now():
            try:
                refuse_work_end(work=work, made_at=made, work_ended_at=ended)
            except WorkEndRefused as refused:
                self.add_error("work_ended_at", str(refused))
        return values


def _made_of(act: Any, parts: list[Recording]) -> dict[str, Any]:
    """The act's own time; after a first part, from that part's end."""
    start = max([act.started_at, *(part.made_at for part in parts)]) if parts else act.started_at
    end = max(act.ended_at, start)
    devices = (
        [parts[-1].device_id] if parts else list(devices_in_use(act.case.unit_id).values_list("pk", flat=True)[:2])
    )
    return {
        "started_at": timezone.localtime(start),
        "made_at": timezone.localtime(end),
        "device": devices[0] if len(devices) == 1 else None,
    } | (_journey_of(parts[-1]) if parts else {"work": Recording.Work.DAY})


def _journey_of(part: Recording) -> dict[str, Any]:
    """What was said of the work at another part is not asked again."""
    ended = part.work_ended_at
    return {"work": part.work, "work_ended_at": timezone.localtime(ended) if ended else None}


class RegisterForm(WorkMixin, MadeMixin, NowForm):
    """A recording that exists and is not handed in yet. Its object is the act."""

    field_order: tuple[str, ...] = ("started_at", "made_at", "work", "work_ended_at", "device")

    def __init__(
        self, data: Any = None, files: Any = None, *, obj: Any, parts: list[Recording], **options: Any
    ) -> None:
        self.parts = parts
        super().__init__(data, files, obj=obj, **options)
        self.ask_only(terms_of(obj.case.unit_id, timezone.localdate()))
        time = time_to_hand_in(obj.case.unit_id)
        self.fields["made_at"].help_text = f"录像在这时形成，{time}入库的期限从这一天起算" if time else "录像在这时形成"
        self.fields["device"].queryset = devices_in_use(obj.case.unit_id)  # type: ignore[attr-defined]

    def prefill(self, obj: Any) -> dict[str, Any]:
        return _made_of(obj, self.parts)


class HandInForm(FileMixin, RegisterForm):
    """A recording registered and handed in at once."""

    # The file comes last: what stands before it in the request is known when it is refused.
    field_order = ("started_at", "made_at", "work", "work_ended_at", "device", "file", "upload")

    @property
    def act_id(self) -> int:  # type: ignore[override]
        return int(self.obj.pk)


class BackForm(forms.Form):
    """When one was back at the unit, or ended the day's work after midnight. Its object is the recording."""

    work_ended_at = MomentField(label="回到本单位的时间")

    obj: Recording

    def clean_work_ended_at(self) -> datetime | None:
        ended: datetime | None = self.cleaned_data["work_ended_at"]
        if ended is not None:
            try:
                refuse_work_end(work=self.obj.work, made_at=self.obj.made_at, work_ended_at=ended)
            except WorkEndRefused as refused:
                raise ValidationError(str(refused)) from refused
        return ended


class StoreForm(BackForm, FileMixin, NowForm):
    """The file of a registered recording; and when one was back at the unit, if the time to hand it in runs from there and nobody said so."""

    field_order: tuple[str, ...] = ("work_ended_at", "file", "upload")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.obj.awaits_return:
            self.fields["work_ended_at"].required = False
            self.fields["work_ended_at"].help_text = "还没有回到本单位、在外地上传的不填"
        else:
            del self.fields["work_ended_at"]

    def prefill(self, obj: Recording) -> dict[str, Any]:
        return {"work_ended_at": last_return(obj)}

    @property
    def act_id(self) -> int:  # type: ignore[override]
        return int(self.obj.act_id)


def _line(label: str, longest: int, missing: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, help_text=help_text, error_messages={"required": missing})


class IndexForm(NowForm):
    """The elements of Weihai measures 16; time stands with the recording, the rest comes from the act."""

    place = _line("地点", 200, "请填写地点")
    scene = _line("场景", 200, "请填写场景", "画面里的场所和正在进行的活动")
    participants = _line("参与人员", 300, "请填写参与人员", "执法人员和在场人员")
    violation = _line("违法违规行为", 300, "请填写违法违规行为")

    def prefill(self, obj: Recording) -> dict[str, Any]:
        act: Any = obj.act
        officers = "、".join(row.official.name for row in act.officers.select_related("official"))
        people = [f"执法人员：{officers}", *([f"在场人员：{act.persons}"] if act.persons else [])]
        case: Any = obj.case
        return {
            "place": obj.place or act.place,
            "scene": obj.scene or act.get_kind_display(),
            "participants": (obj.participants or "；".join(people))[:300],
            "violation": obj.violation or f"涉嫌{case.suspected.title}"[:300],
        }


class ExplainForm(NowForm):
    """The technical reason of a break or of a faulty file."""

    fault = forms.ChoiceField(
        label="技术原因",
        choices=Recording.Fault.choices,
        widget=forms.RadioSelect,
        help_text="只有技术原因可以解释录制中断",
        error_messages={"required": "请选择技术原因"},
    )
    reason = forms.CharField(
        label="原因说明",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="什么时候、哪台设备、发生了什么、怎样处理",
        error_messages={"required": "请写明原因"},
    )

    def prefill(self, obj: Recording) -> dict[str, Any]:
        return {"fault": obj.fault, "reason": obj.fault_reason}


class RequestAccessForm(NowForm):
    purpose = forms.CharField(
        label="调阅事由",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明调阅事由"},
    )
    until = forms.DateField(
        label="调阅至",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="到这一天24:00自动收回",
        error_messages={"required": "请填写日期", "invalid": "日期不完整，应为年、月、日"},
    )

    def prefill(self, obj: Recording) -> dict[str, Any]:
        return {"until": timezone.localdate() + timedelta(days=7)}

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until < timezone.localdate():
            raise ValidationError("调阅截止日期不能早于今天")
        if until > timezone.localdate() + timedelta(days=90):
            raise ValidationError("一次最多申请90天")
        return until


class ApproveAccessForm(NowForm):
    remarks = forms.CharField(
        label="审批意见", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class RefuseAccessForm(NowForm):
    remarks = forms.CharField(
        label="不批准的理由",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明不批准的理由"},
    )


class RecordingsField(forms.ModelMultipleChoiceField[Recording]):
    """Several recordings, each with its case and its time."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.case.label} {obj}（{timezone.localtime(obj.made_at):%-m月%-d日%H:%M}）"


class WorkEndForm(BackForm, NowForm):
    """The return to the unit, for every recording of one journey; or the end of a day's work that went on past midnight."""

    moment_field = "work_ended_at"

    others = RecordingsField(
        label="同一次外出的其他录像",
        queryset=Recording.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        moment = self.fields["work_ended_at"]
        if self.obj.is_away:
            moment.help_text = f"自这一分钟起计算，{time_after_return(self.obj)}移交入库"
        else:
            moment.label, moment.help_text = "收工时间", "工作到次日凌晨才结束的登记，录像在收工当天移交"
        rows = of_same_journey(self.obj, self.by) if self.obj.is_away else Recording.objects.none()
        if rows.exists():
            self.fields["others"].queryset = rows  # type: ignore[attr-defined]
            self.initial["others"] = list(rows)
        else:
            del self.fields["others"]

    def prefill(self, obj: Recording) -> dict[str, Any]:
        return {"work_ended_at": last_return(obj)}


class CustodyForm(NowForm):
    """Who took the recording into keeping, and when."""

    moment_field = "handed_over_at"

    to = forms.ModelChoiceField(
        label="保管人",
        queryset=get_user_model()._default_manager.none(),
        empty_label="请选择",
        help_text="本单位的档案与音像管理员",
        error_messages={"required": "请选择保管人"},
    )
    handed_over_at = MomentField(label="交接时间")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["to"].queryset = custodians(self.obj.unit_id, besides=self.by)  # type: ignore[attr-defined]

    def prefill(self, obj: Recording) -> dict[str, Any]:
        return {"handed_over_at": timezone.localtime().replace(second=0, microsecond=0)}


class DeviceForm(forms.ModelForm[Device]):
    """One line of the register of devices."""

    class Meta:
        model = Device
        fields = ("number", "kind", "model", "unit", "in_use_from")
        widgets = {"in_use_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, units: set[int], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["unit"].queryset = agency.units(units)  # type: ignore[attr-defined]
        if len(units) == 1:
            self.fields["unit"].initial = next(iter(units))
