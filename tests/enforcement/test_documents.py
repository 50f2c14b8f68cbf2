"""The printed documents: everything the law lists, right in number and page."""

from __future__ import annotations

import io
import re

import pytest
from django.test import Client
from pypdf import PdfReader

from core import jobs, store
from enforcement.models import Case, CaseDocument
from tests.enforcement.factories import REMEDIES, Bureau, case_in


def text_of(case: Case, kind: str) -> tuple[str, PdfReader]:
    paper = case.documents.get(kind=kind)
    with store.open_stored(paper.file) as stored:
        reader = PdfReader(io.BytesIO(stored.read()))
    text = "".join(page.extract_text() for page in reader.pages)
    return re.sub(r"\s+", "", text), reader


@pytest.fixture
def printed(bureau: Bureau) -> Case:
    case = case_in("served", bureau)
    jobs.drain(100)
    return case


@pytest.mark.rule("CN-PENALTY-59")
def test_cn_penalty_59_the_decision_says_all_six_items_and_has_the_place_of_the_seal(printed: Case) -> None:
    text, reader = text_of(printed, "penalty_decision")
    items = [
        "示例市人力资源和社会保障局行政处罚决定书示人社监罚决字〔2026〕1号",
        "某某示例电子有限公司",
        "示例市示例区示例路100号",
        "91371000MA3TEMP00G",
        "经责令改正拒不改正",
        "现场检查笔录",
        "《劳动保障监察条例》第三十条第一款第（三）项",
        "罚款人民币20,000.00元（大写：贰万元整）",
        "自收到本决定书之日起十五日内，到示例银行缴纳罚款",
        REMEDIES,
        "（加盖机关印章）",
        "二〇二六年二月十一日",
    ]
    for item in items:
        assert re.sub(r"\s+", "", item) in text, item
    for number, page in enumerate(reader.pages, start=1):
        assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
        assert f"—{number}—" in re.sub(r"\s+", "", page.extract_text())
    assert printed.documents.get(kind="penalty_decision").pages == len(reader.pages)


@pytest.mark.rule("CN-PENALTY-44")
def test_cn_penalty_44_the_notice_says_content_facts_reasons_basis_and_rights(printed: Case) -> None:
    text, _ = text_of(printed, "rights_notice")
    for item in (
        "示人社监告字〔2026〕1号",
        "经责令改正拒不改正",
        "拖欠工资人数多",
        "第三十条",
        "罚款人民币20,000.00元",
        "有权进行陈述和申辩",
        "二〇二六年一月二十九日",
    ):
        assert item in text, item
    assert "听证" not in text


@pytest.mark.parametrize(
    ("kind", "items"),
    [
        (
            "initiation_form",
            (
                "立案审批表",
                "示人社监案〔2026〕1号",
                "12名劳动者反映被拖欠工资",
                "涉嫌克扣或者无故拖欠劳动者工资（《劳动保障监察条例》第二十六条第（一）项）",
                "有工资台账佐证，涉嫌无故拖欠工资",
                "张示例（主办）",
                "吴样例",
            ),
        ),
        ("correction_order", ("责令改正指令书", "示人社监令字〔2026〕1号", "支付拖欠的工资", "二〇二六年一月二十日前")),
        ("conclusion_report", ("案件调查终结报告", "现场检查", "建议罚款20000元", "二〇二六年一月二十八日")),
        ("service_receipt", ("送达回证", "直接送达", "行政主管孙某", "示人社监罚决字〔2026〕1号")),
    ],
)
def test_every_other_document_says_what_its_act_was(printed: Case, kind: str, items: tuple[str, ...]) -> None:
    text, _ = text_of(printed, kind)
    for item in items:
        assert item in text, item


def test_no_document_prints_the_complainant(printed: Case) -> None:
    for paper in printed.documents.all():
        text, _ = text_of(printed, paper.kind)
        assert "马投诉" not in text
        assert "13800000000" not in text


def test_markup_in_a_text_is_printed_as_text(bureau: Bureau) -> None:
    case = case_in("investigating", bureau, summary="<b>粗体</b><img src=file:///etc/passwd>")
    jobs.drain(10)
    text, _ = text_of(case, "initiation_form")
    assert "<b>粗体</b><imgsrc=file:///etc/passwd>" in text


def test_until_the_pdf_is_made_the_page_says_so_and_making_it_twice_makes_one(bureau: Bureau, client: Client) -> None:
    case = case_in("investigating", bureau)
    paper = case.documents.get()
    client.force_login(bureau.lead)
    assert "正在生成" in client.get(paper.get_absolute_url()).content.decode()
    assert "正在生成" in client.get(case.get_absolute_url()).content.decode()
    jobs.drain(10)
    first = CaseDocument.objects.get(pk=paper.pk).file
    from enforcement.documents import render_document

    render_document({"document": paper.pk})
    assert CaseDocument.objects.get(pk=paper.pk).file == first
    answer = client.get(paper.get_absolute_url())
    assert answer["Content-Type"] == "application/pdf"
    assert b"".join(answer.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
