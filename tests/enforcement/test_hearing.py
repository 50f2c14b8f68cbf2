"""The time to ask for a hearing, the call to it, and that every number of them stands in the rulebook alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client

from agency.models import AgencyProfile
from core.lifecycle import StepRefused
from core.models import Duty, FactRecord
from enforcement import handlers, services, terms
from enforcement.documents import TEMPLATES, context_of
from enforcement.forms import RightsNoticeForm
from enforcement.models import Case, CaseDocument
from enforcement.selectors import draft_defaults, presiders_of, surcharge_at
from rulebook import library
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, at, case_in

ROOT = Path(library.__file__).parent
PENALTY_LAW = "cn-administrative-penalty-law-2021.toml"
Amend = Callable[..., library.Rulebook]


@pytest.fixture
def offered(bureau: Bureau) -> Case:
    """Told on Thursday 29 January, with a hearing: five working days, 30 January to 5 February."""
    return f.notify(bureau, case_in("concluded", bureau), hearing_offered=True)


@pytest.fixture
def amend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Amend:
    """The rulebook as an amendment of the Penalty Law leaves it: its TOML changed, nothing else."""

    def change(*replaced: tuple[str, str]) -> library.Rulebook:
        for folder in ("instruments", "profiles"):
            shutil.copytree(ROOT / folder, tmp_path / "law" / folder)
        file = tmp_path / "law" / "instruments" / PENALTY_LAW
        text = file.read_text(encoding="utf-8")
        for old, new in replaced:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")
        book = library.load(tmp_path / "law")
        monkeypatch.setattr(library, "get", lambda: book)
        return book

    return change


def right(case: Case) -> Duty:
    return Duty.objects.get(anchor=case.stream, obligation="request_hearing")


def rights(case: Case) -> list[Duty]:
    return list(Duty.objects.filter(anchor=case.stream, obligation="request_hearing").order_by("pk"))


# --- the time to ask ----------------------------------------------------------------------------------------


@pytest.mark.rule("CN-PENALTY-64a")
def test_cn_penalty_64_the_time_to_ask_runs_only_where_a_hearing_was_offered(bureau: Bureau, offered: Case) -> None:
    duty = right(offered)
    assert (duty.day_zero, duty.due_day, duty.owed_by) == (date(2026, 1, 29), date(2026, 2, 5), "party")
    assert duty.state_at(at("2026-02-02 09:00")) == "open"
    other = f.notify(bureau, case_in("concluded", bureau), hearing_offered=False)
    assert rights(other) == []


@pytest.mark.rule("CN-PENALTY-64a")
def test_cn_penalty_64_asking_for_the_hearing_meets_the_right_in_time(bureau: Bureau, offered: Case) -> None:
    f.answer(bureau, offered, kind="hearing", content="要求听证")
    duty = right(offered)
    assert (duty.state, duty.met_at) == ("met", at("2026-02-02 10:00"))
    assert duty.met_by is not None
    assert duty.met_by.name == "enforcement.rights_answered"


@pytest.mark.rule("CN-PENALTY-64a")
def test_cn_penalty_64_a_right_used_after_its_time_had_lapsed(bureau: Bureau, offered: Case) -> None:
    f.answer(bureau, offered, kind="hearing", content="要求听证", happened_at=at("2026-02-06 09:00"))
    assert right(offered).state == "lapsed"


@pytest.mark.rule("CN-PENALTY-64a")
def test_cn_penalty_64_a_waiver_ends_the_time_with_its_reason(bureau: Bureau, offered: Case, client: Client) -> None:
    f.answer(bureau, offered, kind="waived")
    duty = right(offered)
    assert (duty.met_at, duty.voided_at, duty.void_reason) == (None, at("2026-02-02 10:00"), "当事人明确放弃听证")
    assert duty.void_word == "已终止"
    assert not Duty.objects.open().filter(obligation="request_hearing").exists()
    client.force_login(bureau.lead)
    page = client.get(duty.get_absolute_url()).content.decode()
    assert "已终止" in page
    assert "当事人明确放弃听证" in page
    assert "已撤销" not in page


@pytest.mark.rule("CN-PENALTY-64a")
def test_cn_penalty_64_a_waiver_after_the_time_changes_nothing_about_how_it_ended(
    bureau: Bureau, offered: Case
) -> None:
    f.answer(bureau, offered, kind="waived", happened_at=at("2026-02-06 09:00"))
    assert right(offered).voided_at is None
    assert right(offered).state == "lapsed"


@pytest.mark.rule("CN-PENALTY-64a", "CN-PENALTY-45")
def test_cn_penalty_64_a_statement_leaves_the_time_running(bureau: Bureau, offered: Case) -> None:
    f.answer(bureau, offered, kind="statement", content="已支付一部分", review="不影响认定", is_adopted=False)
    assert right(offered).is_open


@pytest.mark.rule("CN-PENALTY-64a")
def test_cn_penalty_64_a_new_notice_ends_the_old_time_and_starts_its_own(bureau: Bureau, offered: Case) -> None:
    again = f.notify(bureau, offered, hearing_offered=True, happened_at=at("2026-02-03 09:00"))
    old, new = rights(again)
    assert old.voided_at == at("2026-02-03 09:00")
    assert old.void_reason == f"已重新告知（{again.notice.number}），原告知不再适用"
    assert (new.is_open, new.due_day) == (True, date(2026, 2, 10))


@pytest.mark.rule("CN-PENALTY-64a")
def test_a_dismissed_case_leaves_no_time_to_ask_for_a_hearing(bureau: Bureau, offered: Case) -> None:
    services.dismiss_case(
        case=offered, by=bureau.leader, happened_at=at("2026-02-02 10:00"), ground="minor", reason="轻微"
    )
    assert right(offered).void_reason == "案件已终结，不再给予处罚"


def test_the_end_by_waiver_moves_with_the_corrected_waiver(bureau: Bureau, offered: Case) -> None:
    f.answer(bureau, offered, kind="waived")
    wrong = FactRecord.objects.get(name="enforcement.rights_answered", stream=offered.stream)
    moved = {"replaced": "2026-02-02T10:00:00+08:00", "replaced_by": "2026-01-30T10:00:00+08:00"}
    handlers.follow_correction(FactRecord(corrects=wrong, payload=moved))
    assert right(offered).voided_at == at("2026-01-30 10:00")


@pytest.mark.rule("CN-PENALTY-64a")
def test_cn_penalty_64_silence_to_an_offered_hearing_is_refused_under_its_own_article(
    bureau: Bureau, offered: Case
) -> None:
    case = f.review(bureau, f.draft(bureau, offered), happened_at=at("2026-02-04 09:00"))
    with pytest.raises(StepRefused) as refused:
        f.decide(bureau, case, happened_at=at("2026-02-05 23:59"))
    (demand,) = refused.value.demands
    assert demand.text == "当事人还没有答复，2月5日24:00前不能决定"
    assert "CN-PENALTY-64a" in {citation.rule_id for citation in demand.citations}


# --- the call -----------------------------------------------------------------------------------------------


def hold(bureau: Bureau, case: Case, called: str, held: str) -> Case:
    return services.record_hearing(
        case=case,
        by=bureau.lead,
        happened_at=at(held),
        called_at=at(called),
        place="示例会议室",
        presider=bureau.stranger,
        record="双方质证",
        file=None,
    )


@pytest.mark.rule("CN-PENALTY-64b")
def test_cn_penalty_64_a_hearing_called_too_late_is_refused_and_on_the_last_day_not(
    bureau: Bureau, offered: Case
) -> None:
    """Held on Saturday 28 February, worked: seven working days before are 27, 26, 25, 24, 14 (worked), 13 and 12 February."""
    case = f.answer(bureau, offered, kind="hearing", content="要求听证")
    with pytest.raises(StepRefused) as refused:
        hold(bureau, case, "2026-02-13 00:01", "2026-02-28 09:00")
    (demand,) = refused.value.demands
    assert demand.text == "2月28日举行听证的，最迟应当在2月12日通知当事人及有关人员"
    assert [citation.rule_id for citation in demand.citations] == ["CN-PENALTY-64b"]
    assert not case.hearings.exists()
    assert hold(bureau, case, "2026-02-12 23:59", "2026-02-28 09:00").hearings.count() == 1


@pytest.mark.rule("CN-PENALTY-64b")
def test_cn_penalty_64_the_page_refuses_a_late_call_at_its_field(bureau: Bureau, offered: Case, client: Client) -> None:
    case = f.answer(bureau, offered, kind="hearing", content="要求听证")
    client.force_login(bureau.lead)
    values = {
        "called_at": "2026-02-13T09:00",
        "happened_at": "2026-02-28T09:00",
        "place": "示例会议室",
        "presider": presiders_of(case)[0].pk,
        "record": "双方质证",
    }
    answer = client.post(case.step_url("record_hearing"), values)
    assert answer.status_code == 422
    assert answer.context["form"].errors["called_at"] == ["这一天举行听证的，最迟应当在2月12日通知（处罚法第六十四条）"]
    values["called_at"] = "2026-02-12T09:00"
    assert client.post(case.step_url("record_hearing"), values).status_code == 302


# --- an amendment is TOML only ------------------------------------------------------------------------------


@pytest.mark.rule("CN-PENALTY-64a", "CN-PENALTY-64b")
def test_an_amended_term_of_the_hearing_is_followed_without_a_line_of_code(bureau: Bureau, amend: Amend) -> None:
    amend(
        (
            'when = { hearing_offered = [true] }\nwithin = { amount = 5, unit = "working_day" }',
            'when = { hearing_offered = [true] }\nwithin = { amount = 3, unit = "working_day" }',
        ),
        ('before = { amount = 7, unit = "working_day" }', 'before = { amount = 10, unit = "working_day" }'),
    )
    case = f.notify(bureau, case_in("concluded", bureau), hearing_offered=True)
    assert right(case).due_day == date(2026, 2, 3)
    assert terms.answer_period_ends(case, case.notice.served_at) == right(case).due_at
    case = f.answer(bureau, case, kind="hearing", content="要求听证")
    with pytest.raises(StepRefused, match="最迟应当在2月9日通知"):
        hold(bureau, case, "2026-02-10 09:00", "2026-02-28 09:00")


@pytest.mark.rule("CN-PENALTY-67", "CN-PENALTY-72")
def test_an_amended_payment_and_surcharge_are_followed_without_a_line_of_code(bureau: Bureau, amend: Amend) -> None:
    amend(
        ("percent_each_day = 3, percent_at_most = 100", "percent_each_day = 5, percent_at_most = 50"),
        ('within = { amount = 15, unit = "day" }', 'within = { amount = 20, unit = "day" }'),
    )
    case = case_in("served", bureau)
    performance = draft_defaults(case_in("notified", bureau))["performance"]
    assert "自收到本决定书之日起二十日内，" in performance
    assert "每日按罚款数额的百分之五加处罚款，加处罚款的数额不超出罚款数额的百分之五十。" in performance
    case = services.impose_surcharge(case=case, by=bureau.leader, happened_at=at("2026-03-10 09:00"))
    assert case.surcharge_since == date(2026, 3, 6)
    assert surcharge_at(case, at("2026-03-07 09:00")) == Decimal("2000.00")
    assert surcharge_at(case, at("2026-06-01 09:00")) == Decimal("10000.00")


@pytest.mark.rule("CN-PENALTY-67", "CN-PENALTY-72")
def test_the_draft_says_the_terms_as_the_law_has_them(bureau: Bureau) -> None:
    performance = draft_defaults(case_in("notified", bureau))["performance"]
    assert performance.startswith("自收到本决定书之日起十五日内，到")
    assert performance.endswith(
        "到期不缴纳的，依照《中华人民共和国行政处罚法》第七十二条，每日按罚款数额的百分之三加处罚款，加处罚款的数额不超出罚款的数额。"
    )


@pytest.mark.rule("CN-PENALTY-64a")
@pytest.mark.parametrize(("amount", "words"), [(5, "五日（工作日）内"), (12, "十二日（工作日）内")])
def test_the_notice_tells_the_time_to_ask_for_a_hearing(bureau: Bureau, amend: Amend, amount: int, words: str) -> None:
    known = "hearing_offered = [true] }\nwithin = { amount = "
    amend((f"{known}5", f"{known}{amount}"))
    case = f.notify(bureau, case_in("concluded", bureau), hearing_offered=True)
    document = case.documents.get(kind=CaseDocument.Kind.NOTICE)
    page = render_to_string(TEMPLATES[CaseDocument.Kind.NOTICE], context_of(document))
    assert f"要求听证的，应当在本告知书送达后{words}向本机关提出" in page


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "一"),
        (10, "十"),
        (15, "十五"),
        (20, "二十"),
        (90, "九十"),
        (101, "一百零一"),
        (110, "一百一十"),
        (2003, "二千零三"),
    ],
)
def test_numbers_are_written_as_documents_write_them(number: int, words: str) -> None:
    assert terms.numeral(number) == words


@pytest.mark.rule("CN-PENALTY-63a")
class TestAHeavyPenaltyOffersAHearing:
    """Penalty Law 63: revocation, confiscation, and fines that the agency's own threshold calls large."""

    @pytest.fixture
    def concluded(self, bureau: Bureau) -> Case:
        case = f.evidence(bureau, case_in("investigating", bureau, violation="inspection-28"))
        return f.conclude(bureau, f.state_end(bureau, case), violation="inspection-28")

    def threshold(self, least: int | None) -> None:
        AgencyProfile.objects.update(large_fine=least)

    @pytest.mark.parametrize(
        ("penalties", "details", "text"),
        [
            (["fine", "confiscation"], "违法所得1000元", "没收违法所得应当告知听证权利"),
            (["revocation"], "示例许可证1号", "吊销许可证件应当告知听证权利"),
        ],
    )
    def test_cn_penalty_63_confiscation_and_revocation(
        self, bureau: Bureau, concluded: Case, penalties: list[str], details: str, text: str
    ) -> None:
        fine = Decimal("10000") if "fine" in penalties else None
        heavy: dict[str, Any] = {"penalties": penalties, "penalty_details": details, "fine": fine}
        with pytest.raises(StepRefused) as refused:
            f.notify(bureau, concluded, **heavy)
        (demand,) = refused.value.demands
        assert demand.text == text
        assert [citation.rule_id for citation in demand.citations] == ["CN-PENALTY-63a"]
        assert f.notify(bureau, concluded, hearing_offered=True, **heavy).state == "notified"

    def test_cn_penalty_63_a_fine_from_the_threshold_on(self, bureau: Bureau, concluded: Case) -> None:
        self.threshold(20_000)
        with pytest.raises(StepRefused, match=r"罚款达到本机关较大数额罚款的标准（20,000\.00元），应当告知听证权利"):
            f.notify(bureau, concluded, fine=Decimal("20000"))
        assert f.notify(bureau, concluded, fine=Decimal("19999.99")).state == "notified"

    def test_without_a_threshold_the_form_says_that_the_agency_enters_it(self, bureau: Bureau, concluded: Case) -> None:
        said = RightsNoticeForm(obj=concluded, by=bureau.lead).fields["hearing_offered"].help_text
        assert "较大数额罚款的标准需由本机关录入" in str(said)
        assert f.notify(bureau, concluded, fine=Decimal("50000")).state == "notified"

    def test_the_form_says_so_at_its_field(self, bureau: Bureau, concluded: Case) -> None:
        self.threshold(20_000)
        data = {"penalties": ["fine"], "fine": "30000"}
        form = RightsNoticeForm(data, obj=concluded, by=bureau.lead)
        assert "应当告知听证权利（行政处罚法第六十三条）" in str(form.errors["hearing_offered"])
        assert "罚款20,000.00元以上" in str(form.fields["hearing_offered"].help_text)
        form = RightsNoticeForm(data | {"hearing_offered": "on"}, obj=concluded, by=bureau.lead)
        assert "hearing_offered" not in form.errors
