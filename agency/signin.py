"""Signing in, signing out, changing the own password."""

from __future__ import annotations

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.utils import reset as forget_failures
from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from agency import audit, passwords, services
from agency.addresses import client_address
from agency.audit import Action
from agency.forms import PasswordForm, SignInForm
from agency.models import Official
from core.middleware import public
from core.views import OfficialRequest, reads_on_get


def _next_page(request: HttpRequest) -> str:
    """Where the visitor wanted to go, if that is on this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if wanted.startswith(reverse("agency:sign_out")):
        wanted = ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return str(settings.LOGIN_REDIRECT_URL)


@public
@never_cache
@sensitive_post_parameters("password")
@reads_on_get
def sign_in(request: HttpRequest) -> HttpResponse:
    """The door of the desk. Five failures of an account or an address close it for a quarter of an hour."""
    if request.user.is_authenticated:
        return redirect(_next_page(request))
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        username = form.cleaned_data["username"]
        was_locked = not AxesProxyHandler.is_allowed(request, {"username": username})
        official = auth.authenticate(request, username=username, password=form.cleaned_data["password"])
        if isinstance(official, Official):
            return _enter(request, official)
        if not was_locked:
            _note_failure(request, username)
        form.add_error(None, _failure_text(request))
    return render(
        request,
        "agency/sign_in.html",
        {"form": form, "next": _next_page(request)},
        status=422 if form.is_bound else 200,
    )


def _enter(request: HttpRequest, official: Official) -> HttpResponse:
    auth.login(request, official)
    forget_failures(username=official.username)
    audit.note(Action.SIGNED_IN, by=official, of=official, address=client_address(request))
    warning = passwords.warning(official, timezone.now())
    if warning:
        messages.warning(request, warning)
    return redirect(_next_page(request))


def _note_failure(request: HttpRequest, username: str) -> None:
    """One line for each failure, and none for what is tried after the door is closed: nobody can flood the audit."""
    address = client_address(request)
    known = Official.objects.filter(username=username).first()
    audit.note(Action.SIGN_IN_FAILED, by=None, of=known, address=address, detail=f"用户名 {username}")
    if getattr(request, "axes_locked_out", False):
        audit.note(Action.LOCKED_OUT, by=None, of=known, address=address, detail=f"用户名 {username}")


def _failure_text(request: HttpRequest) -> str:
    """The same words for an unknown name, a wrong password and an account out of use."""
    left = settings.AXES_FAILURE_LIMIT - getattr(request, "axes_failures_since_start", 0)
    return f"用户名或密码不正确，还可以再试{max(left, 0)}次"


def locked_out(request: HttpRequest, response: HttpResponse | None, credentials: Any) -> HttpResponse:
    """What django-axes answers while the door is closed. The same whether the account exists or not."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    answer = render(
        request, "agency/locked_out.html", {"minutes": minutes, "limit": settings.AXES_FAILURE_LIMIT}, status=429
    )
    answer["Retry-After"] = str(minutes * 60)
    return answer


@require_POST
@reads_on_get
def sign_out(request: OfficialRequest) -> HttpResponse:
    """End the session. Without one ClosedByDefault leads to the door."""
    audit.note(Action.SIGNED_OUT, by=request.user, of=request.user, address=client_address(request))
    auth.logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@never_cache
@sensitive_post_parameters()
@reads_on_get
def password(request: OfficialRequest) -> HttpResponse:
    """Change the own password. The only page open to whoever must."""
    now = timezone.now()
    must = passwords.must_be_changed(request.user, now)
    form = PasswordForm(request.POST or None, official=request.user)
    if request.method == "POST" and form.is_valid():
        official = services.change_password(
            official=request.user, password=form.cleaned_data["password"], address=client_address(request)
        )
        auth.update_session_auth_hash(request, official)
        messages.success(request, "密码已修改，其他设备上的登录已经退出")
        return redirect(settings.LOGIN_REDIRECT_URL if must else "agency:me")
    context = {
        "form": form,
        "must": must,
        "first": request.user.must_change_password,
        "expires_at": passwords.expires_at(request.user),
        **passwords.context(),
    }
    return render(request, "agency/password.html", context, status=422 if form.is_bound else 200)
