"""From the complaint to the filing of the case."""

from __future__ import annotations

from config.demo.words import credit_code
from tests.browser.people import Official
from tests.browser.walk.moments import Moments

PARTY = "示例建筑劳务有限公司"
TITLE = f"{PARTY}克扣或者无故拖欠劳动者工资案"
COMPLAINANT = "孙投诉（示例）"
SUMMARY = "投诉反映该公司拖欠12名劳动者2个月工资，经多次催要仍不支付。"


def source(moments: Moments, **changes: object) -> dict[str, object]:
    """What is typed into the registration of a complaint about unpaid wages."""
    return {
        "unit": "劳动保障监察科",
        "channel": "complaint",
        "received_at": moments.received,
        "violation": "inspection-26-1",
        "summary": SUMMARY,
        "complainant_name": COMPLAINANT,
        "complainant_phone": "13000000000",
        "workers_affected": "12",
        "party_name": PARTY,
        "category": "organisation",
        "credit_code": credit_code(901),
        "legal_representative": "李某某（示例）",
        "address": "威海市示例区示例路3号",
    } | changes


def register(clerk: Official, moments: Moments) -> str:
    """Section staff take down a complaint; returns the file's address."""
    clerk.open("/desk/cases/")
    clerk.sees("没有办理中的案卷")
    clerk.keep_picture("cases-empty")
    clerk.follow("登记案源")
    clerk.fill(**source(moments))
    clerk.keep_picture("case-register")
    clerk.send("登记")
    clerk.sees("已登记案源", TITLE, COMPLAINANT, "现在可以办")
    return clerk.path


def file(clerk: Official, head: Official, moments: Moments) -> None:
    """The clerk proposes; the head, not the clerk, approves, from the list of what waits."""
    clerk.take(
        "呈报立案",
        happened_at=moments.proposed,
        reason="有工资表和考勤记录佐证，涉嫌无故拖欠工资。",
        co_officers=["李样本"],
    )
    assert "立案由科室负责人批准" in clerk.blocked("批准立案").inner_text()
    clerk.keep_picture("case-proposed")
    head.open("/desk/")
    head.keep_picture("desk-head")
    head.follow(f"批准立案：{TITLE}")
    head.fill(happened_at=moments.filed)
    head.send("批准立案")
    head.sees("已办理：批准立案", "调查取证", "张示例", "李样本")
