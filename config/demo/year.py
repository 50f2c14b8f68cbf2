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
ITEMS = (3, 5, 9)
LATE, MISSING = ("employment", 5), ("training", 9)


def report_year(cast: Cast, *, now: datetime) -> None:
    """Every section reports on items 3, 5 and 9 in January; on paper, so entered as backlog."""
    year = timezone.localdate(now).year
    january = timezone.localdate(now).replace(month=1, day=1)
    calendar = calendars.current()
    attachment = paper(f"{year}年度报告（示例）").read()
    for number, (unit, username) in enumerate(REPORTED_BY.items()):
        for item in ITEMS:
            if (unit, item) == MISSING:
                continue
            day = calendar.nth_working_day(january, (30 if (unit, item) == LATE else 11) + number)
            at = datetime.combine(day, datetime.min.time(), tzinfo=timezone.get_default_timezone()) + timedelta(
                hours=10
            )
            if at > now:
                continue
            due = owed(unit_id=cast.units[unit].pk, year=year, item=item)
            report_plan_item(
                owed=due,
                by=cast.people[username],
                happened_at=at,
                contents={each.key: f"{each.label}见附件（示例）" for each in due.rule.items},
                remarks="",
                is_nil=False,
                attachment=ContentFile(attachment, name=f"{year}年度{due.rule.title}（示例）.pdf"),
            )
