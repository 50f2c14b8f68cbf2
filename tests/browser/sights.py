"""What is wrong with a page, found by looking at it: in the office's window and on a telephone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, Response

HERE = Path(__file__).parent
PICTURES = HERE.parents[1] / "test-results"
AXE = (HERE / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FIND = """async (rules) => {
  const found = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return found.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target.join(" ") + " " + n.html.slice(0, 120)).join(" | ")}`);
}"""
OVERFLOW = """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
  [`wider than ${window.innerWidth}: ` + [...document.querySelectorAll("body *")]
    .filter((e) => e.getBoundingClientRect().right > window.innerWidth + 1).slice(0, 4)
    .map((e) => e.tagName.toLowerCase() + "." + e.className).join(" ")]"""
PHONE = {"width": 390, "height": 844}


class Watch:
    """Collects the faults of all pages of one test, so that one run names them all."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.looks = 0
        self._seen: set[tuple[str, str]] = set()

    def over(self, page: Page) -> None:
        """Listen to what goes wrong by itself."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._note(page, f"script: {error}"))
        page.on("response", self._answer)

    def _console(self, message: ConsoleMessage) -> None:
        # The status of the page itself is asserted where it is asked for.
        of_the_page = message.page is not None and message.location.get("url") == message.page.url
        if message.type in ("error", "warning") and not (of_the_page and "Failed to load resource" in message.text):
            self.faults.append(f"{message.location.get('url')}: console: {message.text}")

    def _answer(self, response: Response) -> None:
        page = response.request.resource_type == "document"
        if response.status >= 500 or (response.status >= 400 and not page):
            self.faults.append(f"{response.url}: {response.status}")

    def _note(self, page: Page, fault: str) -> None:
        self.faults.append(f"{page.url}: {fault}")

    def look(self, page: Page, *, scripts: bool = True) -> None:
        """Barriers and overflow, at both widths. A page whose like was seen in this test is looked at in the office's window only.

        Where scripts are off the search for barriers cannot run either; the same pages are searched in the other tests.
        """
        if not scripts:
            self.faults += [f"{page.url}: {fault}" for fault in page.evaluate(OVERFLOW)]
            return
        kind = (re.sub(r"\d+", "N", page.url), page.title().partition("：")[0])
        office: Any = page.viewport_size
        page.evaluate(AXE)
        self._measure(page, office)
        if kind not in self._seen:
            self._seen.add(kind)
            page.set_viewport_size(PHONE)
            self._measure(page, PHONE)
            page.set_viewport_size(office)

    def _measure(self, page: Page, size: Any) -> None:
        self.looks += 1
        for fault in [*page.evaluate(OVERFLOW), *page.evaluate(FIND, RULES)]:
            self._note(page, f"at {size['width']}: {fault}")

    def picture(self, page: Page, name: str) -> None:
        """Keep the page as seen at both widths, for people to look at."""
        office: Any = page.viewport_size
        for size in (office, PHONE):
            page.set_viewport_size(size)
            page.screenshot(path=PICTURES / f"{name}-{size['width']}.png", full_page=True)
        page.set_viewport_size(office)
