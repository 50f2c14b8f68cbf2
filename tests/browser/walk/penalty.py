"""From the conclusion to the decision: the party is heard, the draft is major by itself, the leader signs."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable

from tests.browser.people import Official
from tests.browser.walk.filing import PARTY

VIOLATED = "《劳动保障监察条例》第六条"
REMEDIES = "对本决定不服的，可以依法向威海市人民政府申请行政复议，或者向威海市示例区人民法院提起行政诉讼。"


def notify(clerk: Official, case: str) -> None:
    """The investigation ends, the party is told of its rights, and waives."""
    clerk.open(case)
    clerk.take("登记违法行为终了之日", act_end="continues", basis="到核查之日工资仍未支付")
    clerk.begin("调查终结")
    clerk.sees("核查，逾期未改正")
    clerk.fill(violation="inspection-30-3", opinion="经责令改正拒不改正，违法事实清楚，证据充分，建议罚款20000元。")
    clerk.send("调查终结")
    clerk.sees(f"{PARTY}经责令改正拒不改正案")
    clerk.take("告知拟处罚内容和权利", penalties=["fine"], fine="20000", hearing_offered=True, recipient="行政主管孙某")
    clerk.take("登记当事人答复", kind="waived")


def draft(clerk: Official) -> None:
    """The decision is drafted; the page says by itself that it is major, and why."""
    clerk.begin("拟制处罚决定")
    clerk.keep_picture("case-draft")
    assert clerk.main.locator("[name=violated]").input_value() == ""
    clerk.fill(
        violated=VIOLATED,
        discretion_tier="从重",
        discretion_reason="涉及12名劳动者，经责令仍不支付。",
        remedies=REMEDIES,
    )
    clerk.send("拟制处罚决定")
    clerk.sees("重大决定")
    why = clerk.panel("为什么是重大决定").inner_text()
    assert "普通程序" in why
    assert "第十四条" in why
    assert "系统认定" in why
    clerk.keep_picture("case-drafted")


def is_refused_unreviewed(leader: Official, case: str) -> None:
    """Before legal affairs agreed, the leader's page says why the decision cannot be made, with the articles; sending it is refused too."""
    leader.open(case)
    why = leader.blocked("作出处罚决定").inner_text()
    assert "未经法制审核，不得作出决定" in why
    for article in ("第五十八条", "第十三条"):
        assert article in why, why
    leader.keep_picture("case-undecidable")
    leader.open(f"{case}steps/decide/")
    leader.sees("现在还不能办", "未经法制审核")
    leader.fill(sealed=True)
    leader.send("作出处罚决定", status=422)
    leader.sees("未经法制审核，不得作出决定")
    leader.keep_picture("decide-refused")
    leader.open(case)
    leader.sees("已告知")


def decide(leader: Official, case: str, work_done: Callable[[], None]) -> str:
    """The leader signs; the document is a PDF with everything the law lists. Returns its number."""
    leader.open("/desk/")
    leader.follow(re.compile(rf"^作出处罚决定\s*：{PARTY}"))
    leader.fill(sealed=True)
    leader.send("作出处罚决定")
    leader.sees("已办理：作出处罚决定")
    work_done()
    leader.refresh()
    leader.keep_picture("case-decided")
    number = leader.fact("决定书")
    check_document(leader.download(re.compile("行政处罚决定书"), within=leader.panel("文书和材料")), number)
    return number


def check_document(content: bytes, number: str) -> None:
    """Penalty Law 59: party, facts and evidence, kind and basis, performance, remedies, agency and day."""
    told = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True
    ).stdout.decode()
    text = re.sub(r"\s", "", told)
    for item in (
        "行政处罚决定书",
        number,
        PARTY,
        "拖欠12名劳动者",
        "现场检查",
        f"当事人的行为违反了{VIOLATED}",
        "《劳动保障监察条例》第三十条第一款第（三）项",
        "罚款",
        "贰万元",
        "自收到本决定书之日起十五日内",
        "申请行政复议",
        "威海市人力资源和社会保障局",
    ):
        assert re.sub(r"\s", "", item) in text, f"{item}\n{told}"
    pages = subprocess.run(["pdfinfo", "-"], input=content, capture_output=True, check=True).stdout.decode()
    assert re.search(r"Page size:\s+595\.\d+ x 841\.\d+ pts \(A4\)", pages), pages


def serve(clerk: Official, case: str) -> None:
    """The decision reaches the party; its duty is met."""
    clerk.open(case)
    clerk.take("送达处罚决定书", method="direct", recipient="行政主管孙某", place="示例路3号")
    clerk.sees("直接送达")
