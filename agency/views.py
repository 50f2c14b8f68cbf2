"""Pages of the agency: its units, its people, their roles and certificates, and the audit of accounts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from agency import passwords, selectors, services
from agency.addresses import client_address
from agency.certificates import standing
from agency.forms import (
    AppointmentForm,
    CertificateForm,
    EndAppointmentForm,
    OfficialForm,
    SearchForm,
    UnitForm,
)
from agency.models import Appointment, AuditEvent, Official
from agency.permissions import (
    may_appoint,
    may_configure,
    may_name_deputy,
    may_read_audit,
    may_read_deliveries,
    may_secure,
    may_see_contacts,
)
from core.access import NotPermitted, Permit
from core.paging import NEWEST_FIRST, page_of
from core.views import OfficialRequest, reads_on_get


def refusal(request: OfficialRequest, permit: Permit) -> HttpResponse:
    """A page of the agency is no secret, so the refusal may give its reason."""
    return render(request, "agency/refused.html", {"permit": permit}, status=403)


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the agency's pages beside each other."""

    label: str
    url: str
    is_current: bool


def tabs(request: OfficialRequest, current: str) -> list[Tab]:
    """Those of the agency's pages that the official may open."""
    by = request.user
    pages = (
        ("units", "单位", True),
        ("officials", "人员", True),
        ("robots", "群机器人", bool(may_configure(by))),
        ("deliveries", "发送记录", bool(may_read_deliveries(by))),
        ("audit", "账号审计", bool(may_read_audit(by))),
    )
    return [Tab(label, reverse(f"agency:{page}"), page == current) for page, label, may in pages if may]


@reads_on_get
def units(request: OfficialRequest) -> HttpResponse:
    """The tree of units."""
    context = {"branches": selectors.unit_tree(), "may_configure": may_configure(request.user)}
    return render(request, "agency/units.html", {**context, "tabs": tabs(request, "units")})


@reads_on_get
def officials(request: OfficialRequest) -> HttpResponse:
    """The directory."""
    form = SearchForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    unit = wanted.get("unit")
    found = selectors.officials(
        unit_id=unit.pk if unit else None, query=wanted.get("q", ""), include_inactive=bool(wanted.get("all"))
    )
    page = page_of(found, request.GET.get("cursor", ""), unit="人")
    today = timezone.localdate()
    context = {
        "form": form,
        "pager": page,
        "people": [(each, standing(each.all_certificates, today)) for each in page.rows],  # type: ignore[attr-defined]
        "may_configure": may_configure(request.user),
        "tabs": tabs(request, "officials"),
    }
    return render(request, "agency/officials.html", context)


def _person(request: OfficialRequest, official: Official) -> dict[str, Any]:
    """What the page of a person shows, own or another's."""
    terms = selectors.terms_of(official)
    certificates = list(official.certificates.order_by("-valid_to", "-pk"))
    return {
        "person": official,
        "held": [term for term in terms if not term.is_over],
        "past": [term for term in terms if term.is_over],
        "certificates": [(each, standing([each], timezone.localdate())) for each in certificates],
        "may_see_contacts": may_see_contacts(request.user, official),
        "leaves": selectors.leaves_of(official),
        "may_name_deputy": may_name_deputy(request.user, official),
    }


@reads_on_get
def official(request: OfficialRequest, pk: int) -> HttpResponse:
    """One person: roles with their terms, certificates with their days."""
    found = get_object_or_404(Official.objects.select_related("unit"), pk=pk)
    may = may_secure(request.user, found)
    context = {
        **_person(request, found),
        "may_appoint": may_appoint(request.user, found),
        "may_secure": may,
        "may_configure": may_configure(request.user),
        "is_locked_out": bool(may) and selectors.is_locked_out(found),
    }
    return render(request, "agency/official.html", context)


@reads_on_get
def me(request: OfficialRequest) -> HttpResponse:
    """The own account: who I am here, until when my password and certificates hold, and where I signed in."""
    mine = AuditEvent.objects.filter(official=request.user, action__in=SIGN_INS).order_by("-pk")[:10]
    context = {
        **_person(request, request.user),
        "sign_ins": list(mine),
        "password_expires_at": passwords.expires_at(request.user),
        "password_warning": passwords.warning(request.user, timezone.now()),
    }
    return render(request, "agency/me.html", context)


SIGN_INS = (AuditEvent.Action.SIGNED_IN, AuditEvent.Action.SIGN_IN_FAILED, AuditEvent.Action.LOCKED_OUT)


@reads_on_get
def audit_trail(request: OfficialRequest) -> HttpResponse:
    """What was done to accounts and roles, newest first. The auditor's."""
    permit = may_read_audit(request.user)
    if not permit:
        return refusal(request, permit)
    action = request.GET.get("action", "")
    rows = AuditEvent.objects.select_related("actor", "official")
    if action in AuditEvent.Action.values:
        rows = rows.filter(action=action)
    page = page_of(rows, request.GET.get("cursor", ""), by=NEWEST_FIRST)
    context = {"pager": page, "actions": AuditEvent.Action.choices, "action": action, "tabs": tabs(request, "audit")}
    return render(request, "agency/audit.html", context)


# --- acts with a form ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FormPage:
    """What surrounds a form: its title, its button, the way back."""

    title: str
    submit: str
    back: str
    back_label: str
    note: str = ""


def act_page(
    request: OfficialRequest,
    *,
    permit: Permit,
    form: forms.Form,
    page: FormPage,
    take: Callable[[dict[str, Any]], HttpResponse],
) -> HttpResponse:
    """Show a form, take its act, put what is refused at its field."""
    if not permit:
        return refusal(request, permit)
    if request.method == "POST" and form.is_valid():
        try:
            return take(form.cleaned_data)
        except ValidationError as refused:
            _place(form, refused)
        except NotPermitted as refused:
            return refusal(request, refused.permit)
    return render(request, "agency/act.html", {"form": form, "page": page}, status=422 if form.is_bound else 200)


def _place(form: forms.Form, refused: ValidationError) -> None:
    """Messages of a service at the fields they name, those about anything else on top of the form."""
    if not hasattr(refused, "error_dict"):
        form.add_error(None, refused)
        return
    for name, errors in refused.error_dict.items():
        for error in errors:
            form.add_error(name if name in form.fields else None, error)


@reads_on_get
def new_unit(request: OfficialRequest) -> HttpResponse:
    """Enter a unit."""

    def take(data: dict[str, Any]) -> HttpResponse:
        unit = services.create_unit(by=request.user, address=client_address(request), **data)
        messages.success(request, f"已设立{unit.name}")
        return redirect("agency:units")

    page = FormPage("设立单位", "设立", reverse("agency:units"), "单位")
    return act_page(
        request, permit=may_configure(request.user), form=UnitForm(request.POST or None), page=page, take=take
    )


@never_cache
@reads_on_get
def new_official(request: OfficialRequest) -> HttpResponse:
    """Open an account; its one-time password is shown once, on the answer."""

    def take(data: dict[str, Any]) -> HttpResponse:
        password = passwords.one_time_password()
        created = services.create_official(by=request.user, password=password, address=client_address(request), **data)
        return render(request, "agency/one_time_password.html", {"person": created, "password": password})

    page = FormPage(
        "建立账号", "建立", reverse("agency:officials"), "人员", "账号建立后还没有任何角色，由安全保密管理员任职。"
    )
    return act_page(
        request, permit=may_configure(request.user), form=OfficialForm(request.POST or None), page=page, take=take
    )


@reads_on_get
def appoint(request: OfficialRequest, pk: int) -> HttpResponse:
    """Give a role."""
    found = get_object_or_404(Official.objects.select_related("unit"), pk=pk)

    def take(data: dict[str, Any]) -> HttpResponse:
        appointment = services.appoint(by=request.user, official=found, address=client_address(request), **data)
        messages.success(request, f"{found.name}已任{appointment.get_role_display()}")
        return redirect(found)

    page = FormPage(f"任职：{found.name}", "任职", found.get_absolute_url(), found.name)
    form = AppointmentForm(request.POST or None, initial={"unit": found.unit_id})
    return act_page(request, permit=may_appoint(request.user, found), form=form, page=page, take=take)


@reads_on_get
def end_appointment(request: OfficialRequest, pk: int) -> HttpResponse:
    """End a role."""
    appointment = get_object_or_404(Appointment.objects.select_related("official", "unit"), pk=pk)
    person = appointment.official

    def take(data: dict[str, Any]) -> HttpResponse:
        services.end_appointment(by=request.user, appointment=appointment, address=client_address(request), **data)
        messages.success(request, f"已登记{person.name}不再担任{appointment.get_role_display()}")
        return redirect(person)

    title = f"免职：{person.name}，{appointment.get_role_display()}（{appointment.unit.short_name}）"
    page = FormPage(title, "免职", person.get_absolute_url(), person.name)
    form = EndAppointmentForm(request.POST or None)
    return act_page(request, permit=may_appoint(request.user, person), form=form, page=page, take=take)


@reads_on_get
def new_certificate(request: OfficialRequest, pk: int) -> HttpResponse:
    """Enter a certificate."""
    found = get_object_or_404(Official, pk=pk)

    def take(data: dict[str, Any]) -> HttpResponse:
        certificate = services.issue_certificate(
            by=request.user, official=found, address=client_address(request), **data
        )
        messages.success(request, f"已登记{certificate}")
        return redirect(found)

    page = FormPage(f"登记证件：{found.name}", "登记", found.get_absolute_url(), found.name)
    form = CertificateForm(request.POST or None)
    return act_page(request, permit=may_configure(request.user), form=form, page=page, take=take)


# --- acts of the security administrator without a form ------------------------------------------------------

SECURITY_ACTS: dict[str, tuple[str, str, str]] = {
    "deactivate": ("停用账号", "停用", "停用后不能登录，已经登录的立即退出；任职和证件保留。"),
    "reactivate": ("启用账号", "启用", "启用后可以用原来的密码登录。"),
    "unlock": ("解除锁定", "解除锁定", "清除登录失败的次数，可以立即再登录。"),
    "reset-password": (
        "重置密码",
        "重置密码",
        "产生一个一次性密码，只显示一次；本人用它登录后须立即修改。已经登录的立即退出。",
    ),
}


@never_cache
@reads_on_get
def secure(request: OfficialRequest, pk: int, act: str) -> HttpResponse:
    """Lock, unlock, reset: a page that says what will happen, and the act on POST."""
    if act not in SECURITY_ACTS:
        raise Http404
    found = get_object_or_404(Official, pk=pk)
    permit = may_secure(request.user, found)
    if not permit:
        return refusal(request, permit)
    title, submit, note = SECURITY_ACTS[act]
    page = FormPage(f"{title}：{found.name}", submit, found.get_absolute_url(), found.name, note)

    def take(data: dict[str, Any]) -> HttpResponse:
        address = client_address(request)
        if act == "reset-password":
            password = services.reset_password(by=request.user, official=found, address=address)
            return render(request, "agency/one_time_password.html", {"person": found, "password": password})
        service = {"deactivate": services.deactivate, "reactivate": services.reactivate, "unlock": services.unlock}[act]
        service(by=request.user, official=found, address=address)
        messages.success(request, f"{title}：{found.name}")
        return redirect(found)

    form = forms.Form({} if request.method == "POST" else None)
    return act_page(request, permit=permit, form=form, page=page, take=take)
