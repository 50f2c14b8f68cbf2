"""The commands `deadline` and `rules`: exact JSON, a line for every line, and never the database (these tests have
none).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from core.management.commands import deadline, rules
from rulebook import cli
from rulebook.library import Rulebook
from rulebook.model import RulebookError
from tests.rulebook.conftest import FIVE

Run = Callable[..., str]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: str) -> str:
        out = StringIO()
        this = deadline.Command(stdout=out)
        options = vars(this.create_parser("manage.py", "deadline").parse_args(list(arguments)))
        this.handle(**options)
        return out.getvalue()

    return command


def refused(run: Run, *arguments: str) -> str:
    with pytest.raises(CommandError) as error:
        run(*arguments)
    assert error.value.returncode == 2
    return str(error.value)


def test_one_deadline_as_json_is_one_line_and_exact(run: Run) -> None:
    out = run("WH-MEAS-17a", "--at", "2024-04-26T16:00", "--json")
    assert out.count("\n") == 1
    said = json.loads(out)
    others = [other for other in said["others"] if other["rule"].startswith(FIVE)]
    assert said | {"others": others} == {
        "rule": "WH-MEAS-17a",
        "profile": "weihai-hrss",
        "instrument": "weihai-2020-supervision-measures",
        "article": "第十七条",
        "quote": "应当在形成后2个工作日内",
        "bases": [
            {
                "rule": rule, "instrument": instrument, "article": article, "title": "音像记录入库",
                "due": "2024-04-29T23:59:59+08:00", "adopted": False,
            }
            for rule, instrument, article in [
                ("WH-MEAS-17a", "weihai-2020-supervision-measures", "第十七条"),
                ("WH-PLAN-6.3a", "weihai-hrss-2022-supervision-plan", "（六）"),
            ]
        ],
        "day_zero": "2024-04-26",
        "unit": "working_day",
        "amount": 2,
        "counted": ["2024-04-28", "2024-04-29"],
        "skipped": [{"day": "2024-04-27", "reason": "周末"}],
        "pauses": [],
        "extended_on": None,
        "nominal": "2024-04-29",
        "due": "2024-04-29T23:59:59+08:00",
        "alert_from": "2024-04-29",
        "calendar": said["calendar"],
        "provisional": False,
        "adopted": False,
        "in_force": True,
        "state": "open",
        "others": [
            {
                "rule": rule, "instrument": "liaoyuan-hrss-2021-recording", "article": "第三十六条",
                "due": due, "window": None, "reason": "不适用于本机关，仅供对照",
            }
            for rule, due in [("LY-REC-36b", "2024-04-29T23:59:59+08:00"), ("LY-REC-36c", None)]
        ],
    }  # fmt: skip


def test_the_words_explain_every_day(run: Run) -> None:
    out = run("WH-MEAS-15b", "--at", "2026-02-11")
    for part in (
        "2026年2月27日（周五）23:59:59止",
        "《威海市行政执法监督办法》第十五条",
        "02-14班(3)",
        "02-15春节",
        "当天不计入",
    ):
        assert part in out
    assert "参照" in run("YQ-LR-14a", "--at", "2026-02-11", "--profile", "weihai-hrss")
    assert "暂定" in run("WH-MEAS-15b", "--at", "2026-12-28")
    assert "期限早于规则施行" in run("WH-PLAN-3a", "--at", "2022-06-01")
    assert "遇休息日提前" in run("WH-PLAN-4a", "--at", "2026-10-08")
    assert "不生效" in run("WH-MEAS-15b", "--at", "2020-01-02")


def test_pauses_extension_and_calendar_come_from_the_command_line(run: Run, tmp_path: Path) -> None:
    paused = json.loads(
        run(
            "YQ-LR-14a",
            "--at",
            "2026-03-02",
            "--pause",
            "2026-03-03..2026-03-05",
            "--extend-on",
            "2026-03-18",
            "--json",
        )
    )
    assert (paused["due"], paused["extended_on"]) == ("2026-04-01T23:59:59+08:00", "2026-03-18")
    assert paused["pauses"] == [["2026-03-03", "2026-03-05"]]
    notice = tmp_path / "2027.toml"
    notice.write_text(
        'year = 2027\ntitle = "示例"\n[[holiday]]\nname = "元旦"\nfrom = 2027-01-01\nto = 2027-01-05\n',
        encoding="utf-8",
    )
    entered = json.loads(run("WH-MEAS-15b", "--at", "2026-12-28", "--calendar", str(notice), "--json"))
    assert (entered["provisional"], entered["nominal"]) == (False, "2027-01-11")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("WH-MEAS-99", "--at", "2026-03-02"), "没有规则 WH-MEAS-99"),
        (("WH-MEAS-15", "--at", "2026-03-02"), "没有规则 WH-MEAS-15，有 WH-MEAS-15b、WH-MEAS-15c"),
        (("WH-MEAS-14", "--at", "2026-03-02"), "没有规则 WH-MEAS-14，有 WH-MEAS-14a、WH-MEAS-14b"),
        (("WH-MEAS-13", "--at", "2026-03-02"), "没有可以计算的期限"),
        (("YQ-LR-14b", "--at", "2026-03-02"), "它延长YQ-LR-14a，请计算该条并给出批准延长的日期"),
        (("WH-MEAS-15b", "--at", "gestern"), "不是日期或者时刻"),
        (("WH-MEAS-15b", "--at", "2026-02-30"), "不是日期或者时刻"),
        (("LY-REC-13b", "--at", "20260302"), "不是日期或者时刻"),
        (("LY-REC-13b", "--at", "2026-W10-1"), "不是日期或者时刻"),
        (("LY-REC-13b", "--at", "2026-03-02"), "须给出时刻"),
        (("WH-MEAS-15b", "--at", "1066-10-14"), "超出工作日历范围"),
        (("WH-MEAS-15b", "--at", "2026-03-02", "--profile", "x"), "没有规则档案 x"),
        (("WH-MEAS-15b", "--at", "2026-03-02", "--extend-on", "2026-03-03"), "没有规则允许延长"),
        (("YQ-LR-14a", "--at", "2026-03-02", "--extend-on", "2026-03-17"), "届满"),
        (("YQ-LR-14a", "--at", "2026-03-02", "--extend-on", "2026-03-05", "--extend-on", "2026-03-06"), "只能延长一次"),
        (("WH-MEAS-15b", "--at", "2026-03-02", "--pause", "2026-03-03"), "FROM..TO"),
        (("WH-MEAS-15b", "--at", "2026-03-02", "--pause", "2026-03-03..2026-03-05"), "没有规则允许暂停"),
        (("WH-MEAS-15b", "--at", "2026-03-02", "--calendar", "/nonexistent.toml"), "读不出来"),
        (("WH-MEAS-15b",), "--at"),
        ((), "--at"),
        (("--batch", "/nonexistent"), "读不出来"),
        (("WH-MEAS-15b", "--batch", "x"), "不能另写"),
    ],
)
def test_a_bad_single_call_says_why_and_exits_with_two(run: Run, arguments: tuple[str, ...], reason: str) -> None:
    assert reason in refused(run, *arguments)


@pytest.mark.parametrize(
    ("article", "rule"),
    [("CN-INSPECTION-17", "CN-INSPECTION-17a"), ("CN-COERCION-25", "CN-COERCION-25a"), ("YQ-LR-14", "YQ-LR-14a")],
)
def test_an_article_with_one_period_may_be_named_without_the_letter(run: Run, article: str, rule: str) -> None:
    asked = ("--at", "2026-03-02", "--extend-on", "2026-03-05", "--json")
    assert run(article, *asked) == run(rule, *asked)


def test_a_bad_single_call_with_json_prints_the_error_object(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    out = StringIO()
    this = deadline.Command(stdout=out)
    options = vars(this.create_parser("manage.py", "deadline").parse_args(["X-1", "--at", "2026-03-02", "--json"]))
    with pytest.raises(SystemExit) as stopped:
        this.handle(**options)
    assert stopped.value.code == 2
    assert json.loads(out.getvalue()) == {"rule": "X-1", "error": "没有规则 X-1"}


def test_a_batch_answers_every_line_and_bad_ones_with_their_error(run: Run, tmp_path: Path) -> None:
    lines = [
        '{"rule": "WH-MEAS-15b", "at": "2026-02-11"}',
        '{"rule": "WH-MEAS-15b", "at": "2026-02-11T10:00:00Z", "profile": null, "pauses": [], "extend_on": null}',
        "not json",
        "",
        "[1, 2]",
        '{"rule": 7, "at": "2026-02-11"}',
        '{"rule": "WH-MEAS-15b"}',
        '{"rule": "WH-MEAS-15b", "at": "2026-02-11", "colour": "red"}',
        '{"rule": "WH-MEAS-15b", "at": 20260211}',
        '{"rule": "YQ-LR-14a", "at": "2026-03-02", "pauses": [["2026-03-03", "2026-03-05"]]}',
        '{"rule": "YQ-LR-14a", "at": "2026-03-02", "pauses": [["2026-03-03"]]}',
        '{"rule": "YQ-LR-14a", "at": "2026-03-02", "pauses": "x"}',
        '{"rule": "YQ-LR-14a", "at": "2026-03-02", "extend_on": "2026-03-17"}',
        '{"rule": "WH-MEAS-15b", "at": "9999-12-31"}',
        '{"rule": "CN-PENALTY-60", "at": "9999-12-31T23:00-09:00"}',
        '{"rule": "YQ-LR-14a", "at": "2026-03-02", "pauses": [["2026-03-03", "9999-12-31"]]}',
        "[" * 100_000,
        '{"rule": "WH-MEAS-13", "at": "2026-02-11"}',
        '{"rule": "WH-MEAS-15b", "at": "2026-02-11", "profile": ""}',
    ]
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(lines) + "\n\n", encoding="utf-8-sig")
    answers = [json.loads(line) for line in run("--batch", str(path)).splitlines()]
    assert len(answers) == len(lines)
    good = [n for n, answer in enumerate(answers) if "error" not in answer]
    assert good == [0, 1, 9]
    assert all(set(answer) == {"rule", "error"} for n, answer in enumerate(answers) if n not in good)
    assert answers[0] == cli.answer_deadline("WH-MEAS-15b", "2026-02-11")
    assert answers[1] == answers[0]
    assert [answers[n]["rule"] for n in (2, 3, 5, 6, 17)] == [None, None, None, "WH-MEAS-15b", "WH-MEAS-13"]
    assert "未知字段 colour" in answers[7]["error"]


def test_a_moment_without_a_zone_is_beijing_time() -> None:
    assert cli.parse_moment("2026-03-02T23:30") == cli.parse_moment("2026-03-02T15:30:00Z")
    assert cli.parse_moment("2026-03-02") == date(2026, 3, 2)


def test_rules_as_json_has_exactly_the_promised_fields(book: Rulebook) -> None:
    coverage = {"WH-MEAS-15b": {"enforced_by": "core.duties.open_duties", "tests": ["tests/x.py::test_y"]}}
    described = cli.describe_rules(None, coverage, on=date(2026, 3, 2))
    assert len(described) == len(book.rules)
    assert next(row for row in described if row["id"] == "WH-MEAS-15b") == {
        "id": "WH-MEAS-15b",
        "instrument": "weihai-2020-supervision-measures",
        "article": "第十五条",
        "quote": "应当自执法决定作出之日起7个工作日内公开",
        "kind": "deadline",
        "obligation": "publish_decision",
        "in_force": True,
        "enforced_by": "core.duties.open_duties",
        "tests": ["tests/x.py::test_y"],
    }
    assert not any(row["in_force"] for row in cli.describe_rules("weihai-hrss", {}, on=date(2000, 1, 1)))
    national = {str(row["id"]) for row in cli.describe_rules("national", {}, on=date(2026, 3, 2))}
    assert national
    assert all(name.startswith("CN-") for name in national)
    with pytest.raises(RulebookError, match="没有规则档案 nowhere"):
        cli.describe_rules("nowhere", {}, on=date(2026, 3, 2))


def test_the_command_lists_every_rule_and_says_what_is_not_enforced_yet(book: Rulebook) -> None:
    out = StringIO()
    this = rules.Command(stdout=out)
    this.handle(profile="weihai-hrss", json=False)
    lines = out.getvalue().splitlines()
    assert len(lines) == len(book.binding("weihai-hrss")) + 1
    by_id = {line.split("　")[0]: line for line in lines}
    assert "起算于 enforcement.decision_made" in by_id["WH-MEAS-15b"]
    assert "尚未纳入执行" in by_id["WH-MEAS-22"]
    assert "尚未纳入执行" not in by_id["WH-MEAS-13"]


def test_coverage_is_read_from_either_shape(tmp_path: Path) -> None:
    path = tmp_path / "rule-coverage.json"
    assert cli.read_coverage(path) == {}
    path.write_text('[{"id": "A-1", "tests": ["t"]}]', encoding="utf-8")
    assert cli.read_coverage(path)["A-1"]["tests"] == ["t"]
    path.write_text('{"A-1": {"tests": ["t"]}}', encoding="utf-8")
    assert cli.read_coverage(path)["A-1"]["tests"] == ["t"]
