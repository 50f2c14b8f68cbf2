"""The reader's browser verifies the lines and that the text on the page is the one that was published."""

from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Route, sync_playwright

from core.ledger.seals import seal
from disclosure.models import Notice
from tests.disclosure.flow import Bureau, publish

STATIC = Path(__file__).resolve().parents[2] / "static"
pytestmark = pytest.mark.browser


@pytest.fixture
def page_text(bureau: Bureau, notice: Notice, client: Client) -> str:
    """The sealed notice's page as the site serves it."""
    publish(bureau, notice)
    seal(timezone.now())
    return client.get(f"/notices/{notice.pk}/").content.decode()


def verdicts(html: str) -> tuple[str, str]:
    """What the page says of its lines and of its text once its own scripts have run.

    In a thread of its own: other tests may hold a browser in this one.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_verdicts, html).result()


def _verdicts(html: str) -> tuple[str, str]:
    def serve(route: Route) -> None:
        path = route.request.url.split("/static/")[-1]
        if "/static/" not in route.request.url:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        elif path.endswith(".js"):
            # Outside DEBUG a static file's name holds a digest.
            plain = re.sub(r"\.[0-9a-f]{12}(?=\.js$)", "", path)
            route.fulfill(path=STATIC / plain, content_type="text/javascript")
        else:
            route.abort()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/*", serve)
        page.goto("http://notice.example/")
        page.wait_for_selector("[data-text-verdict]:not([hidden])")
        told = page.inner_text("[data-ledger-verdict]"), page.inner_text("[data-text-verdict]")
        browser.close()
    return told


def test_a_published_notice_is_verified_lines_and_text(page_text: str) -> None:
    lines, text = verdicts(page_text)
    assert lines.startswith("已验证：3 行均在")
    assert text == "公示文本与公示时登记的摘要一致。"


def test_a_text_shown_otherwise_than_it_was_published_is_seen(page_text: str) -> None:
    shown = page_text.replace("<td>示例建筑有限公司</td>", "<td>样本建筑有限公司</td>").replace(
        "经查，示例建筑", "经查，样本建筑", 1
    )
    assert shown != page_text
    assert verdicts(shown)[1] == "公示文本与公示时登记的摘要不一致。"


def test_a_line_altered_on_the_way_is_seen(page_text: str) -> None:
    altered = page_text.replace(r"\u0022edits\u0022:0", r"\u0022edits\u0022:1").replace(r"\"edits\":0", r"\"edits\":1")
    assert altered != page_text
    lines, text = verdicts(altered)
    assert lines.startswith("不一致")
    assert text == "公示文本与公示时登记的摘要不一致。"
