"""The site behind Django's admin. Apart from agency.admin, which registers with it: Django loads this one first."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

SHOWN: Final = frozenset({"agency.Unit", "agency.AgencyProfile", "agency.Official", "agency.Certificate"})


class ConfigurationSite(admin.AdminSite):
    """Only four models of configuration, only for the system administrator, and only with the desk's own sign-in."""

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
            if issubclass(model, Model) and model._meta.label in SHOWN:
                super().register(model, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_staff", False))

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect("/desk/")
        return redirect(f"{reverse('agency:sign_in')}?next={reverse('admin:index')}")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]  # a redirect
        return redirect("agency:me")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]  # a redirect
        return redirect("agency:password")
