"""Forms of the agency's pages. The cleaned data of an act's form are the keywords of its service."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from agency.models import Appointment, Certificate, Official, Unit, normalised_username
from agency.roles import ADMINISTRATORS, Role
from core.law import rulebook
from core.models import Delivery, Robot


def profile_choices() -> list[tuple[str, str]]:
    """The rulebook's profiles; first none of one's own."""
    return [("", "与上级相同"), *((each.id, each.title) for each in rulebook().profiles)]


class DayInput(forms.DateInput):
    """The browser's own calendar; its value is ISO whatever the language."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class SignInForm(forms.Form):
    """Name and password as typed; who may enter is asked elsewhere."""

    username = forms.CharField(
        label="用户名",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
        error_messages={"required": "请填写用户名"},
    )
    password = forms.CharField(
        label="密码",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "请填写密码"},
    )

    def clean_username(self) -> str:
        return normalised_username(self.cleaned_data["username"])


class PasswordForm(forms.Form):
    """The own password, with the present one as proof."""

    current = forms.CharField(
        label="现在的密码",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = forms.CharField(
        label="新密码",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="再输入一次新密码",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, official: Official, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.official = official

    def clean_current(self) -> str:
        typed: str = self.cleaned_data["current"]
        if not self.official.check_password(typed):
            raise ValidationError("现在的密码不正确")
        return typed

    def clean_password(self) -> str:
        typed: str = self.cleaned_data["password"]
        validate_password(typed, self.official)
        return typed

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, again = cleaned.get("password"), cleaned.get("again")
        if first and again and first != again:
            self.add_error("again", "两次输入的新密码不一样")
        return cleaned


class AppointmentForm(forms.Form):
    """A role in a unit over a term."""

    role = forms.ChoiceField(label="角色", choices=Role.choices)
    unit = forms.ModelChoiceField(Unit.objects.all(), label="单位", help_text="角色在这个单位和它的下级单位有效。")
    first_day = forms.DateField(label="任期第一天", widget=DayInput(), initial=timezone.localdate)
    last_day = forms.DateField(label="任期最后一天", widget=DayInput(), required=False)


class EndAppointmentForm(forms.Form):
    """From which day on the role is not held any more."""

    from_day = forms.DateField(
        label="自哪天起不再担任",
        widget=DayInput(),
        initial=timezone.localdate,
        help_text="填今天，下一次操作时即不再有这个角色。",
    )


class CertificateForm(forms.Form):
    """An enforcement certificate."""

    kind = forms.ChoiceField(label="证件", choices=Certificate.Kind.choices)
    number = forms.CharField(label="证号", max_length=40)
    valid_from = forms.DateField(label="有效期第一天", widget=DayInput())
    valid_to = forms.DateField(label="有效期最后一天", widget=DayInput())


class UnitForm(forms.Form):
    """A unit of the agency, or an outside body."""

    name = forms.CharField(label="名称", max_length=80)
    short_name = forms.CharField(label="简称", max_length=20)
    kind = forms.ChoiceField(label="性质", choices=[each for each in Unit.Kind.choices if each[0] != Unit.Kind.BUREAU])
    parent = forms.ModelChoiceField(
        Unit.objects.all(),
        label="上级",
        required=False,
        empty_label="不选",
        help_text="外部监督机构没有上级。",
    )
    profile = forms.ChoiceField(
        label="规则档案",
        required=False,
        choices=profile_choices,
        help_text="适用另外规则的下属单位才选；不选的与上级相同。",
    )


class OfficialForm(forms.Form):
    """A new account. The first password is made by the system and shown once."""

    name = forms.CharField(label="姓名", max_length=40)
    username = forms.CharField(label="用户名", max_length=40, help_text="小写字母、数字、点、横线和下划线。")
    unit = forms.ModelChoiceField(Unit.objects.all(), label="所在单位")
    email = forms.EmailField(label="电子邮箱", required=False, help_text="期限提醒发到这里。")
    mobile = forms.CharField(label="手机", max_length=20, required=False)
    served_from = forms.DateField(label="任职起", widget=DayInput(), initial=timezone.localdate)


class SearchForm(forms.Form):
    """The directory's filter. What is not understood is not asked."""

    q = forms.CharField(label="姓名或者证号", max_length=40, required=False)
    unit = forms.ModelChoiceField(Unit.objects.all(), label="单位", required=False, empty_label="所有单位")
    all = forms.BooleanField(label="包括已停用的账号", required=False)


class DeputyChoice(forms.ModelChoiceField[Official]):
    """Officials by name and unit."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}（{obj.unit.short_name}）"


class LeaveForm(forms.Form):
    """The days of a leave and who is told meanwhile."""

    deputy = DeputyChoice(
        Official.objects.none(),
        label="代理人",
        empty_label="请选择",
        help_text="代为知悉期限提醒，不增加查阅和办理的权限。",
        error_messages={"required": "请选择代理人"},
    )
    first_day = forms.DateField(
        label="休假第一天",
        widget=DayInput(),
        initial=timezone.localdate,
        error_messages={"required": "请填写休假第一天"},
    )
    last_day = forms.DateField(
        label="休假最后一天", widget=DayInput(), error_messages={"required": "请填写休假最后一天"}
    )
    alone = forms.BooleanField(
        label="休假期间邮件只发给代理人", required=False, help_text="系统内的消息两人都有；不勾选时邮件也发给两人。"
    )

    def __init__(self, *args: Any, official: Official, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        held = Appointment.objects.filter(term__contains=today)
        administrators = held.filter(role__in=ADMINISTRATORS).values("official")
        deputy = self.fields["deputy"]
        assert isinstance(deputy, forms.ModelChoiceField)
        deputy.queryset = (
            Official.objects.filter(is_active=True, pk__in=held.values("official"))
            .exclude(pk__in=administrators)
            .exclude(pk=official.pk)
            .select_related("unit")
            .order_by("unit__position", "pk")
        )


class RobotAddressForm(forms.Form):
    """Where a robot is reached. What is typed here is never shown again."""

    web_address = forms.CharField(
        label="机器人的网址",
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "请填写机器人的网址"},
        help_text="从机器人的设置页复制完整网址。其中的令牌保存后不再显示。",
    )
    secret = forms.CharField(
        label="加签密钥",
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="钉钉机器人安全设置选“加签”，填写SEC开头的密钥；企业微信不用填。",
    )


class RobotForm(RobotAddressForm):
    """A robot of a unit's group chat."""

    unit = forms.ModelChoiceField(
        Unit.objects.all(),
        label="单位",
        empty_label="请选择单位",
        help_text="告知这个单位和它的下级单位的期限。",
        error_messages={"required": "请选择单位"},
    )
    kind = forms.ChoiceField(label="种类", choices=Robot.Kind.choices)
    name = forms.CharField(label="名称", max_length=40)
    field_order = ("unit", "kind", "name", "web_address", "secret")


class DeliveryFilterForm(forms.Form):
    """What to list of the deliveries. What is not understood is not asked."""

    channel = forms.ChoiceField(label="渠道", choices=[("", "所有渠道"), *Delivery.Channel.choices], required=False)
    standing = forms.ChoiceField(label="状态", choices=[("", "所有状态"), *Delivery.Standing.choices], required=False)
    tried = forms.BooleanField(label="重试过的", required=False)
    day = forms.DateField(label="编成日期", widget=DayInput(), required=False)
