"""The dated items of the year's plan: most reported in time, one late, one still missing."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from config.demo.evidence import paper
from config.demo.people import Cast
from core import calendars
from supervision.plan import owed
from supervision.services import report_plan_item

REPORTED_BY = {"inspection": "zhang", "relations": "he", "employment": "cao", "training": "hua"}
ITEMS = ("3", "5", "9")
LATE, MISSING = ("employment", "5"), ("training", "9")
# What the whole bureau reports to its supervisors, besides the plan; the leader in charge answers for it.
OF_THE_BUREAU = ("written_annual_report", "file_work_plan")


def report_year(cast: Cast, *, now: datetime) -> None:
    """Every section reports on items 3, 5 and 9 in January, the bureau what its supervisors are owed; on paper, so entered as backlog."""
    year = timezone.localdate(now).year
    january = timezone.localdate(now).replace(month=1, day=1)
    calendar = calendars.current()
    attachment = paper(f"{year}年度报告（示例）").read()
    expected = [
        (unit, username, item, (30 if (unit, item) == LATE else 11) + number)
        for number, (unit, username) in enumerate(REPORTED_BY.items())
        for item in ITEMS
        if (unit, item) != MISSING
    ]
    for unit, username, item, days in [*expected, *(("bureau", "zhou", item, 9) for item in OF_THE_BUREAU)]:
        day = calendar.nth_working_day(january, days)
        at = datetime.combine(day, datetime.min.time(), tzinfo=timezone.get_default_timezone()) + timedelta(hours=10)
        if at > now:
            continue
        due = owed(unit_id=cast.units[unit].pk, period=str(year), item=item)
        report_plan_item(
            owed=due,
            by=cast.people[username],
            happened_at=at,
            contents={each.key: f"{each.label}见附件（示例）" for _, each in due.item.stated},
            remarks="",
            is_nil=False,
            attachment=ContentFile(attachment, name=f"{year}年度{due.rule.title}（示例）.pdf"),
        )
