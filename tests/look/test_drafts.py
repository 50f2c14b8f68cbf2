"""Drafts in a real browser: kept while unsent or refused, gone once accepted, discarded on request, per official."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

SCRIPT = (Path(__file__).parents[2] / "static/js/drafts.js").read_text()
ADDRESS = "http://desk.test/"

pytestmark = pytest.mark.browser


def body(inner: str, official: str = "7") -> str:
    return f'<body data-official="{official}">{inner}<script src="/drafts.js"></script></body>'


def form(*, bound: bool = False, text: str = "") -> str:
    mark = "data-bound" if bound else ""
    return (
        f'<form method="post" action="/send/" data-draft-key="case-3" {mark}>'
        '<input type="hidden" name="token" value="t"><input type="password" name="secret">'
        f'<textarea name="reason">{text}</textarea>'
        '<input type="radio" name="kind" value="a" checked><input type="radio" name="kind" value="b">'
        "<button>送审</button></form>"
        '<form method="post" action="/out/" data-sign-out><button>退出</button></form>'
    )


class Desk:
    """Answers every address; what the form's sending leads to is set by the test."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.official = "7"
        self.answer = body("<p>已送审</p>")
        self.forms = [form()]
        page.route(ADDRESS + "**", self.serve)

    def serve(self, route: Route) -> None:
        if route.request.url.endswith("/drafts.js"):
            route.fulfill(body=SCRIPT, content_type="text/javascript; charset=utf-8")
        elif route.request.method == "POST":
            route.fulfill(body=self.answer, content_type="text/html; charset=utf-8")
        else:
            shown = self.forms.pop(0) if len(self.forms) > 1 else self.forms[0]
            route.fulfill(body=body(shown, self.official), content_type="text/html; charset=utf-8")

    def type_reason(self, text: str) -> None:
        self.page.goto(ADDRESS)
        self.page.fill("[name=secret]", "hidden word")
        self.page.fill("[name=reason]", text)
        self.page.check("[value=b]")
        self.wait_until_kept(text, '["b",true]')

    def wait_until_kept(self, *parts: str) -> None:
        all_kept = "parts => Object.values(localStorage).some(kept => parts.every(part => kept.includes(part)))"
        self.page.wait_for_function(all_kept, arg=parts)

    def reason(self) -> str:
        self.page.goto(ADDRESS)
        return self.page.input_value("[name=reason]")


@pytest.fixture
def desk(page: Page) -> Desk:
    return Desk(page)


def test_what_was_typed_comes_back_with_a_note(desk: Desk) -> None:
    desk.type_reason("当事人已改正")
    assert desk.reason() == "当事人已改正"
    assert desk.page.is_checked("[value=b]")
    expect(desk.page.locator(".draft-note")).to_contain_text("已恢复未提交的草稿")


def test_whoever_leaves_while_still_typing_loses_nothing(desk: Desk) -> None:
    desk.page.goto(ADDRESS)
    desk.page.clock.install()
    desk.page.fill("[name=reason]", "还没有写完")
    assert desk.page.evaluate("Object.keys(localStorage).length") == 0, "saved before the page was left"
    assert desk.reason() == "还没有写完"


def test_what_nobody_touched_is_not_brought_back(desk: Desk) -> None:
    """The moment of an act is offered as now; an old now would be a wrong legal moment."""
    now = '<input type="datetime-local" name="happened_at" value="{}">'
    first, later = (
        form().replace("<textarea", now.format(at) + "<textarea") for at in ("2026-03-02T09:00", "2026-03-02T17:00")
    )
    desk.forms = [first, later]
    desk.type_reason("当事人已改正")
    assert desk.reason() == "当事人已改正"
    assert desk.page.input_value("[name=happened_at]") == "2026-03-02T17:00"


def test_what_was_touched_before_a_refusal_comes_back_whole(desk: Desk) -> None:
    desk.answer = body(form(bound=True, text="被退回的内容"))
    desk.type_reason("被退回的内容")
    desk.page.get_by_role("button", name="送审").click()
    desk.page.fill("[name=reason]", "又改的内容")
    desk.wait_until_kept("又改的内容")
    assert desk.reason() == "又改的内容"
    assert desk.page.is_checked("[value=a]")


def test_passwords_and_hidden_fields_are_never_kept(desk: Desk) -> None:
    desk.type_reason("理由")
    kept = desk.page.evaluate("JSON.stringify(localStorage)")
    assert "hidden word" not in kept
    assert "token" not in kept


def test_a_draft_can_be_discarded(desk: Desk) -> None:
    desk.type_reason("不要的内容")
    desk.page.goto(ADDRESS)
    desk.page.get_by_role("button", name="不用草稿").click()
    assert desk.page.input_value("[name=reason]") == ""
    assert desk.page.is_checked("[value=a]")
    assert desk.reason() == ""


def test_an_accepted_form_leaves_no_draft(desk: Desk) -> None:
    desk.type_reason("送出的内容")
    desk.page.get_by_role("button", name="送审").click()
    expect(desk.page.locator("p")).to_have_text("已送审")
    assert desk.reason() == ""


def test_a_refused_form_keeps_its_draft(desk: Desk) -> None:
    desk.answer = body(form(bound=True, text="被退回的内容"))
    desk.type_reason("被退回的内容")
    desk.page.get_by_role("button", name="送审").click()
    expect(desk.page.locator("[data-bound]")).to_be_attached()
    expect(desk.page.locator(".draft-note")).to_have_count(0)
    assert desk.reason() == "被退回的内容"


def test_a_failure_keeps_the_draft_until_the_form_is_accepted(desk: Desk) -> None:
    failed = '<p data-keep-drafts>系统暂时不能处理</p><a href="/next/">到我的待办</a>'
    desk.answer = f'<body>{failed}<script src="/drafts.js"></script></body>'
    desk.type_reason("差点丢失的内容")
    desk.page.get_by_role("button", name="送审").click()
    expect(desk.page.locator("p")).to_have_text("系统暂时不能处理")
    desk.page.get_by_role("link", name="到我的待办").click()
    desk.page.wait_for_url("**/next/")
    assert desk.reason() == "差点丢失的内容"


def test_a_broken_line_keeps_the_draft(desk: Desk) -> None:
    desk.type_reason("没有送到的内容")
    desk.page.route(ADDRESS + "send/", lambda route: route.abort())
    desk.page.get_by_role("button", name="送审").click()
    desk.page.wait_for_url("chrome-error://**")
    assert desk.reason() == "没有送到的内容"


def test_a_form_that_leads_to_itself_is_accepted_with_a_word_of_success(desk: Desk) -> None:
    desk.answer = body('<div class="notes"><div class="alert alert--green">已登记</div></div>' + form())
    desk.type_reason("第一份证据")
    desk.page.get_by_role("button", name="送审").click()
    expect(desk.page.get_by_text("已登记")).to_be_visible()
    assert desk.page.input_value("[name=reason]") == ""
    assert desk.reason() == ""


def test_another_official_does_not_see_it(desk: Desk) -> None:
    desk.type_reason("张示例的草稿")
    desk.official = "8"
    assert desk.reason() == ""


@pytest.mark.parametrize("still_typing", [False, True], ids=["saved", "still typing"])
def test_signing_out_removes_the_drafts(desk: Desk, still_typing: bool) -> None:
    desk.type_reason("公用电脑上的草稿")
    desk.answer = "<body><p>已退出</p></body>"
    if still_typing:
        desk.page.clock.install()
        desk.page.fill("[name=reason]", "还没有写完")
    desk.page.get_by_role("button", name="退出").click()
    expect(desk.page.locator("p")).to_have_text("已退出")
    assert desk.reason() == ""
