"""Django's admin for the system administrator: configuration, never case data, never roles or passwords.

Roles are given on the desk's own pages, by another person. Nothing is deleted here: files name units and officials for decades.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest

from agency import audit
from agency.addresses import client_address
from agency.models import AgencyProfile, AuditEvent, Certificate, Official, Unit


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
