"""The notice drafts itself, is checked, approved by another, published, sealed and verified by a reader."""

from __future__ import annotations

from tests.browser.people import Official, Reader
from tests.browser.walk.filing import COMPLAINANT, PARTY

# The decision's duty to be published, as its rule names it.
DUTY = "公示行政执法决定"


def is_owed(clerk: Official, number: str) -> None:
    """The duty stands on the section's list, and explains itself."""
    clerk.open("/desk/")
    row = clerk.panel("我的期限").locator("tbody tr").filter(has_text=DUTY).filter(has_text=PARTY)
    assert row.count() == 1
    clerk.keep_picture("desk-clerk")
    clerk.follow_first("怎么算的", within=row)
    clerk.sees("依据与计算", "7个工作日内公开", "第十五条", "同时适用")
    clerk.keep_picture("duty-publish")


def prepare(clerk: Official, number: str) -> str:
    """The draft is there, redacted; the section checks it. Returns its address on the desk."""
    clerk.open("/desk/disclosure/")
    clerk.follow_first(PARTY)
    clerk.misses(COMPLAINANT, "13000000000")
    clerk.keep_picture("notice-draft")
    desk = clerk.path
    clerk.begin("送公示审核")
    clerk.send("送公示审核")
    assert clerk.main.get_by_text("由公示审核人员审核").count()
    return desk


def publish(reviewer: Official, desk: str) -> str:
    """A disclosure reviewer, not the drafter, approves. Returns the public address."""
    reviewer.open("/desk/")
    reviewer.keep_picture("desk-publisher")
    reviewer.open(desk)
    reviewer.keep_picture("notice-review")
    reviewer.begin("审核并公示")
    reviewer.send("审核并公示")
    reviewer.sees("已办理：审核并公示", "已公示")
    duty = reviewer.main.get_by_role("region", name=DUTY, exact=True)
    assert duty.locator(".chip--met").count() == 1, duty.inner_text()
    assert "办结" in duty.locator("dt").all_inner_texts()
    address = reviewer.main.get_by_role("link", name="看公示页").get_attribute("href")
    assert address is not None
    return address


def is_found(reader: Reader, number: str, address: str) -> None:
    """Anybody finds it by party, number and violation."""
    reader.open("/")
    reader.sees(PARTY)
    reader.keep_picture("public-home")
    for words in (PARTY[2:6], number, "拒不改正"):
        reader.open("/")
        reader.fill_search(words)
        reader.sees(PARTY)
    reader.open("/?q=没有这样的单位")
    reader.misses(PARTY)
    reader.keep_picture("public-nothing")
    reader.open(address)
    reader.sees(PARTY, number, "20,000.00", "将于今日封存后可验证")
    reader.misses(COMPLAINANT, "13000000000", "示例路3号", "李某某（示例）")


def verifies(reader: Reader, address: str) -> None:
    """After the next seal the reader's own browser verifies every line and the text."""
    reader.open(address)
    reader.sees("已验证：", "公示文本与公示时登记的摘要一致。")
    verdicts = reader.main.locator("td[data-ledger-line]")
    assert verdicts.count() >= 3
    assert set(verdicts.evaluate_all("cells => cells.map(cell => cell.dataset.verdict)")) == {"verified"}
    reader.keep_picture("public-notice")
