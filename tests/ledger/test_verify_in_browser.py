"""static/js/verify.js in Chromium, on a page from a plain http origin: what the server says is recomputed, never
believed.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from core import ledger
from tests.ledger.conftest import NOW, line_hash

STATIC = Path(__file__).parents[2] / "static"
PAGE = """<!doctype html><html lang="zh-CN"><title>公示</title>
<p data-ledger-verdict>核验方法见说明</p><table>{rows}</table>
<script type="application/json" id="ledger-proof">{sheet}</script>
<script src="/sha256.min.js"></script><script src="/verify.js"></script>"""
SCRIPTS = {"sha256.min.js": STATIC / "vendor/sha256.min.js", "verify.js": STATIC / "js/verify.js"}


def altered(sheet, change):
    sheet = copy.deepcopy(sheet)
    change(sheet)
    return sheet


def rehash_from(sheet, position):
    """As a server would that recomputed the chain after altering a line."""
    previous = sheet["entries"][position]["prev_hash"]
    for entry in sheet["entries"][position:]:
        entry["prev_hash"] = previous
        entry["hash"] = previous = line_hash(previous, sheet["stream"], entry["seq"], entry["body"])


def forge(sheet):
    sheet["entries"][1]["body"] = sheet["entries"][1]["body"].replace("demo", "fake")
    rehash_from(sheet, 1)


def read_in_browser(browser, sheets):
    """What a reader sees on each page: the whole verdict, then each line's text, then what the event carried."""
    seen = {}
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_init_script("document.addEventListener('ledger:verified', (event) => { window.counts = event.detail; });")
    html = ""

    def answer(route):
        script = SCRIPTS.get(route.request.url.rsplit("/", 1)[-1])
        if script is not None:
            route.fulfill(path=script, content_type="text/javascript; charset=utf-8")
        else:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")

    page.route("**/*", answer)
    for name, sheet in sheets.items():
        rows = "".join(f'<tr><td data-ledger-line="{e["seq"]}">待核验</td></tr>' for e in sheet["entries"])
        html = PAGE.format(rows=rows, sheet=json.dumps(sheet).replace("<", "\\u003c"))
        page.goto(f"http://notices.example/{len(seen)}")
        assert page.evaluate("window.isSecureContext") is False
        seen[name] = (
            page.locator("[data-ledger-verdict]").inner_text(),
            page.locator("[data-ledger-line]").all_inner_texts(),
            page.evaluate("window.counts"),
            page.locator("[data-ledger-line] svg[aria-hidden=true]").count(),
        )
    assert errors == []
    page.close()
    return seen


@pytest.mark.browser
def test_a_readers_browser_verifies_for_itself(browser, some_lines):
    waiting = ledger.proof_sheet("case:1")
    ledger.append_many([(f"case:{n}", {"name": "威海<b>"}) for n in range(10, 300)])
    ledger.seal(NOW)
    good = ledger.proof_sheet("case:1")
    ledger.append("case:1", {"late": True})
    partly = ledger.proof_sheet("case:1")

    def replace_seal(sheet):
        sheet["seal"]["root"] = "0" * 64

    def other_proof(sheet):
        sheet["entries"][2]["proof"] = sheet["entries"][0]["proof"]

    seen = read_in_browser(
        browser,
        {
            "good": good,
            "other": ledger.proof_sheet("case:250"),
            "waiting": waiting,
            "partly": partly,
            "body": altered(good, lambda s: s["entries"][1].update(body="{}")),
            "rewritten": altered(good, forge),
            "gap": altered(good, lambda s: s["entries"].pop(1)),
            "link": altered(good, lambda s: s["entries"][3].update(prev_hash="0" * 64)),
            "seal": altered(good, replace_seal),
            "proof": altered(good, other_proof),
            "stream": altered(good, lambda s: s.update(stream="case:2")),
        },
    )

    assert seen["good"] == (
        "已验证：4 行均在 2026-03-02 的封存之中",
        ["已验证"] * 4,
        {"verified": 4, "pending": 0, "broken": 0},
        4,
    )
    assert seen["other"][1] == ["已验证"]
    assert seen["waiting"][:2] == ("4 行首尾相接，将于今日封存后可验证", ["将于今日封存后可验证"] * 4)
    assert seen["partly"][:2] == (
        "已验证：4 行均在 2026-03-02 的封存之中，另 1 行将于今日封存后可验证",
        ["已验证"] * 4 + ["将于今日封存后可验证"],
    )
    after = "不一致：前面的行已不一致"
    assert seen["body"][:2] == ("不一致：3 行与记录链或者封存不符", ["已验证", "不一致：内容与摘要不符", after, after])
    assert seen["rewritten"][1] == ["已验证", "不一致：不在已公布的封存之中", after, after]
    assert seen["gap"][1] == ["已验证", "不一致：第2行缺失", after]
    assert seen["link"][1] == ["已验证"] * 3 + ["不一致：与前一行不相接"]
    assert seen["seal"][1] == ["不一致：封存与其摘要不符", after, after, after]
    assert seen["proof"][1] == ["已验证", "已验证", "不一致：不在已公布的封存之中", after]
    assert seen["stream"][1][0] == "不一致：内容与摘要不符"
