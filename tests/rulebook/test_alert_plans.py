"""A profile says when whom to tell; what it does not name keeps the default; what cannot be is refused with file and reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from pathlib import Path

import pytest

from rulebook import library
from rulebook.model import AlertPlan, RulebookError
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
    )
    assert (read.told_from("leader"), read.told_from("legal_affairs")) == (4, None)


def test_with_other_points_the_usual_escalation_stays_where_it_falls_on_one(plan: Read) -> None:
    assert plan("[alerts]\noverdue = [1, 5]").escalation == (("section_head", 1), ("leader", 5))


def test_the_plan_of_weihai_is_written_out_and_sound() -> None:
    assert library.get().profile("weihai-hrss").alerts.overdue[0] == 1


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
    ],
)
def test_what_cannot_be_is_refused_naming_file_and_reason(plan: Read, alerts: str, reason: str) -> None:
    with pytest.raises(RulebookError) as refused:
        plan(alerts)
    assert str(refused.value).startswith("test-profile.toml: ")
    assert reason in str(refused.value)
