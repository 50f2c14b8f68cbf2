"""Evidence by two certified officers, its recordings, the order to correct."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tests.browser.people import Official
from tests.browser.walk.moments import Moments
from tests.recording import samples


def gather(clerk: Official, case: str, moments: Moments) -> None:
    """Two acts of evidence-taking."""
    clerk.open(case)
    clerk.begin("登记取证行为")
    clerk.keep_picture("case-evidence")
    clerk.fill(
        kind="site_inspection",
        started_at=moments.inspected,
        ended_at=moments.until(moments.inspected, 60),
        officers=["张示例", "李样本"],
        persons="行政主管孙某",
        certificates_shown=True,
        rights_told=True,
        summary="核对考勤记录、工资表和劳动合同，制作现场检查笔录。",
    )
    clerk.send("登记取证行为")
    clerk.take(
        "登记取证行为",
        kind="interview",
        started_at=moments.interviewed,
        ended_at=moments.until(moments.interviewed, 40),
        certificates_shown=True,
        rights_told=True,
        summary="询问行政主管，制作询问笔录，当事人核对无误后签字。",
    )
    clerk.sees("现场检查", "询问", "示例证001")


def hand_in(clerk: Official, case: str, folder: Path, work_done: Callable[[], None]) -> str:
    """A sound recording: uploaded, digested, examined, indexed; the hand-in duty is met. Returns its address."""
    clerk.open(case)
    clerk.follow_first("上传", within=clerk.panel("取证录像"))
    clerk.keep_picture("recording-upload")
    clerk.fill(file=samples.video(folder / "现场检查.mp4", seconds=2))
    clerk.send("上传入库")
    clerk.sees("录像已经入库", "正在检查文件", "SHA-256", "SM3", "现场检查.mp4")
    work_done()
    clerk.refresh()
    clerk.sees("64×48")
    clerk.begin("编制索引")
    clerk.fill(scene="办公场所内核对工资表", violation="拖欠劳动者工资")
    clerk.send("完成索引")
    clerk.sees("已归集", "办公场所内核对工资表", "拖欠劳动者工资")
    duty = clerk.panel("期限")
    assert re.search(r"怎么算的：音像记录入库\s+按期", duty.inner_text()), duty.inner_text()
    clerk.keep_picture("recording-indexed")
    return clerk.path


def hand_in_damaged(clerk: Official, case: str, folder: Path, work_done: Callable[[], None]) -> None:
    """A damaged one is kept and flagged; its technical reason is told."""
    clerk.open(case)
    clerk.follow_last("上传", within=clerk.panel("取证录像"))
    clerk.fill(file=samples.cut(samples.video(folder / "询问.mp4", seconds=2), keep=0.6))
    clerk.send("上传入库")
    work_done()
    clerk.refresh()
    clerk.sees("需要说明技术原因", "文件异常，待说明", "下载原件")
    clerk.keep_picture("recording-damaged")
    clerk.follow("说明原因")
    clerk.fill(fault="storage", reason="存储卡写满，末尾没有写完，已更换存储卡。")
    clerk.send("提交说明")
    clerk.sees("存储空间已满")
    clerk.begin("编制索引")
    clerk.fill(scene="询问室", violation="拖欠劳动者工资")
    clerk.send("完成索引")
    clerk.sees("已归集")


def order_correction(clerk: Official, case: str, moments: Moments) -> None:
    """The order was not obeyed."""
    clerk.open(case)
    clerk.take(
        "责令改正",
        happened_at=moments.ordered,
        due_on=moments.correct_by.isoformat(),
        content="足额支付拖欠的劳动者工资",
        recipient="行政主管孙某",
    )
    assert "还没有核查" in clerk.blocked("调查终结").inner_text()
    clerk.take("核查改正情况", result="not_obeyed", verification="到期核查，工资仍未支付，也没有提交书面说明。")
    clerk.sees("逾期未改正")
