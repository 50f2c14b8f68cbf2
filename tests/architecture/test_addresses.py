"""Every address is either on the public list or needs a login; and reading never writes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from core.views import cannot_write_on_get, reads_on_get

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


def is_public(pattern: URLPattern) -> bool:
    view = pattern.callback
    return bool(getattr(view, "is_public", False) or getattr(getattr(view, "view_class", None), "is_public", False))


def ours() -> list[tuple[str, URLPattern]]:
    return [(route, pattern) for route, pattern in all_patterns() if not route.startswith("desk/admin/")]


def test_the_public_addresses_are_exactly_the_listed_ones() -> None:
    assert {route for route, pattern in ours() if is_public(pattern)} == PUBLIC


@pytest.mark.django_db
def test_every_other_address_answers_a_stranger_with_the_sign_in_or_401(client: Client) -> None:
    samples = {"int": "1", "str": "x", "slug": "x", "path": "x", "uuid": "00000000-0000-0000-0000-000000000000"}
    checked = 0
    for route, pattern in ours():
        if is_public(pattern) or "(?P" in route or "^" in route:
            continue
        path = "/" + route
        for kind, value in samples.items():
            while f"<{kind}:" in path:
                start = path.index(f"<{kind}:")
                path = path[:start] + value + path[path.index(">", start) + 1 :]
        answer = client.get(path)
        assert answer.status_code in (302, 401, 404), f"{path}: {answer.status_code}"
        if answer.status_code == 302:
            assert answer["Location"].startswith("/desk/login/"), path
        checked += 1
    assert checked > 20


# Route -> why what answers it is not altogether below `reads_on_get`.
NOT_ALL_READING = {
    "desk/recordings/<int:pk>/content/": "No record, no content: the viewing is written down before the view that only reads begins.",
    "desk/recordings/acts/<int:act_pk>/uploads/": "Answers POST and OPTIONS alone.",
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
