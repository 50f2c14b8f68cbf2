"""What if a period were another: against a count by hand, and that nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from agency.models import Official
from core import calendars, facts, law
from core import duties as core_duties
from core.models import Duty, LedgerEntry
from rulebook.model import Period, RulebookError
from supervision.whatif import Answer, what_if
from tests.supervision.conftest import Bureau, PackageAccepted, RecordingMade, RecordingStored, moment
from tests.supervision.test_figures import NOW, busy_year, known

pytestmark = pytest.mark.django_db
SignIn = Callable[[Official], Client]


def asked(official: Official, rule_id: str, amount: int, unit: str = "working_day", year: int = 2025) -> Answer:
    rule = law.rulebook().rule(rule_id)
    return what_if(known(official), rule=rule, period=Period(amount, unit), year=year, now=NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_a_changed_period_is_counted_for_every_duty_of_the_year(bureau: Bureau, seed: int) -> None:
    busy_year(bureau, seed)
    # A second recording at the end of each file, handed in on the second working day.
    amount = 1
    for number in (101, 102, 103):
        made = facts.record(
            RecordingMade(subject=bureau.case(number), unit=bureau.section.pk),
            happened_at=moment(f"2025-03-{number - 88}T10:00"),
            by=bureau.clerk,
        )
        stored = RecordingStored(subject=bureau.case(number), unit=bureau.section.pk)
        second = calendars.current().nth_working_day(timezone.localdate(made.happened_at), 2)
        facts.record(stored, happened_at=moment(f"{second}T09:00"), by=bureau.clerk)
    answer = asked(bureau.supervisor, "WH-MEAS-17a", amount)
    before, after, turned = Counter[str](), Counter[str](), 0
    for duty in Duty.objects.filter(obligation="store_recording", voided_at__isnull=True, opened_at__year=2025):
        made = timezone.localdate(duty.opened_at)
        last = calendars.current().nth_working_day(made, amount)
        done = timezone.localdate(duty.met_at or NOW)
        was, would = done > timezone.localdate(duty.due_at), done > last
        before[duty.unit.short_name] += was
        after[duty.unit.short_name] += would
        turned += was != would
    assert {each.name: each.late_before for each in answer.sections} == before
    assert {each.name: each.late_after for each in answer.sections} == after
    assert (answer.total.late_before, answer.total.late_after) == (before.total(), after.total())
    assert answer.turned_count == turned == len(answer.turned)
    assert all(each.becomes_late for each in answer.turned)
    assert turned >= 3
    # The plan too says two working days: a longer period in the measures alone changes nothing.
    assert asked(bureau.supervisor, "WH-MEAS-17a", 20).turned == []


def test_another_article_of_the_same_duty_keeps_it_where_it_is(bureau: Bureau) -> None:
    bureau.decide(1, moment("2025-03-03T10:00"))
    bureau.publish(1, moment("2025-03-25T10:00"))
    assert {basis["rule"] for basis in Duty.objects.get(obligation="publish_decision").bases} >= {
        "WH-MEAS-15b",
        "WH-PLAN-2b",
    }
    longer = asked(bureau.supervisor, "WH-MEAS-15b", 60)
    assert (longer.total.late_before, longer.total.late_after, longer.turned) == (1, 1, [])


def test_an_extension_that_came_after_the_changed_last_day_is_none(bureau: Bureau) -> None:
    review = facts.record(
        PackageAccepted(subject=bureau.case(1), unit=bureau.section.pk),
        happened_at=moment("2025-03-03T10:00"),
        by=bureau.clerk,
    )
    duty = Duty.objects.get(opened_by=review, obligation="legal_review")
    core_duties.extend(duty, approved_on=moment("2025-03-14T10:00").date())
    Duty.objects.filter(pk=duty.pk).update(met_at=moment("2025-03-25T10:00"))
    kept = asked(bureau.supervisor, "YQ-LR-14a", 9)
    assert (kept.total.late_before, kept.total.late_after) == (0, 0)
    # With seven working days it had ended on 12 March, before the extension: then it ends there.
    refused = asked(bureau.supervisor, "YQ-LR-14a", 7)
    assert (refused.total.late_after, refused.turned[0].due) == (1, moment("2025-03-12T23:59:59"))


def test_nothing_is_written_and_the_rulebook_stays(bureau: Bureau, signed_in: SignIn) -> None:
    busy_year(bureau, 8)
    rows, lines = list(Duty.objects.order_by("pk").values()), LedgerEntry.objects.count()
    question = {"rule": "WH-MEAS-17a", "amount": "1", "unit": "working_day", "year": str(timezone.localdate().year)}
    page = signed_in(bureau.supervisor).get("/desk/supervision/what-if/", question)
    assert page.status_code == 200
    assert asked(bureau.supervisor, "WH-MEAS-17a", 1).turned
    assert list(Duty.objects.order_by("pk").values()) == rows
    assert LedgerEntry.objects.count() == lines
    assert law.rulebook().rule("WH-MEAS-17a").within == Period(2, "working_day")


def test_each_sees_the_duties_of_their_own_units_only(bureau: Bureau) -> None:
    busy_year(bureau, 9)
    all_of_them = asked(bureau.supervisor, "WH-MEAS-17a", 1)
    own = asked(bureau.clerk, "WH-MEAS-17a", 1)
    assert [each.name for each in own.sections] == ["监察科"]
    assert {each.name for each in all_of_them.sections} == {"监察科", "就业科"}
    assert {each.line.duty.owner_unit_id for each in own.turned} == {bureau.section.pk}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"amount": "0"}, "期限至少为1"),
        ({"amount": "401"}, "期限不超过400"),
        ({"amount": "七"}, "请填写整数"),
        ({"rule": "WH-MEAS-13"}, "没有这条可以测算的规则"),
        ({"rule": "YQ-LR-14a", "unit": "month"}, "延长（YQ-LR-14b）的单位与更改后的期限不同"),
        ({"unit": "decade"}, "没有这种计时单位"),
        ({"year": "1999"}, "没有这个年度的数据"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why_at_its_field(
    bureau: Bureau, signed_in: SignIn, change: dict[str, str], message: str
) -> None:
    question = {"rule": "WH-MEAS-17a", "amount": "1", "unit": "working_day", "year": str(timezone.localdate().year)}
    page = signed_in(bureau.supervisor).get("/desk/supervision/what-if/", question | change).content.decode()
    assert message in page
    assert "按科室" not in page
    assert "结果会不同" not in page


def test_whoever_has_no_board_asks_nothing_here(bureau: Bureau, signed_in: SignIn) -> None:
    assert signed_in(bureau.administrator).get("/desk/supervision/what-if/").status_code == 403


def test_a_copy_with_another_period_leaves_the_book_alone() -> None:
    book = law.rulebook()
    changed = book.with_period("WH-MEAS-17a", Period(3, "day"))
    assert (changed.rule("WH-MEAS-17a").within, book.rule("WH-MEAS-17a").within) == (
        Period(3, "day"),
        Period(2, "working_day"),
    )
    assert [rule.id for rule in changed.binding("weihai-hrss")] == [rule.id for rule in book.binding("weihai-hrss")]
    with pytest.raises(RulebookError, match="没有可以更改的期限"):
        book.with_period("WH-MEAS-13", Period(3, "day"))
