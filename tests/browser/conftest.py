"""Chromium against a live server, by several people at once. Nothing in these tests asks the server anything but through pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext

from config.demo.people import Cast, settle
from config.demo.stories import Story
from config.demo.telling import tell
from core import jobs
from core.models import Job
from enforcement.models import Case
from tests.browser.people import Official, Reader
from tests.browser.sights import PICTURES, Watch
from tests.browser.walk.filing import PARTY

# The window of an official's office machine; every page is looked at on a telephone too.
OFFICE = {"width": 1366, "height": 768}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(autouse=True)
def _nothing_left_outside(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    settings.STORE_DIR = tmp_path / "store"
    settings.DEMO = True
    # Twenty people are made for each test; how passwords are kept is tested elsewhere.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Work is done by `work_done`; nobody listens at the broker.
    monkeypatch.setattr(jobs._nudger, "nudge", lambda: None)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The bureau with its people and certificates, and not one file."""
    return settle(timezone.localdate())


@pytest.fixture
def told(cast: Cast) -> Callable[..., Case]:
    """A case of 监察科 brought so far by the real steps, the last one `age` working days ago; 张示例 leads, 赵样本 reviews."""

    def told(
        steps: tuple[str, ...], *, party: str = PARTY, age: int = 1, unit: str = "inspection", **more: Any
    ) -> Case:
        story = Story(unit, party, "inspection-26-1", steps, age, workers=12, fine=20000, **more)
        tell([story], cast, today=timezone.localdate())
        return story.the_case

    return told


@pytest.fixture
def work_done() -> Callable[[], None]:
    """Do what a worker would do: every job that waits. A job that fails fails the test."""

    def done() -> None:
        jobs.drain(500)
        left = Job.objects.exclude(state=Job.State.DONE)
        assert not left.exists(), [f"{job.name}: {job.last_error}" for job in left]

    return done


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Every fault of every page: script errors, breaches of the content policy, failed answers, barriers, overflow."""
    watch = Watch()
    yield watch
    assert not watch.faults, "\n".join(watch.faults)


@pytest.fixture
def visit(
    browser: Browser, live_server: Any, watch: Watch, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Reader]]:
    """Somebody who reads the public site. When the test fails, what everybody had before them is kept as pictures."""
    opened: list[BrowserContext] = []
    failed_before = request.session.testsfailed

    def visit(*, scripts: bool = True) -> Reader:
        context = browser.new_context(
            base_url=live_server.url,
            viewport=OFFICE,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(30_000)
        opened.append(context)
        return Reader(context.new_page(), watch, scripts=scripts)

    yield visit
    for number, context in enumerate(opened):
        if request.session.testsfailed > failed_before:
            name = f"failed-{request.node.originalname}-{number}"
            context.pages[0].screenshot(path=PICTURES / f"{name}.png", full_page=True)
        context.close()


@pytest.fixture
def sign_in(visit: Callable[..., Reader], cast: Cast) -> Callable[..., Official]:
    """Sign somebody in through the page, in a browser of their own; once for each."""
    known: dict[str, Official] = {}

    def sign_in(username: str, *, scripts: bool = True) -> Official:
        if username not in known:
            known[username] = Official(visit(scripts=scripts), username, cast.people[username].name)
        return known[username]

    return sign_in
