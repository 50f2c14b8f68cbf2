"""The demonstration bureau, page by page and role by role: everything a link of a page leads to is there, whole and without barriers."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from config.demo.bureau import TO_CLOSING, TO_EVIDENCE, TO_OPINION, TO_REVIEW, TO_SERVICE
from core import ledger
from core.sweeping import sweep

# A desk of each kind: a section, a leader, a supervisor, an administrator; and the public.
ROLES = ("zhang", "zhou", "wang", "security", "")
START = ("/desk/", "/desk/duties/", "/desk/rules/", "/desk/me/", "/desk/password/")
PUBLIC = ("/", "/verify/", "/seals/", "/law/", "/calculator/")
# Long, and the same on every desk: the first role reads them for all.
ALIKE = ("/desk/rules/", "/desk/rules/coverage/")
# Answers that are files, and acts that end a session.
NOT_PAGES = re.compile(
    r"\.(json|csv|xlsx|atom|xml|pdf|txt)$|/documents/|/attachment/|/content/|^/api/|/admin/|/static/"
)


def kind_of(address: str) -> str:
    """What a page is, whichever file it shows: one of a kind is enough."""
    path = re.sub(r"\d+", "N", urlsplit(address).path)
    return re.sub(r"/rules/[A-Z][^/]+/", "/rules/ID/", re.sub(r"/instruments/[^/]+/", "/instruments/ID/", path))


@pytest.mark.parametrize("username", ROLES, ids=[name or "public" for name in ROLES])
def test_every_page_that_links_lead_to_is_whole(username, sign_in, visit, told, work_done):
    told(TO_CLOSING, age=3)
    told(TO_SERVICE, age=8, party="示例渔具有限公司")
    told(TO_OPINION, party="示例地毯有限公司")
    told(TO_REVIEW, age=2, party="示例机械制造有限公司")
    told(TO_EVIDENCE, age=2, party="示例水产加工有限公司")
    sweep(timezone.now())
    ledger.seal(timezone.now())
    person = sign_in(username) if username else visit()
    waiting, seen = list(START if username else PUBLIC), set(ALIKE if username not in (ROLES[0], "") else ())
    while waiting:
        address = waiting.pop(0)
        if kind_of(address) in seen:
            continue
        seen.add(kind_of(address))
        person.open(address)
        links = person.page.locator("a[href]").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        for link in links:
            path = urlsplit(link).path
            if path.startswith("/desk/" if username else "/") and not NOT_PAGES.search(path):
                waiting.append(path)
            elif link.startswith("/") and NOT_PAGES.search(path) and kind_of(link) not in seen:
                seen.add(kind_of(link))
                assert person.page.request.get(link).status == 200, link
        if not username:
            waiting = [path for path in waiting if not path.startswith("/desk/")]
    assert len(seen) > 4
