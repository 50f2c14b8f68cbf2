"""Figures against an independent count, the red of the board, and who sees which of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agency.models import Official, Unit
from core import duties as core_duties
from core import facts
from core.facts import Subject
from core.models import Duty
from supervision import boards, exports, figures, selectors
from supervision.boards import Filter, board_of, filtered
from supervision.figures import STATES, TREND, Figures
from tests.core.test_spreadsheets import (
    PAYLOADS,
    assert_harmless,
    assert_leaves_no_trace,
    cells_of_csv,
    cells_of_workbook,
)
from tests.supervision.conftest import Bureau, OpinionIssued, PackageAccepted, RecordingMade, RecordingStored, moment

pytestmark = pytest.mark.django_db
NOW = moment("2025-11-20T12:00")
SignIn = Callable[[Official], Client]


def known(official: Official) -> Official:
    """The official as the next request loads them."""
    return Official.objects.get(pk=official.pk)


def busy_year(bureau: Bureau, seed: int) -> None:
    """Decisions and recordings in two sections over two years, some followed in time, some late, some never, some voided."""
    chance = random.Random(seed)
    for number in range(1, 41):
        unit = chance.choice([bureau.section, bureau.other])
        at = moment("2024-06-01T09:00") + timedelta(minutes=chance.randrange(500 * 24 * 60))
        if number % 2:
            bureau.decide(number, at, unit=unit, is_major=chance.random() < 0.5)
            followed = bureau.publish
        else:
            subject = bureau.case(number)
            facts.record(RecordingMade(subject=subject, unit=unit.pk), happened_at=at, by=bureau.clerk)

            def followed(n: int, when: datetime, *, unit: Unit) -> object:
                fact = RecordingStored(subject=bureau.case(n), unit=unit.pk)
                return facts.record(fact, happened_at=when, by=bureau.clerk)

        if chance.random() < 0.6:
            followed(number, min(at + timedelta(days=chance.randrange(1, 25)), NOW), unit=unit)
    core_duties.open_periodic(moment("2025-03-01T09:00"))
    unlucky = chance.sample(list(Duty.objects.open()), 3)
    core_duties.void(unlucky, reason="决定已撤销", at=NOW)


def counted_by_hand(rows: list[Duty], year: int, this_year: int) -> Figures:
    """The same figures, one duty after another, from what the words say."""
    count: Counter[str] = Counter()
    ahead = []
    for duty in rows:
        arose = duty.period_key[:4] == str(year) if duty.period_key else timezone.localdate(duty.opened_at).year == year
        is_open = duty.met_at is None
        count["opened"] += arose
        count["late"] += arose and duty.met_at is not None and duty.met_at > duty.due_at
        count["in_time"] += arose and duty.met_at is not None and duty.met_at <= duty.due_at
        if is_open and (arose or year == this_year):
            count["open"] += 1
            count["overdue"] += duty.due_at < NOW
            if duty.due_at >= NOW:
                ahead.append(duty.due_at)
    return Figures(**{state: count[state] for state in STATES}, next_due=min(ahead) if ahead else None)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_figure_equals_a_count_by_hand(bureau: Bureau, seed: int) -> None:
    busy_year(bureau, seed)
    everything = [duty for duty in Duty.objects.all() if duty.voided_at is None]
    own_kinds = [duty for duty in everything if duty.kind in Duty.RED_KINDS and duty.owed_by != "party"]
    assert len(own_kinds) > 30

    for year in (2024, 2025):
        board = board_of(known(bureau.supervisor), year=year, now=NOW)
        assert board.total == counted_by_hand(own_kinds, year, 2025)
        for unit in board.units:
            mine = [duty for duty in own_kinds if duty.owner_unit_id == unit.pk]
            assert unit.figures == counted_by_hand(mine, year, 2025), unit.name
        for line in board.articles:
            for cell in line.cells:
                mine = [
                    duty
                    for duty in own_kinds
                    if duty.owner_unit_id == cell.unit.pk and any(b["rule"] == line.rule.id for b in duty.bases)
                ]
                assert cell.figures == counted_by_hand(mine, year, 2025), (line.rule.id, cell.unit.name)


def test_every_figure_is_as_long_as_the_list_it_links_to(bureau: Bureau) -> None:
    busy_year(bureau, 4)
    official = known(bureau.supervisor)
    board = board_of(official, year=2025, now=NOW)
    for line in board.articles:
        for cell in line.cells:
            for state in STATES:
                wanted = Filter(2025, state, cell.unit.key, line.rule.id)
                assert filtered(official, wanted, NOW).count() == getattr(cell.figures, state), wanted
    for month in board.months:
        for state in TREND:
            wanted = Filter(2025, state, month=month.number)
            assert filtered(official, wanted, NOW).count() == getattr(month, state), wanted
    due_in_2025 = [d for d in figures.duties_of(official) if timezone.localdate(d.due_at).year == 2025]
    assert sum(month.due for month in board.months) == len(due_in_2025)


@pytest.mark.rule("WH-MEAS-15b", "WH-PLAN-2b")
def test_an_unpublished_penalty_is_red_by_section_and_under_each_of_its_articles(
    bureau: Bureau, signed_in: SignIn
) -> None:
    bureau.decide(7, moment("2025-03-03T10:00"))
    publish = Duty.objects.get(obligation="publish_decision")
    assert publish.due_at == moment("2025-03-12T23:59:59")

    before = board_of(known(bureau.supervisor), year=2025, now=publish.due_at)
    after = board_of(known(bureau.supervisor), year=2025, now=publish.due_at + timedelta(seconds=1))

    assert before.total.overdue == 0
    by_unit = {unit.name: unit.figures.overdue for unit in after.units}
    # The decision was neither published nor served.
    assert by_unit == {"监察科": 2, "就业科": 0, "法规科": 0}
    red = {line.rule.id: line.figures.overdue for line in after.articles if line.figures.overdue}
    assert red["WH-MEAS-15b"] == red["WH-PLAN-2b"] == 1

    page = signed_in(bureau.supervisor).get("/desk/supervision/board/").content.decode()
    assert publish.get_absolute_url() in page
    assert "某某示例7公司案" in page
    this_year = timezone.localdate().year
    link = f"/desk/supervision/duties/?year={this_year}&rule=WH-MEAS-15b&unit={bureau.section.pk}&state=overdue"
    assert link.replace("&", "&amp;") in page
    behind = signed_in(bureau.supervisor).get(link).content.decode()
    assert publish.get_absolute_url() in behind


def test_a_legal_office_sees_its_own_late_review_but_not_whose_case_it_is(bureau: Bureau, signed_in: SignIn) -> None:
    review = Subject(stream="review:1", title="审核", url="/desk/reviews/1/")
    facts.record(
        PackageAccepted(subject=review, unit=bureau.section.pk, file=bureau.case(7)),
        happened_at=moment("2025-03-03T10:00"),
        by=bureau.clerk,
    )
    page = signed_in(bureau.legal_head).get("/desk/supervision/board/").content.decode()
    assert "其他科室的案卷" in page
    assert "某某示例7公司案" not in page


def test_what_a_body_outside_owes_is_counted_and_never_red(bureau: Bureau) -> None:
    bureau.decide(7, moment("2025-03-03T10:00"))
    Duty.objects.filter(obligation="publish_decision").update(owed_by="outside", owner_unit=None)
    board = board_of(known(bureau.supervisor), year=2025, now=NOW)
    (outside,) = [unit for unit in board.units if unit.is_outside]
    assert outside.figures.opened == outside.figures.open == 1
    assert outside.figures.overdue == 0
    assert board.units[-1] is outside


def test_what_was_past_before_its_rule_existed_is_not_late(bureau: Bureau) -> None:
    core_duties.open_periodic(moment("2022-06-01T09:00"))
    assert set(Duty.objects.filter(unit=bureau.section).values_list("deadline_precedes_rule", flat=True)) == {True}
    board = board_of(known(bureau.clerk), year=2022, now=moment("2022-06-02T09:00"))
    assert board.total.opened == board.total.open == 3
    assert board.total.overdue == 0


def test_staff_see_their_own_section_and_nothing_of_another(bureau: Bureau) -> None:
    bureau.decide(1, moment("2025-03-03T10:00"))
    bureau.decide(2, moment("2025-03-04T10:00"), unit=bureau.other)
    own = board_of(known(bureau.clerk), year=2025, now=NOW)
    other = board_of(known(bureau.stranger), year=2025, now=NOW)
    both = board_of(known(bureau.supervisor), year=2025, now=NOW)
    assert [unit.name for unit in own.units] == ["监察科"]
    assert [unit.name for unit in other.units] == ["就业科"]
    assert own.total.opened == other.total.opened == both.total.opened / 2


def test_administrators_see_neither_board_nor_plan_nor_lists(opened: Bureau, signed_in: SignIn) -> None:
    administrator = signed_in(opened.administrator)
    for path in ("board/", "plan/", "duties/", "decisions/", "board/export.csv", "board/export.xlsx"):
        assert administrator.get(f"/desk/supervision/{path}").status_code == 403, path
    for path in ("boards/", "plan/"):
        assert administrator.get(f"/api/v1/{path}").status_code == 404, path
    assert "监督看板" not in administrator.get("/desk/agency/").content.decode()


def test_a_board_costs_eight_statements_at_two_sections_and_at_thirty(bureau: Bureau) -> None:
    def statements() -> int:
        official = known(bureau.supervisor)
        assert official.unit_ids
        with CaptureQueriesContext(connection) as made:
            board = board_of(official, year=2025, now=NOW)
            boards.lines_of(official, boards.red_duties(official, year=2025, now=NOW))
            board.as_json()
        return len(made)

    busy_year(bureau, 5)
    few = statements()
    for number in range(28):
        unit = Unit.objects.create(
            name=f"示例第{number}科", short_name=f"{number}科", kind=Unit.Kind.SECTION, parent=bureau.root
        )
        bureau.decide(1000 + number, moment("2025-05-06T10:00"), unit=unit)
    assert statements() == few <= 8


@pytest.mark.rule("WH-PLAN-7b")
def test_wh_plan_7b_the_plan_counts_major_decisions_and_the_agreed_reviews_of_just_their_text(bureau: Bureau) -> None:
    def opinion(case: int, at: str, **payload: str) -> None:
        review = Subject(stream=f"review:{case}", title="审核", url=f"/desk/reviews/{case}/")
        facts.record(
            OpinionIssued(subject=review, unit=bureau.section.pk, case=case, **payload),
            happened_at=moment(at),
            by=bureau.clerk,
        )

    opinion(1, "2025-03-01T10:00")
    bureau.decide(1, moment("2025-03-02T10:00"))
    opinion(2, "2025-03-03T10:00")  # after the decision
    bureau.decide(2, moment("2025-03-02T10:00"))
    opinion(3, "2025-03-01T10:00", text_digest="another draft")
    bureau.decide(3, moment("2025-03-02T10:00"))
    opinion(4, "2025-03-01T10:00", opinion="correct")
    bureau.decide(4, moment("2025-03-02T10:00"))
    bureau.decide(5, moment("2025-03-02T10:00"), is_major=False)
    bureau.decide(6, moment("2024-12-31T10:00"))

    found = selectors.reviews_of(known(bureau.supervisor), year=2025)
    assert (found.decided, found.agreed, found.without) == (4, 1, 3)
    assert selectors.reviews_of(known(bureau.stranger), year=2025).decided == 0


def test_a_decision_moved_into_another_year_by_correction_is_counted_there(bureau: Bureau) -> None:
    wrong = bureau.decide(1, moment("2025-01-02T10:00"))
    facts.correct(
        wrong, happened_at=moment("2024-12-30T10:00"), reason="录入时误写", requested_by=bureau.clerk, by=bureau.head
    )
    assert selectors.reviews_of(known(bureau.supervisor), year=2025).decided == 0
    assert selectors.reviews_of(known(bureau.supervisor), year=2024).decided == 1
    assert selectors.decided_in_year([bureau.section.pk], 2024) == 1


def test_the_spreadsheets_say_what_the_board_says_and_hold_no_formula(bureau: Bureau) -> None:
    busy_year(bureau, 6)
    for payload in PAYLOADS:
        Unit.objects.filter(pk=bureau.other.pk).update(short_name=payload[:20])
        board = board_of(known(bureau.supervisor), year=2025, now=NOW)
        for cells_of in (cells_of_csv, cells_of_workbook):
            cells = cells_of(exports.table(board))
            assert any(payload[:20] in cell for cell in cells)
            assert_harmless(cells)
    total = list(exports.table(board).rows)[1]
    assert list(total[3:8]) == [getattr(board.total, state) for state in STATES]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_of_the_board_leaves_no_trace_in_caches(opened: Bureau, signed_in: SignIn, kind: str) -> None:
    supervisor = signed_in(opened.supervisor)
    answer = supervisor.get(f"/desk/supervision/board/export.{kind}?year=2025")
    assert answer.status_code == 200
    assert_leaves_no_trace(answer, f"-2025.{kind}")
    assert b"".join(answer.streaming_content).startswith(b"PK" if kind == "xlsx" else b"\xef\xbb\xbf")  # type: ignore[attr-defined]
    assert supervisor.get("/desk/supervision/board/export.exe").status_code == 404


def test_the_api_gives_the_figures_of_the_page(bureau: Bureau, signed_in: SignIn) -> None:
    busy_year(bureau, 7)
    body = signed_in(bureau.supervisor).get("/api/v1/boards/?year=2024").json()
    board = board_of(known(bureau.supervisor), year=2024, now=timezone.now())
    assert body["total"]["opened"] == board.total.opened > 0
    assert {unit["id"]: unit["late"] for unit in body["units"]} == {u.pk: u.figures.late for u in board.units}
    assert [line["rule"] for line in body["articles"]] == [line.rule.id for line in board.articles]
    own = signed_in(bureau.clerk).get("/api/v1/boards/").json()
    assert [unit["name"] for unit in own["units"]] == ["监察科"]


@pytest.mark.parametrize(
    "query",
    ["year=99999", "year=abc", "state=nonsense", "month=13", "month=2&state=opened", "cursor=after_x", "year=२०२५"],
)
def test_an_odd_address_answers_with_its_default(opened: Bureau, signed_in: SignIn, query: str) -> None:
    supervisor = signed_in(opened.supervisor)
    for page in ("duties/", "board/", "plan/", "decisions/"):
        assert supervisor.get(f"/desk/supervision/{page}?{query}").status_code == 200, page


@pytest.mark.parametrize("query", ["unit=x", "unit=-1", "rule=NO-SUCH-RULE", "unit=12345678901"])
def test_a_list_of_no_such_unit_or_rule_is_not_found(opened: Bureau, signed_in: SignIn, query: str) -> None:
    assert signed_in(opened.supervisor).get(f"/desk/supervision/duties/?{query}").status_code == 404


def test_another_sections_duties_are_not_listed_by_its_id(bureau: Bureau, signed_in: SignIn) -> None:
    bureau.decide(7, moment("2025-03-03T10:00"))
    page = (
        signed_in(bureau.stranger).get(f"/desk/supervision/duties/?year=2025&unit={bureau.section.pk}").content.decode()
    )
    assert "某某示例7公司案" not in page
    assert "没有这样的期限" in page
