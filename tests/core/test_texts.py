"""attach_text: an official text is split by article, and every quote is looked for in its own."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError

from core import law, texts
from core.models import InstrumentText
from rulebook.model import Article, Instrument, Rule

MEASURES = Instrument(
    id="sample-measures",
    title="示例市示例监督办法",
    short_title="示例办法",
    issued_by="示例市人民政府",
    rank="local-government-rule",
    effective_from=date(2021, 1, 1),
    effective_to=None,
    issued_on=None,
    annual=False,
    profile="weihai-hrss",
    text_entered=True,
    articles=tuple(Article(number, "概要") for number in ("第一条", "第二条", "第三条", "第十一条")),
    digest="",
)
PLAN = dataclasses.replace(
    MEASURES,
    id="sample-plan",
    title="示例局年度计划",
    articles=tuple(Article(n, "概要") for n in ("（一）", "（二）", "末段")),
)
TASKS = dataclasses.replace(
    MEASURES,
    id="sample-tasks",
    title="示例局实施方案",
    articles=tuple(
        Article(n, "概要") for n in ("一（一）", "第1项（1）", "第1项（2）", "第2项", "第3项（1）", "三（一）")
    ),
)
TEXT = """【法宝引证码】 CLI.11.000
# 示例市示例监督办法
第一章　总　则
　　第一条　为了示例，制定本办法。
- 3 -
　　**第二条**　公示应当自决定作出之日起７个工作日内，
向社会公开；
　　（一）第一项。
第二章　其他
　　第三条　第二条所说的公示，包括撤回（含更正）。
　　第十一条　本办法自2021年1月1日起施行。
"""


def rule(rule_id: str, article: str, quote: str) -> Rule:
    return Rule(
        id=rule_id,
        instrument=MEASURES.id,
        article=article,
        quote=quote,
        title="示例",
        kind="record",
        obligation="sample",
        effective_from=date(2021, 1, 1),
        effective_to=None,
    )


def test_a_text_is_split_by_article_without_headings_and_page_numbers() -> None:
    articles = texts.split(TEXT, MEASURES)
    assert list(articles) == ["第一条", "第二条", "第三条", "第十一条"]
    assert articles["第二条"] == "公示应当自决定作出之日起７个工作日内，\n向社会公开；\n（一）第一项。"
    assert articles["第十一条"] == "本办法自2021年1月1日起施行。"
    assert "第二章" not in "".join(articles.values())


def test_a_reference_at_the_start_of_a_line_begins_no_article() -> None:
    text = "第一条 甲。\n第一条规定的公示\n第二条 乙。\n第十九条所称情形，\n第三条 丙。"
    assert texts.split(text, MEASURES) == {
        "第一条": "甲。\n第一条规定的公示",
        "第二条": "乙。\n第十九条所称情形，",
        "第三条": "丙。",
    }


def test_a_plan_is_split_by_item_with_its_last_paragraph() -> None:
    text = "# 示例局\n### （一）对甲的监督\n要求甲。\n(二)对乙的监督\n要求乙。\n\n我局由示例科负责。\n示例市人民政府\n2022年5月17日"
    assert texts.split(text, PLAN) == {
        "（一）": "对甲的监督\n要求甲。",
        "（二）": "对乙的监督\n要求乙。",
        "末段": "我局由示例科负责。",
    }


def test_a_plan_of_numbered_tasks_is_split_by_task_and_point() -> None:
    text = """# 示例局实施方案
局属各单位：
(一)这一行在第一部分之前。
一、总体要求
(一)目标。
2019.9印发。
二、任务
1.第一件任务。
(1)先做甲，
含甲之一。
（2）再做乙。
2.第二件任务。自己说清楚。
6.不接着的号码不是任务。
3．第三件任务。
(1)做丙。
三、要求
(一)加强领导。
"""
    assert texts.split(text, TASKS) == {
        "一（一）": "目标。\n2019.9印发。",
        "第1项（1）": "先做甲，\n含甲之一。",
        "第1项（2）": "再做乙。",
        "第2项": "第二件任务。自己说清楚。\n6.不接着的号码不是任务。",
        "第3项（1）": "做丙。",
        "三（一）": "加强领导。",
    }
    with pytest.raises(texts.TextRefused, match=r"没有找到“1\.”“（1）”形式的各项"):
        texts.split("第一条 甲。", TASKS)


def test_of_several_documents_the_one_under_its_title_is_taken() -> None:
    text = "# 别的制度\n第一条 别的。\n# 示例市示例监督办法\n第一条 这份。\n# 还有一份\n第一条 再别的。"
    assert texts.split(text, MEASURES) == {"第一条": "这份。"}
    with pytest.raises(texts.TextRefused, match="含有2份文件，没有找到标题为《示例市示例监督办法》的一份"):
        texts.split("# 甲\n第一条 甲。\n# 乙\n第一条 乙。", MEASURES)


def test_who_signed_a_notice_is_no_title_of_any_of_the_documents_in_it() -> None:
    office = "示例市人力资源和社会保障局"
    text = f"示人社〔2021〕1号\n{office}\n2021年6月3日\n# 公示制度\n第一条 公示。\n# 记录制度\n第一条 记录。"
    for name, said in (("公示制度", "公示。"), ("记录制度", "记录。")):
        wanted = dataclasses.replace(
            MEASURES, title=f"{office}{name}", short_title=f"示例{name}", issued_by=f"{office} 示人社〔2021〕1号"
        )
        assert texts.split(text, wanted) == {"第一条": said}


def test_a_text_without_articles_is_refused() -> None:
    with pytest.raises(texts.TextRefused, match="没有找到“第一条”形式的条文"):
        texts.split("只有一段话。", MEASURES)


@pytest.mark.parametrize(
    ("article", "quote", "match", "found_in"),
    [
        ("第一条", "为了示例，制定本办法", "exact", ""),
        ("第二条", "自决定作出之日起7个工作日内,向社会公开", "folded", ""),
        ("第二条", "公示应当自……向社会公开", "exact", ""),
        ("第一条", "包括撤回(含更正)", "elsewhere", "第三条"),
        ("第三条", "二十个工作日", "missing", ""),
    ],
)
def test_how_a_quote_compares_is_said(article: str, quote: str, match: str, found_in: str) -> None:
    (result,) = texts.compare(texts.split(TEXT, MEASURES), [rule("X-1", article, quote)])
    assert (result.match, result.found_in) == (match, found_in)


@pytest.fixture
def one_quote_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of an official text that has one of its instrument's two quotes and lacks the other."""
    book = law.rulebook()
    monkeypatch.setattr(type(book), "instrument", lambda self, name: MEASURES)
    monkeypatch.setattr(
        type(book),
        "rules_of",
        lambda self, name: (rule("X-1", "第一条", "制定本办法"), rule("X-2", "第二条", "十个工作日")),
    )
    file = tmp_path / "text.md"
    file.write_text(TEXT, encoding="utf-8")
    return file


@pytest.mark.django_db
def test_what_attach_text_found_is_told_as_json_with_the_same_exit(
    one_quote_differs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError, match="1处引文与官方文本不符") as refused:
        call_command(
            "attach_text", "sample-measures", str(one_quote_differs), "--checked-by=核对甲", "--json", skip_checks=True
        )
    assert refused.value.returncode == 1
    assert json.loads(capsys.readouterr().out) == {
        "instrument": "sample-measures",
        "title": MEASURES.title,
        "articles": 4,
        "quotes": 2,
        "exact": 1,
        "folded": 0,
        "differing": [{"rule": "X-2", "article": "第二条", "why": "全文未找到", "quote": "十个工作日"}],
        "checked_by": "核对甲",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_a_text_saved_by_an_office_program_of_windows_is_read(one_quote_differs: Path, encoding: str) -> None:
    one_quote_differs.write_bytes(TEXT.replace("７个", "十个").encode(encoding))
    call_command("attach_text", "sample-measures", str(one_quote_differs), "--checked-by=核对甲", skip_checks=True)
    assert set(InstrumentText.objects.get().articles) >= {"第一条", "第二条"}


@pytest.mark.django_db
def test_attach_text_lists_mismatches_exits_1_and_keeps_the_text_it_had(
    one_quote_differs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = InstrumentText.objects.create(
        instrument="sample-measures", articles={"第一条": "从前的文本"}, sha256="0" * 64, checked_by="核对乙"
    )
    with pytest.raises(CommandError, match="1处引文与官方文本不符，文本没有附上") as refused:
        call_command(
            "attach_text", "sample-measures", str(one_quote_differs), "--checked-by", "核对甲", skip_checks=True
        )
    assert refused.value.returncode == 1
    shown = capsys.readouterr().out
    assert "4条，核对引文2处" in shown
    assert "X-2 第二条：全文未找到" in shown
    row = InstrumentText.objects.get(instrument="sample-measures")
    assert (row.articles, row.checked_by, row.checked_on) == (before.articles, "核对乙", before.checked_on)


@pytest.mark.django_db
def test_the_start_is_refused_while_a_quote_is_not_in_its_article() -> None:
    """A rule's quote was changed after the official text was attached; `migrate` asks the same checks before every start."""
    text = InstrumentText.objects.create(
        instrument="weihai-2020-supervision-measures",
        articles=_articles_that_hold_every_quote("weihai-2020-supervision-measures"),
        sha256="0" * 64,
        checked_by="核对甲",
    )
    call_command("check", tags=["database"], databases=["default"])
    text.articles["第十五条"], text.articles["第一条"] = "二十个工作日", text.articles["第十五条"]
    text.save()
    with pytest.raises(SystemCheckError) as refused:
        call_command("check", tags=["database"], databases=["default"])
    said = str(refused.value)
    quote = law.rulebook().rule("WH-MEAS-15b").quote
    assert (
        "规则库不能载入：weihai-2020-supervision-measures.toml: WH-MEAS-15b: "
        f"引文不在所附官方文本的第十五条中（不在所引条款中，见第一条）：{quote}"
    ) in said
    assert "WH-MEAS-14" not in said
    # Only where the database may be asked.
    call_command("check", tags=["database"])


@pytest.mark.django_db
def test_a_text_whose_instrument_left_the_files_stops_nothing() -> None:
    InstrumentText.objects.create(instrument="of-old", articles={"第一条": "甲"}, sha256="0" * 64, checked_by="核对甲")
    call_command("check", tags=["database"], databases=["default"])


def _articles_that_hold_every_quote(instrument: str) -> dict[str, str]:
    articles: dict[str, str] = {}
    for each in law.rulebook().rules_of(instrument):
        articles[each.article] = articles.get(each.article, "") + each.quote
    return articles


@pytest.mark.django_db
def test_an_unknown_instrument_and_an_unreadable_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"读不出 absent\.md：没有这个文件"):
        call_command("attach_text", "weihai-2020-supervision-measures", str(tmp_path / "absent.md"), skip_checks=True)
    file = tmp_path / "text.md"
    file.write_text("第一条 甲。", encoding="utf-8")
    with pytest.raises(CommandError, match="no-such"):
        call_command("attach_text", "no-such", str(file), skip_checks=True)
