"""What the case's page, the desk and the search show of recordings; and the hand-in in a real browser."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.urls import reverse

from agency.models import Role
from core import registry
from recording import selectors
from recording.models import Recording, Upload
from recording.strip import length_in_words
from tests.enforcement.factories import Bureau, fresh, official
from tests.recording import samples
from tests.recording.acts import examine, explain, index, kept, register, store


def test_the_cases_page_shows_the_strip_the_unexplained_break_and_the_way_to_put_it_right(
    bureau: Bureau, case: Any, act: Any, desk: Any, tmp_path: Path
) -> None:
    recording = kept(bureau, act, tmp_path, gap_after=1, gap=372)
    page = desk(bureau.lead).get(case.get_absolute_url()).content.decode()
    assert "中断6分12秒，未说明原因" in page
    assert recording.explain_url in page
    assert 'aria-label="片段1 09:02至09:31；中断09:02起6分12秒，未说明"' in page
    assert f'id="act-{act.pk}"' in page
    explain(bureau, recording)
    assert "未说明原因" not in desk(bureau.lead).get(case.get_absolute_url()).content.decode()


def test_only_its_officers_are_offered_to_hand_in(bureau: Bureau, case: Any, act: Any, desk: Any) -> None:
    address = reverse("recording:upload", args=[act.pk])
    assert address in desk(bureau.lead).get(case.get_absolute_url()).content.decode()
    assert address not in desk(bureau.head).get(case.get_absolute_url()).content.decode()


def test_what_waits_for_an_officer_is_one_click_from_the_act(
    bureau: Bureau, act: Any, desk: Any, tmp_path: Path
) -> None:
    def waiting(person: Any) -> list[tuple[str, str]]:
        return [(step.label, step.url) for step in selectors.waiting_steps(fresh(person))]

    recording = register(bureau, act)
    assert waiting(bureau.lead) == [("上传入库", recording.step_url("store"))]
    assert waiting(bureau.clerk) == waiting(bureau.stranger) == []
    other = kept(bureau, act, tmp_path, gap_after=1, gap=9)
    assert set(waiting(bureau.lead)) == {
        ("上传入库", recording.step_url("store")),
        ("编制索引", other.step_url("index")),
        ("说明录像中断的原因", other.explain_url),
    }
    for _, url in waiting(bureau.lead):
        assert desk(bureau.lead).get(url).status_code == 200
    index(bureau, other)
    explain(bureau, other)
    assert waiting(bureau.lead) == [("上传入库", recording.step_url("store"))]


def test_a_damaged_file_waits_under_its_own_name_not_as_a_break(bureau: Bureau, act: Any, tmp_path: Path) -> None:
    whole = samples.video(tmp_path / "whole.mp4", front=True)
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    damaged = store(bureau, register(bureau, act), whole)
    examine()
    damaged.refresh_from_db()
    assert damaged.faults
    assert damaged.gap_seconds == 0
    waiting = {step.label: step.url for step in selectors.waiting_steps(fresh(bureau.lead))}
    assert waiting["说明录像文件异常的原因"] == damaged.explain_url
    damaged.gaps = [{"at": 1, "seconds": 9}]
    assert damaged.unexplained == "录像中断和录像文件异常"
    explain(bureau, damaged)
    damaged.refresh_from_db()
    assert damaged.unexplained == ""


def test_the_search_finds_a_recording_by_its_place_for_those_who_may_see_it(
    bureau: Bureau, act: Any, tmp_path: Path
) -> None:
    recording = index(bureau, kept(bureau, act, tmp_path), place="样本工地三号仓库")

    def found(person: Any) -> list[str]:
        return [hit.url for hit in registry.search(fresh(person), "三号仓库") if hit.kind == "音像"]

    assert found(bureau.head) == [recording.get_absolute_url()]
    assert found(bureau.stranger) == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0秒"), (59, "59秒"), (60, "1分"), (372, "6分12秒"), (3600, "1小时"), (5568, "1小时32分48秒")],
)
def test_lengths_are_said_in_words(seconds: float, words: str) -> None:
    assert length_in_words(seconds) == words


def test_every_page_of_a_recording_stands_in_every_state(bureau: Bureau, act: Any, desk: Any, tmp_path: Path) -> None:
    browser = desk(bureau.lead)
    waiting = register(bureau, act)
    damaged = kept(bureau, act, tmp_path, gap_after=1, gap=9)
    done = index(bureau, explain(bureau, damaged))
    for row in (waiting, damaged, done):
        for page in (row.get_absolute_url(), row.explain_url):
            assert browser.get(page).status_code == 200
    for show in ("todo", "faulty", "done", "all", "nonsense"):
        assert browser.get(f"/desk/recordings/?show={show}&cursor=after-0").status_code == 200


def test_a_head_registers_a_device_and_others_only_read(bureau: Bureau, desk: Any) -> None:
    address = reverse("recording:devices")
    line = {"number": "示例-01", "kind": "body", "model": "", "unit": bureau.section.pk, "in_use_from": "2025-01-01"}
    assert desk(bureau.clerk).post(address, line).status_code == 404
    assert desk(bureau.other_head).post(address, line).status_code == 422
    assert desk(bureau.head).post(address, line).status_code == 302
    assert "示例-01" in desk(bureau.clerk).get(address).content.decode()
    assert "示例-01" not in desk(bureau.other_head).get(address).content.decode()


# --- in a browser -------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium: Playwright's own is not downloaded."""
    return {**browser_type_launch_args, "executable_path": "/usr/bin/chromium", "args": ["--no-sandbox"]}


@pytest.fixture
def signed_in(transactional_db: None, bureau: Bureau, act: Any, live_server: Any, page: Any, desk: Any) -> Any:
    """A page on which the lead officer of the case is signed in, and the address of the product."""
    cookie = desk(bureau.lead).cookies[django_settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    return page, live_server.url


@pytest.fixture(autouse=True)
def _playwright_runs_a_loop_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.mark.browser
def test_a_browser_uploads_in_pieces_goes_on_after_a_broken_line_and_hands_in(
    signed_in: Any, act: Any, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    page, base = signed_in
    file = tmp_path / "现场.mp4"
    file.write_bytes(os.urandom(20 * 1024 * 1024))
    page.goto(f"{base}{reverse('recording:upload', args=[act.pk])}")
    page.set_input_files("[name=file]", file)
    # The second piece is lost on its way: nobody answers, as on a line that broke.
    cut = {"left": 1}

    def lose_one(route: Any) -> None:
        if route.request.headers.get("upload-offset") != "0" and cut["left"]:
            cut["left"] -= 1
            route.abort()
        else:
            route.continue_()

    page.route("**/recordings/uploads/**", lose_one)
    page.get_by_role("button", name="上传入库").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("片段1", timeout=60_000)
    assert cut["left"] == 0
    recording = Recording.objects.get()
    assert recording.size == file.stat().st_size
    assert recording.file is not None
    assert recording.file.name == "现场.mp4"
    assert not Upload.objects.exists()


@pytest.mark.browser
def test_without_a_script_the_same_form_hands_in(
    signed_in: Any, bureau: Bureau, act: Any, tmp_path: Path, browser: Any, desk: Any
) -> None:
    _, base = signed_in
    context = browser.new_context(java_script_enabled=False)
    cookie = desk(bureau.lead).cookies[django_settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base}])
    page = context.new_page()
    page.goto(f"{base}{reverse('recording:upload', args=[act.pk])}")
    page.set_input_files("[name=file]", samples.video(tmp_path / "现场.mp4"))
    page.get_by_role("button", name="上传入库").click()
    assert "片段1" in page.inner_text("h1")
    assert Recording.objects.get().is_stored
    context.close()


def test_the_custodian_s_first_screen_lists_what_is_not_archived_yet_and_nobody_else_s_does(
    bureau: Bureau, act: Any, desk: Any, tmp_path: Path
) -> None:
    custodian = official("陈示例", Role.RECORDS_CUSTODIAN, bureau.root)
    home = reverse("desk:home")
    assert "没有待归集的录像" in desk(custodian).get(home).content.decode()
    owed = register(bureau, act)
    page = desk(custodian).get(home).content.decode()
    assert page.count(f'href="{owed.get_absolute_url()}"') == 1
    assert owed.case.title in page
    assert "待归集的录像" not in desk(bureau.lead).get(home).content.decode()
    done = kept(bureau, act, tmp_path)
    index(bureau, done)
    page = desk(custodian).get(home).content.decode()
    assert owed.get_absolute_url() in page
    assert done.get_absolute_url() not in page
