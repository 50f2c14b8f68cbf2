"""Every address is either on the public list or needs a login; and reading never writes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

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


def test_every_view_of_desk_and_api_that_answers_get_is_wrapped_so_that_it_cannot_write() -> None:
    unwrapped = [
        route
        for route, pattern in ours()
        if route.startswith(("desk/", "api/"))
        and not is_public(pattern)
        and not getattr(pattern.callback, "reads_on_get", False)
        and not getattr(pattern.callback, "answers_only_post", False)
    ]
    assert unwrapped == []
