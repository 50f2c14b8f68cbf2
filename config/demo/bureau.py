"""Which cases the demonstration holds: every state of every procedure, and one overdue duty of each colour."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from config.demo.evidence import record
from config.demo.people import Cast, settle
from config.demo.requests import ask
from config.demo.stories import Story
from config.demo.telling import tell
from config.demo.year import report_year
from core import alerts, duties, ledger, registry
from core.facts import entering_backlog

TO_FILING = ("register", "propose", "accept")
TO_EVIDENCE = (*TO_FILING, "visit", "interview")
TO_CONCLUSION = (*TO_EVIDENCE, "order", "verify", "end", "conclude")
TO_NOTICE = (*TO_CONCLUSION, "notify")
TO_DRAFT = (*TO_NOTICE, "waive", "draft")
TO_REVIEW = (*TO_DRAFT, "submit", "receive")
TO_OPINION = (*TO_REVIEW, "points", "agree")
TO_DECISION = (*TO_OPINION, "decide")
TO_SERVICE = (*TO_DECISION, "serve")
TO_PUBLICATION = (*TO_SERVICE, "prepare", "publish")
TO_CLOSING = (*TO_PUBLICATION, "pay", "close")
TO_REVOCATION = (*TO_CLOSING, "revoke")


def stories() -> list[Story]:
    """Forty-six cases. `age` is how many working days ago the last step was taken."""
    wages, reports, refusal, hours = "inspection-26-1", "inspection-30-2", "inspection-30-1", "inspection-25"
    main, second = "inspection", "relations"
    return [
        # sources and filing
        Story(main, "示例建筑劳务有限公司", wages, ("register",), age=1, workers=12),
        Story(main, "某某示例餐饮管理有限公司", hours, ("register",), age=2, channel="report", workers=4),
        Story(second, "示例家政服务部", wages, ("register",), age=1, category="self_employed", workers=2),
        Story(main, "示例物流运输有限公司", wages, ("register", "propose"), age=1),
        Story(
            main, "某某示例服装加工厂", hours, ("register", "propose", "send_back", "propose"), age=1, channel="report"
        ),
        Story(second, "示例幼教咨询有限公司", wages, ("register", "propose"), age=3),
        Story(main, "示例便利店连锁有限公司", hours, ("register", "not_file"), age=15, channel="report"),
        # investigation; one beyond its sixty working days
        Story(main, "某某示例船舶配套有限公司", wages, (*TO_FILING, "visit"), age=1, workers=18),
        Story(main, "示例水产加工有限公司", hours, TO_EVIDENCE, age=4, channel="inspection", workers=30),
        Story(second, "示例保洁服务有限公司", reports, (*TO_EVIDENCE, "order"), age=3, channel="written_review"),
        Story(main, "某某示例装饰工程有限公司", wages, TO_EVIDENCE, age=66, workers=9),
        Story(main, "示例酒店管理有限公司", wages, (*TO_EVIDENCE, "order", "verify"), age=2),
        Story(main, "示例园林绿化有限公司", wages, (*TO_EVIDENCE, "order", "verify", "dismiss"), age=12),
        # concluded, notified, drafted
        Story(main, "某某示例塑料制品有限公司", refusal, TO_CONCLUSION, age=2, channel="inspection"),
        Story(main, "示例食品有限公司", wages, TO_NOTICE, age=2, fine=12000),
        Story(second, "示例教育科技有限公司", reports, (*TO_NOTICE, "state"), age=1, channel="written_review"),
        Story(main, "某某示例门窗有限公司", wages, TO_DRAFT, age=1),
        # legal review in every state
        Story(main, "示例汽车维修有限公司", wages, (*TO_DRAFT, "submit"), age=1),
        Story(
            main, "某某示例物业服务有限公司", hours, TO_REVIEW, age=8, fine=2400, base=8, workers=8, channel="report"
        ),
        Story(main, "示例机械制造有限公司", wages, (*TO_REVIEW, "points"), age=2, fine=15000),
        Story(main, "示例商贸有限公司", wages, (*TO_REVIEW, "pause"), age=2),
        Story(
            second, "示例文化传媒有限公司", reports, (*TO_DRAFT, "submit", "give_back"), age=2, channel="written_review"
        ),
        Story(main, "某某示例包装有限公司", wages, (*TO_REVIEW, "faulty_points", "correct"), age=2),
        Story(main, "示例地毯有限公司", wages, TO_OPINION, age=1, fine=20000),
        # decided: unpublished and overdue, due today, due soon, fresh
        Story(main, "示例劳务服务有限公司", wages, TO_SERVICE, age=7, fine=20000, pace={"serve": 2}),
        Story(main, "某某示例电子有限公司", wages, TO_DECISION, age=7, fine=20000),
        Story(main, "示例渔具有限公司", reports, TO_SERVICE, age=3, channel="written_review", pace={"serve": 2}),
        Story(second, "示例人力资源有限公司", reports, TO_DECISION, age=1, channel="written_review"),
        Story(main, "某某示例石材有限公司", wages, (*TO_SERVICE, "prepare"), age=1, pace={"prepare": 3}),
        # published, paid, closed
        Story(main, "示例纺织有限公司", wages, TO_PUBLICATION, age=2),
        # published, not paid in time, urged
        Story(main, "示例铸造有限公司", wages, (*TO_PUBLICATION, "urge"), age=2, fine=14000),
        # neither sued nor paid: the court may be asked, and was asked
        Story(main, "某某示例陶瓷有限公司", wages, (*TO_PUBLICATION, "urge", "lapse"), age=3, fine=12000),
        Story(main, "示例玻璃制品有限公司", wages, (*TO_PUBLICATION, "urge", "lapse", "ask_court"), age=4, fine=16000),
        Story(
            main,
            "某某示例美容服务部",
            hours,
            TO_PUBLICATION,
            age=6,
            category="self_employed",
            fine=900,
            base=3,
            workers=3,
            channel="report",
        ),
        Story(second, "示例会展服务有限公司", reports, (*TO_PUBLICATION, "pay"), age=3, channel="written_review"),
        Story(main, "示例模具有限公司", wages, TO_CLOSING, age=5),
        Story(
            main,
            "某某示例快递服务有限公司",
            hours,
            TO_CLOSING,
            age=11,
            fine=3000,
            base=10,
            workers=10,
            channel="report",
        ),
        Story(main, "示例海产养殖有限公司", wages, TO_CLOSING, age=18, fine=16000),
        # published three working days late
        Story(main, "示例印刷有限公司", wages, TO_CLOSING, age=24, pace={"prepare": 7}),
        Story(second, "示例健身服务有限公司", reports, TO_CLOSING, age=31, channel="written_review"),
        Story(main, "某某示例家具有限公司", wages, TO_CLOSING, age=40, fine=18000),
        # not to be published: proposed, and agreed
        Story(main, "示例精密仪器有限公司", wages, (*TO_SERVICE, "exclude"), age=1),
        Story(main, "某某示例软件有限公司", wages, (*TO_SERVICE, "exclude", "withhold"), age=4),
        # revoked: withdrawn in public, still to be withdrawn, never published
        Story(main, "示例日用化工有限公司", wages, (*TO_REVOCATION, "withdraw"), age=9, fine=16000),
        Story(main, "某某示例灯饰有限公司", wages, TO_REVOCATION, age=2, pace={"revoke": 25}),
        Story(
            second,
            "示例钟表维修有限公司",
            reports,
            (*TO_DECISION, "revoke", "cancel"),
            age=6,
            channel="written_review",
            pace={"revoke": 2},
        ),
    ]


@transaction.atomic
def build(today: date) -> Cast:
    """Load the demonstration bureau: all of it or nothing."""
    cast = settle(today)
    now = timezone.now()
    told = stories()
    duties.open_periodic(now)
    with entering_backlog():
        tell(told, cast, today=today)
        record(cast, told)
        ask(cast, told)
        report_year(cast, now=now)
    raise_alerts(now)
    ledger.seal(now)
    return cast


def raise_alerts(now: datetime) -> None:
    """Tell what had been crossed when the bureau was last at work: built on a Sunday night, nobody's messages are empty till Monday."""
    (bureau,) = registry.agency().owing_units("agency")
    alerts.raise_due(alerts.last_at_work(alerts.plan_of(bureau), now))
