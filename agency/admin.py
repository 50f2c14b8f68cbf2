"""Django's admin for the system administrator: configuration, never case data, never roles or passwords.

Roles are given on the desk's own pages, by another person. Nothing is deleted here: files name units and officials for decades.
"""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from agency import audit
from agency.addresses import client_address
from agency.models import AgencyProfile, AuditEvent, Certificate, Official, Unit

SHOWN: Final = frozenset({Unit, AgencyProfile, Official, Certificate})


class ConfigurationSite(admin.AdminSite):
    """Only the four models of this module, only for the system administrator, and only with the desk's own sign-in."""

    site_header = site_title = "明察 系统配置"
    index_title = "单位、机关档案、人员和证件"
    site_url = "/desk/"
    enable_nav_sidebar = False

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Packages register their own tables here when they are loaded; they are not asked in."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        for model in models:
            if model in SHOWN:
                super().register(model, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, Official) and request.user.is_staff

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect("/desk/")
        return redirect(f"{reverse('agency:sign_in')}?next={reverse('admin:index')}")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]  # a redirect
        return redirect("agency:me")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]  # a redirect
        return redirect("agency:password")


class ConfigurationModel(admin.ModelAdmin[Any]):
    """Whatever is changed here is in the audit too; nothing is deleted."""

    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm[Any], change: bool) -> None:
        super().save_model(request, obj, form, change)
        labels = [str(form.fields[name].label) for name in form.changed_data]
        what = obj._meta.verbose_name
        audit.note(
            AuditEvent.Action.CONFIGURED,
            by=request.user if isinstance(request.user, Official) else None,
            of=obj if isinstance(obj, Official) else None,
            address=client_address(request),
            detail=f"{what} {obj}：{'、'.join(labels) or '没有变化'}",
        )


@admin.register(Unit)
class UnitAdmin(ConfigurationModel):
    list_display = ("name", "short_name", "kind", "parent", "position")
    list_select_related = ("parent",)
    search_fields = ("name",)


@admin.register(AgencyProfile)
class AgencyProfileAdmin(ConfigurationModel):
    """The agency is set up by `manage.py create_agency`; which rules bind it is not changed under open files."""

    readonly_fields = ("unit", "profile", "is_demo")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Official)
class OfficialAdmin(ConfigurationModel):
    """Who the person is. Accounts are opened on the desk, roles, passwords and locks are the security administrator's."""

    fields = ("username", "name", "unit", "email", "mobile", "served_from", "served_to")
    readonly_fields = ("username",)
    list_display = ("name", "unit", "served_from", "served_to")
    list_select_related = ("unit",)
    search_fields = ("name", "username")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Certificate)
class CertificateAdmin(ConfigurationModel):
    list_display = ("number", "kind", "official", "valid_from", "valid_to")
    list_select_related = ("official",)
    search_fields = ("number", "official__name")
    autocomplete_fields = ("official",)
