"""Pages: the deputy during a leave, robots of group chats, and the record of what was sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from agency import telling
from agency.addresses import client_address
from agency.forms import DeliveryFilterForm, LeaveForm, RobotAddressForm, RobotForm
from agency.leave import Leave
from agency.models import Official
from agency.permissions import may_configure, may_name_deputy, may_read_deliveries
from agency.views import FormPage, act_page, refusal, tabs
from core.access import NotPermitted
from core.alerts import in_words, plan_of
from core.models import Delivery, Robot
from core.paging import NEWEST_FIRST, page_of
from core.views import OfficialRequest, reads_on_get

SUMMED_OVER = timedelta(days=30)


# --- leave ------------------------------------------------------------------------------------------------------


def _home_of(request: OfficialRequest, official: Official) -> tuple[str, str]:
    """Where the acts on somebody's leave lead back to."""
    if official.pk == request.user.pk:
        return reverse("agency:me"), "我的账号"
    return official.get_absolute_url(), official.name


@reads_on_get
def new_leave(request: OfficialRequest, pk: int) -> HttpResponse:
    """Name a deputy for the days of a leave."""
    found = get_object_or_404(Official.objects.select_related("unit"), pk=pk)
    back, label = _home_of(request, found)

    def take(data: dict[str, Any]) -> HttpResponse:
        leave = telling.name_deputy(by=request.user, official=found, address=client_address(request), **data)
        messages.success(request, f"已登记：{found.name}休假期间由{leave.deputy.name}代为知悉期限提醒")
        return redirect(back)

    note = f"休假期间，{found.name}的期限提醒同时告知代理人。代理人只是知悉：看不到其权限之外的案卷，也不能代为办理。"
    page = FormPage(f"休假代理：{found.name}", "登记", back, label, note)
    form = LeaveForm(request.POST or None, official=found)
    return act_page(request, permit=may_name_deputy(request.user, found), form=form, page=page, take=take)


@reads_on_get
def end_leave(request: OfficialRequest, pk: int) -> HttpResponse:
    """End a leave before its last day."""
    leave = get_object_or_404(Leave.objects.select_related("official__unit", "deputy"), pk=pk)
    back, label = _home_of(request, leave.official)

    def take(data: dict[str, Any]) -> HttpResponse:
        telling.end_leave(by=request.user, leave=leave, address=client_address(request))
        messages.success(request, "代理已经结束")
        return redirect(back)

    note = f"从今天起，期限提醒不再告知{leave.deputy.name}；已经告知的，记录保留。"
    page = FormPage(f"结束代理：{leave.official.name}", "结束代理", back, label, note)
    form = forms.Form({} if request.method == "POST" else None)
    return act_page(request, permit=may_name_deputy(request.user, leave.official), form=form, page=page, take=take)


# --- robots -----------------------------------------------------------------------------------------------------


@reads_on_get
def robots(request: OfficialRequest) -> HttpResponse:
    """The robots of the units' group chats, without what would let anybody speak for them."""
    permit = may_configure(request.user)
    if not permit:
        return refusal(request, permit)
    found = list(Robot.objects.select_related("unit"))
    return render(request, "agency/robots.html", {"robots": found, "tabs": tabs(request, "robots")})


@reads_on_get
def new_robot(request: OfficialRequest) -> HttpResponse:
    """Enter a robot."""

    def take(data: dict[str, Any]) -> HttpResponse:
        robot = telling.register_robot(by=request.user, address=client_address(request), **data)
        messages.success(request, f"已登记{robot.name}，可以发送一条测试消息")
        return redirect("agency:robots")

    page = FormPage("登记群机器人", "登记", reverse("agency:robots"), "群机器人", LEAVES_THE_NETWORK)
    form = RobotForm(request.POST or None)
    return act_page(request, permit=may_configure(request.user), form=form, page=page, take=take)


LEAVES_THE_NETWORK = (
    "机器人的消息会离开本单位网络：只写事项名称、期限和项数，不写案件、当事人和人员。"
    "每个工作日上午汇总一次，按小时计算的事项随时发送。"
)


@reads_on_get
def robot_address(request: OfficialRequest, pk: int) -> HttpResponse:
    """Give a robot a new address."""
    robot = get_object_or_404(Robot.objects.select_related("unit"), pk=pk)

    def take(data: dict[str, Any]) -> HttpResponse:
        telling.replace_robot_address(by=request.user, robot=robot, address=client_address(request), **data)
        messages.success(request, f"{robot.name}的网址已经更换")
        return redirect("agency:robots")

    page = FormPage(f"更换网址：{robot.name}", "更换", reverse("agency:robots"), "群机器人", "原来的网址和密钥不显示。")
    form = RobotAddressForm(request.POST or None)
    return act_page(request, permit=may_configure(request.user), form=form, page=page, take=take)


@require_POST
@reads_on_get
def robot_act(request: OfficialRequest, pk: int, act: str) -> HttpResponse:
    """Switch a robot on or off, or have it say something."""
    if act not in ("test", "on", "off"):
        raise Http404
    robot = get_object_or_404(Robot.objects.select_related("unit"), pk=pk)
    address = client_address(request)
    try:
        if act == "test":
            telling.try_robot(by=request.user, robot=robot, address=address)
            messages.success(request, f"{robot.name}的测试消息已经交付发送，结果见发送记录")
        else:
            telling.switch_robot(by=request.user, robot=robot, is_active=act == "on", address=address)
            messages.success(request, f"{robot.name}已{'启用' if act == 'on' else '停用'}")
    except ValidationError as refused:
        messages.error(request, "；".join(refused.messages))
    except NotPermitted as refused:
        return refusal(request, refused.permit)
    return redirect("agency:robots")


# --- deliveries -------------------------------------------------------------------------------------------------


@reads_on_get
def deliveries(request: OfficialRequest) -> HttpResponse:
    """Everything that left the product: to whom, by which channel, how often tried, what became of it. Never what it said."""
    permit = may_read_deliveries(request.user)
    if not permit:
        return refusal(request, permit)
    form = DeliveryFilterForm(request.GET)
    form.is_valid()
    found = Delivery.objects.narrowed(**form.cleaned_data).select_related("recipient__unit", "robot__unit", "seen_by")
    page = page_of(found, request.GET.get("cursor", ""), by=NEWEST_FIRST)
    context = {
        "form": form,
        "pager": page,
        "sums": _sums(timezone.now()),
        "columns": Delivery.Standing.choices,
        "plan": in_words(plan_of(request.user.unit_id)),
        "may_configure": may_configure(request.user),
        "tabs": tabs(request, "deliveries"),
    }
    return render(request, "agency/deliveries.html", context)


def _sums(now: datetime) -> list[tuple[str, list[tuple[str, int]]]]:
    """Each channel with how many deliveries of the last thirty days stand how."""
    counted = Delivery.objects.filter(composed_at__gt=now - SUMMED_OVER).by_standing()
    return [
        (label, [(words, counted.get((channel, standing), 0)) for standing, words in Delivery.Standing.choices])
        for channel, label in Delivery.Channel.choices
    ]


@require_POST
@reads_on_get
def send_again(request: OfficialRequest, pk: int) -> HttpResponse:
    """Try a message again that could not be sent."""
    delivery = get_object_or_404(Delivery, pk=pk)
    try:
        telling.send_again(by=request.user, delivery=delivery, address=client_address(request))
    except ValidationError as refused:
        messages.error(request, "；".join(refused.messages))
    except NotPermitted as refused:
        return refusal(request, refused.permit)
    else:
        messages.success(request, "已重新交付发送")
    return redirect("agency:deliveries")
