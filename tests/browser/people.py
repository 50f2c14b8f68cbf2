"""People at the product. What they do, they do as a person would: follow links, fill in fields, press buttons, read."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from playwright.sync_api import Locator, Page, expect

from config.demo.people import PASSWORD
from tests.browser.sights import Watch


def spoken(name: str) -> re.Pattern[str]:
    """This name and no more, as assistive technology speaks it: a hidden part is set off by a space."""
    return re.compile("^" + r"\s*：".join(map(re.escape, name.split("："))) + "$")


class Reader:
    """Somebody with a browser."""

    def __init__(self, page: Page, watch: Watch, *, scripts: bool = True) -> None:
        self.page = page
        self.watch = watch
        self.scripts = scripts
        self.status = 0
        watch.over(page)

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    @property
    def path(self) -> str:
        """Where the reader is, without the host."""
        return re.sub(r"^https?://[^/]+", "", self.page.url)

    def open(self, path: str, *, status: int = 200) -> None:
        answer = self.page.goto(path)
        assert answer is not None
        self.status = answer.status
        assert self.status == status, f"{path} answered {self.status}"
        self.watch.look(self.page, scripts=self.scripts)

    def follow(self, name: str | re.Pattern[str], *, within: Locator | None = None) -> None:
        """Follow the one link of this name in the page's body."""
        link = (within or self.main).get_by_role("link", name=spoken(name) if isinstance(name, str) else name)
        self._go(link)
        assert self.status == 200, f"{self.path} answered {self.status}"

    def follow_first(self, name: str | re.Pattern[str], *, within: Locator | None = None) -> None:
        """Follow the first of several links whose name has these words."""
        self._go((within or self.main).get_by_role("link", name=name).first)
        assert self.status == 200, f"{self.path} answered {self.status}"

    def follow_last(self, name: str | re.Pattern[str], *, within: Locator | None = None) -> None:
        self._go((within or self.main).get_by_role("link", name=name).last)
        assert self.status == 200, f"{self.path} answered {self.status}"

    def fill_search(self, words: str) -> None:
        """Search in the page's body."""
        self.main.get_by_role("searchbox").fill(words)
        self.send("搜索")

    def fill(self, **values: Any) -> None:
        """Fill in fields by name. A list ticks exactly these boxes; a path is chosen as a file; names are chosen by label."""
        for name, value in values.items():
            fields = self.main.locator(f'[name="{name}"]')
            kind = fields.first.evaluate("field => field.type")
            if kind in ("radio", "checkbox"):
                self._tick(fields, kind, value)
            elif kind == "select-one":
                fields.select_option(value)
            elif kind == "file":
                fields.set_input_files(value)
            else:
                fields.fill(value.strftime("%Y-%m-%dT%H:%M") if isinstance(value, datetime) else str(value))

    def _tick(self, fields: Locator, kind: str, value: Any) -> None:
        if isinstance(value, bool):
            fields.set_checked(value)
            return
        wanted = [value] if isinstance(value, str) else value
        for field in fields.all():
            label = self.main.locator(f'label[for="{field.get_attribute("id")}"]').inner_text()
            chosen = any(each == field.get_attribute("value") or each in label for each in wanted)
            if kind == "checkbox" or chosen:
                field.set_checked(chosen)

    def send(self, button: str, *, status: int = 200) -> None:
        """Press a button of the page's body and wait for the answer."""
        self._go(self.main.get_by_role("button", name=button, exact=True))
        assert self.status == status, f"{button}: {self.status}\n{self.complaints()}"

    def _go(self, target: Locator) -> None:
        with self.page.expect_navigation() as navigation:
            target.click()
        answer = navigation.value
        assert answer is not None
        self.status = answer.status
        self.watch.look(self.page, scripts=self.scripts)

    def complaints(self) -> str:
        """What the page holds against what was sent."""
        return " ".join(self.page.locator(".alert, .invalid-feedback").all_inner_texts())

    def sees(self, *texts: str | re.Pattern[str]) -> None:
        for text in texts:
            expect(self.main).to_contain_text(text)

    def misses(self, *texts: str) -> None:
        for text in texts:
            expect(self.main).not_to_contain_text(text)

    def panel(self, heading: str) -> Locator:
        """The part of the page under this heading."""
        return self.main.locator("section").filter(has=self.page.get_by_role("heading", name=heading, exact=True))

    def fact(self, label: str) -> str:
        """What the head of the page says under this label."""
        row = self.page.locator("dl.facts > div").filter(has=self.page.get_by_text(label, exact=True))
        return row.locator("dd").inner_text().strip()

    def keep_picture(self, name: str) -> None:
        self.watch.picture(self.page, name)

    def download(self, name: str | re.Pattern[str], *, within: Locator | None = None) -> bytes:
        """Fetch the file behind a link, as this person."""
        address = (within or self.main).get_by_role("link", name=name).first.get_attribute("href")
        assert address is not None
        answer = self.page.request.get(address)
        assert answer.status == 200
        return answer.body()


class Official(Reader):
    """Somebody signed in at the desk."""

    def __init__(self, reader: Reader, username: str, name: str) -> None:
        self.__dict__.update(reader.__dict__)
        self.username, self.name = username, name
        self.open("/desk/login/")
        self.fill(username=username, password=PASSWORD)
        self.send("登录")
        expect(self.page.locator(".topbar")).to_contain_text(name)
        assert self.path == "/desk/"

    def take(self, label: str, /, **values: Any) -> None:
        """On a file's page: open a step that may be taken now, fill it in, send it."""
        self.begin(label)
        self.fill(**values)
        self.send(label)
        self.sees(f"已办理：{label}")

    def begin(self, label: str) -> None:
        self.follow(f"办理：{label}")
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(label)

    def blocked(self, label: str) -> Locator:
        """What the file's page says about a step that cannot be taken yet."""
        return self.main.locator("li.step").filter(has=self.page.get_by_text(label, exact=True)).locator(".lack")

    def refresh(self) -> None:
        self.open(self.path.partition("#")[0])
