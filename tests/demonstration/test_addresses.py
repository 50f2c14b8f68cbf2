"""Every address is either on the public list or needs a login; and reading never writes."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import django
import pytest
from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.utils import timezone

from agency import telling
from agency.models import Official
from core import seen
from core.views import cannot_write_on_get, reads_on_get
from recording import uploads

DJANGO = Path(django.__file__).parent

PUBLIC = {
    # the sign-in itself
    "desk/login/",
    # health and face
    "healthz",
    # the public site
    "",
    "notices/<int:pk>/",
    "notices/<int:pk>.json",
    "notices.atom",
    "verify/",
    "seals/",
    "seals/<int:size>.json",
    "law/",
    "calculator/",
    # and its answers for machines
    "api/v1/deadline/",
    "sitemap.xml",
    "sitemap-<int:part>.xml",
    "robots.txt",
}


def all_patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from all_patterns(entry, route)
        else:
            yield route, entry


# --- every address with something real at its end ---------------------------------------------------------------


def first(model: str, **which: Any) -> Any:
    return apps.get_model(model)._default_manager.filter(**which)[:1].get()


def real_values(route: str) -> dict[str, object]:
    """For the parameters of a route: values of rows that stand in the demonstration."""
    case = first("enforcement.Case", documents__isnull=False)
    stored = first("recording.Recording", state="indexed")
    asked = first("enforcement.MomentCorrection", state="requested")
    report = first("supervision.PlanReport", attachment__isnull=False)
    notice = first("disclosure.Notice", state="in_review")
    person = {"pk": Official.objects.get(username="zhang").pk}
    table: dict[str, dict[str, object]] = {
        "desk/duties/": {"pk": first("core.Duty").pk},
        "desk/told/": {"token": seen.address_in(first("core.Delivery")).rstrip("/").rpartition("/")[2]},
        "desk/messages/": {"pk": first("core.Alert").pk},
        "desk/rules/": {"rule_id": "WH-MEAS-15b"},
        "desk/instruments/": {"instrument_id": "weihai-2020-supervision-measures"},
        "desk/calendars/": {"year": 2026},
        "desk/ledger/": {"stream": case.stream},
        "desk/agency/officials/": person | {"act": "unlock"},
        "desk/agency/appointments/": {"pk": first("agency.Appointment").pk},
        "desk/agency/leaves/": {"pk": first("agency.Leave").pk},
        "desk/agency/robots/": {"pk": first("core.Robot").pk, "act": "on"},
        "desk/agency/deliveries/": {"pk": first("core.Delivery").pk},
        "desk/cases/": {"pk": case.pk, "key": "close", "document_pk": case.documents.all()[0].pk},
        "desk/cases/<int:pk>/facts/": {"pk": asked.case_id, "record_pk": asked.record_id},
        "desk/cases/<int:pk>/requests/": {
            "pk": asked.case_id, "kind": asked.kind, "request_pk": asked.pk, "key": "approve",
        },
        "desk/recordings/": {"pk": stored.pk, "key": "index"},
        "desk/recordings/acts/": {"act_pk": stored.act_id},
        "desk/recordings/uploads/": {"token": first("recording.Upload").token},
        "desk/recordings/access/": {"pk": first("recording.AccessRequest").pk, "key": "approve"},
        "desk/reviews/": {"pk": first("legalreview.Review", document__isnull=False).pk, "key": "accept"},
        "desk/reviews/cases/": {"pk": case.pk},
        "desk/disclosure/": {"pk": notice.pk, "key": "publish", "kind": "csv"},
        "desk/supervision/reports/": {"pk": report.pk},
        "desk/supervision/plan/": {"period": report.period, "item": report.item, "unit_id": report.unit_id},
        "desk/supervision/board/": {"kind": "csv"},
        "api/v1/plan/": {"period": report.period, "item": report.item, "unit_id": report.unit_id},
        "api/v1/cases/": {"pk": case.pk, "key": "close"},
        "api/v1/^cases/": {"pk": case.pk},
        "api/v1/^recordings/": {"pk": stored.pk},
        "api/v1/^reviews/": {"pk": first("legalreview.Review").pk},
        "api/v1/^notices/": {"pk": notice.pk},
        "api/v1/^duties/": {"pk": first("core.Duty").pk},
    }  # fmt: skip
    best = max((prefix for prefix in table if route.startswith(prefix)), key=len, default="")
    return table.get(best, {})


PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


def address_of(route: str) -> str:
    """The address of a path() or of a router's regular expression, with real values; it leads where it should."""
    values = real_values(route) if PARAMETER.search(route) else {}
    filled = PARAMETER.sub(lambda found: str(values[found[1] or found[2]]), route)
    address = "/" + filled.replace("^", "").replace("$", "").replace("\\Z", "")
    assert resolve(address).func is dict(all_patterns())[route].callback
    return address


@pytest.fixture(scope="module")
def addresses(demonstration: None, django_db_blocker: Any) -> dict[str, str]:
    """Route -> address, of everything that is not public."""
    with django_db_blocker.unblock():
        zhang = Official.objects.get(username="zhang")
        today = timezone.localdate()
        wu = Official.objects.get(username="wu")
        telling.name_deputy(by=None, official=zhang, deputy=wu, first_day=today, last_day=today)
        address = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=00000000-example"
        robot = telling.register_robot(by=None, unit=zhang.unit, kind="wecom", name="示例群", web_address=address)
        telling.try_robot(by=None, robot=robot)
        uploads.begin(act=first("recording.Recording", case__officers__official=zhang).act, by=zhang, name="a", size=1)
        return {route: address_of(route) for route, pattern in ours() if not is_public(pattern)}


def is_public(pattern: URLPattern) -> bool:
    view = pattern.callback
    return bool(getattr(view, "is_public", False) or getattr(getattr(view, "view_class", None), "is_public", False))


def ours() -> list[tuple[str, URLPattern]]:
    return [(route, pattern) for route, pattern in all_patterns() if not route.startswith("desk/admin/")]


def test_the_public_addresses_are_exactly_the_listed_ones() -> None:
    assert {route for route, pattern in ours() if is_public(pattern)} == PUBLIC


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete"])
def test_every_other_address_answers_a_stranger_with_the_sign_in_or_401(
    addresses: dict[str, str], client: Client, method: str
) -> None:
    for address in addresses.values():
        answer = getattr(client, method)(address)
        if address.startswith("/api/"):
            assert answer.status_code == 401, address
        else:
            assert (answer.status_code, answer.headers.get("Location")) == (
                302,
                f"/desk/login/?next={quote(address)}",
            ), address


@pytest.mark.django_db
def test_behind_each_of_these_addresses_stands_something_that_somebody_may_see(addresses: dict[str, str]) -> None:
    """So that a stranger's answer is no accident of an empty database."""
    dead = dict(addresses)
    for username in ("zhang", "zheng", "wu", "zhao", "wang", "security"):
        client = Client()
        client.force_login(Official.objects.get(username=username))
        for route, address in list(dead.items()):
            answer = client.get(address)
            if answer.streaming:
                # The test client closes it at its end, without ending the surrounding transaction.
                b"".join(answer.streaming_content)  # type: ignore[arg-type]
            if answer.status_code != 404:
                del dead[route]
            if address == "/desk/logout/":
                client.force_login(Official.objects.get(username=username))
    assert dead == {}


def test_the_administration_pages_need_the_sign_in_too(client: Client, db: None) -> None:
    checked = [route for route, _ in all_patterns() if route.startswith("desk/admin/")]
    assert len(checked) > 5
    for route in checked:
        address = "/" + PARAMETER.sub("1", route).replace("^", "").replace("$", "")
        for answer in (client.get(address), client.post(address)):
            assert (answer.status_code, answer.headers.get("Location")) == (
                302,
                f"/desk/login/?next={quote(address)}",
            ), address


# Route -> why what answers it is not altogether below `reads_on_get`.
NOT_ALL_READING = {
    "desk/recordings/<int:pk>/content/": "No record, no content: the viewing is written down before the view that only reads begins.",
    "desk/recordings/acts/<int:act_pk>/uploads/": "Answers POST and OPTIONS alone.",
    "desk/told/<str:token>/": "That an alert sent outside was seen is noted before the reader is led to the page that only reads.",
    "healthz": "Says 503 where no transaction can begin.",
    "robots.txt": "Asks no database.",
}


def layers(view: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """The view and what it wraps, without Django's own decorators, which write nothing."""
    while True:
        if not Path(view.__code__.co_filename).is_relative_to(DJANGO):
            yield view
        if not hasattr(view, "__wrapped__"):
            return
        view = view.__wrapped__


def test_every_view_that_answers_get_is_wrapped_as_a_whole_so_that_it_cannot_write() -> None:
    unwrapped = {route for route, pattern in ours() if not cannot_write_on_get(next(layers(pattern.callback)))}
    assert unwrapped == set(NOT_ALL_READING)


def test_the_recordings_content_is_read_below_its_record_of_access() -> None:
    [content] = [pattern.callback for route, pattern in ours() if route == "desk/recordings/<int:pk>/content/"]
    recorded, reading, *_ = layers(content)
    assert not cannot_write_on_get(recorded)
    assert cannot_write_on_get(reading)


def test_a_decorator_does_not_inherit_the_mark() -> None:
    @reads_on_get
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    @functools.wraps(view)
    def writing_before(request: HttpRequest) -> HttpResponseBase:
        return view(request)

    assert cannot_write_on_get(view)
    assert not cannot_write_on_get(writing_before)
