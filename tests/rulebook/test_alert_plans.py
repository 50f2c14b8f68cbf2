"""A profile says when whom to tell; what it does not name keeps the default; what cannot be is refused with file and reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from pathlib import Path

import pytest

from rulebook import library
from rulebook.model import TIERS, AlertPlan, RulebookError, UrgentPlan
from rulebook.reading import read_profile
from tests.rulebook.conftest import PROFILE

Read = Callable[[str], AlertPlan]


@pytest.fixture
def plan(tmp_path: Path) -> Read:
    def read(alerts: str) -> AlertPlan:
        file = tmp_path / "test-profile.toml"
        file.write_text(PROFILE + alerts, encoding="utf-8")
        return read_profile(file).alerts

    return read


def test_a_profile_without_alerts_has_the_default(plan: Read) -> None:
    assert plan("") == AlertPlan()
    assert library.get().profile("national").alerts == AlertPlan()


def test_a_profile_names_its_own(plan: Read) -> None:
    read = plan(
        """
[alerts]
before = [5, 1]
on_the_day = false
overdue = [1, 2, 4]
escalation = { section_head = 1, leader = 4 }
hours = { from = 09:00:00, to = 12:00:00 }
digest_at = 09:30:00
[alerts.urgent]
before = [12, 2]
overdue = [0, 6]
escalation = { section_head = 0, legal_affairs = 0, leader = 6 }
"""
    )
    assert read == AlertPlan(
        before=(1, 5),
        on_the_day=False,
        overdue=(1, 2, 4),
        escalation=(("section_head", 1), ("leader", 4)),
        opens=time(9),
        closes=time(12),
        digest_at=time(9, 30),
        urgent=UrgentPlan(
            before=(2, 12), overdue=(0, 6), escalation=(("section_head", 0), ("legal_affairs", 0), ("leader", 6))
        ),
    )
    assert (read.told_from("leader"), read.told_from("legal_affairs")) == (4, None)


def test_with_other_points_the_usual_escalation_stays_where_it_falls_on_one(plan: Read) -> None:
    assert plan("[alerts]\noverdue = [1, 5]").escalation == (("section_head", 1), ("leader", 5))


def test_with_other_hours_the_usual_escalation_stays_where_it_falls_on_one(plan: Read) -> None:
    assert plan("[alerts.urgent]\noverdue = [0, 4]").urgent == UrgentPlan(
        overdue=(0, 4), escalation=(("section_head", 0), ("leader", 4))
    )


def test_the_plan_of_weihai_is_written_out_and_sound() -> None:
    assert library.get().profile("weihai-hrss").alerts.overdue[0] == 1


@pytest.mark.parametrize("profile", ["weihai-hrss", "yangquan-hrss", "shizuishan-hrss", "liaoyuan-hrss", "strictest"])
def test_every_profile_tells_of_a_24_hour_duty_at_its_beginning_and_climbs_within_the_day(profile: str) -> None:
    urgent = library.get().profile(profile).alerts.urgent
    assert 24 in urgent.before
    assert [tier for tier, _ in urgent.escalation] == list(TIERS)
    assert urgent.told_from("section_head") == 0
    assert (urgent.told_from("leader") or 99) < 24


@pytest.mark.parametrize(
    ("alerts", "reason"),
    [
        ("alerts = 3", "alerts 应写作 [alerts]"),
        ("[alerts]\nbevore = [2]", "未知字段 bevore"),
        ("[alerts]\nbefore = [0]", "before 应为1至60的整数列表"),
        ("[alerts]\nbefore = [2, 2]", "before 有重复"),
        ("[alerts]\noverdue = [61]", "overdue 应为1至60的整数列表"),
        ("[alerts]\noverdue = [true]", "overdue 应为1至60的整数列表"),
        ("[alerts]\non_the_day = 1", "on_the_day 应为 true 或 false"),
        ("[alerts]\nescalation = 3", "escalation 应写作"),
        ("[alerts]\nescalation = { mayor = 3 }", "escalation 不认识 mayor"),
        ("[alerts]\nescalation = { leader = 4 }", "escalation.leader 应为 overdue 所列"),
        ("[alerts]\nescalation = { section_head = 5, leader = 3 }", "应当逐级推后"),
        ("[alerts]\nhours = { from = 09:00:00 }", "hours 应写作"),
        ("[alerts]\nhours = { from = 09:00:00, to = 09:00:00 }", "to 不晚于 from"),
        ('[alerts]\nhours = { from = "9", to = 10:00:00 }', "hours.from 应为时刻"),
        ("[alerts]\ndigest_at = 07:00:00", "digest_at 不在工作时间"),
        ("[alerts]\ndigest_at = 17:30:00", "digest_at 不在工作时间"),
        ("[alerts]\nbefore = []\noverdue = []\non_the_day = false", "没有任何提醒时点"),
        ("[alerts]\nurgent = 24", "urgent 应写作 [alerts.urgent]"),
        ("[alerts.urgent]\non_the_day = true", "urgent 有未知字段 on_the_day"),
        ("[alerts.urgent]\nbefore = [0]", "urgent.before 应为1至720的整数列表（小时）"),
        ("[alerts.urgent]\noverdue = [-1]", "urgent.overdue 应为0至720的整数列表（小时）"),
        ("[alerts.urgent]\noverdue = [1.5]", "urgent.overdue 应为0至720的整数列表（小时）"),
        ("[alerts.urgent]\noverdue = [2, 2]", "urgent.overdue 有重复"),
        (
            "[alerts.urgent]\nescalation = { leader = 3 }",
            "urgent.escalation.leader 应为 urgent.overdue 所列的小时数之一：0、2、4",
        ),
        ("[alerts.urgent]\nescalation = { section_head = 2, leader = 0 }", "urgent.escalation 应当逐级推后"),
        ("[alerts.urgent]\nescalation = { mayor = 0 }", "urgent.escalation 不认识 mayor"),
        (
            "[alerts.urgent]\nescalation = 3",
            "urgent.escalation 应写作 { section_head = 0, legal_affairs = 2, leader = 4 }",
        ),
        ("[alerts.urgent]\nbefore = []\noverdue = []", "urgent 没有任何提醒时点"),
    ],
)
def test_what_cannot_be_is_refused_naming_file_and_reason(plan: Read, alerts: str, reason: str) -> None:
    with pytest.raises(RulebookError) as refused:
        plan(alerts)
    assert str(refused.value).startswith("test-profile.toml: ")
    assert reason in str(refused.value)
