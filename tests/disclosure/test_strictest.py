"""A bureau bound by all five documents: two facts start the clock of one publication, and it is owed once, with every basis."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from agency.roles import Role
from core import calendars, duties, facts, law
from core.models import Duty, FactRecord
from core.recounting import KEY
from disclosure import services
from disclosure.models import Notice
from enforcement import services as enforcement
from enforcement.models import Case, CaseState
from rulebook import library
from rulebook.model import Period
from supervision.whatif import what_if
from tests.enforcement import factories as f
from tests.enforcement.factories import at

pytestmark = pytest.mark.django_db
PUBLISH = "publish_decision"
FROM_DECISION = ["WH-MEAS-15b", "WH-PLAN-2b", "SZS-4-2b"]


@pytest.fixture
def bureau(db: None) -> f.Bureau:
    return f.make_bureau(profile="strictest")


def decided(bureau: f.Bureau) -> Case:
    """Decided on 11 February 2026: reviewed, and discussed by the leaders as Liaoyuan wants of every major case."""
    case = f.ready_to_decide(bureau, f.case_in(CaseState.NOTIFIED, bureau, legal_representative="胡虚构"))
    case = enforcement.record_discussion(
        case=case,
        by=bureau.leader,
        happened_at=at("2026-02-10 10:00"),
        participants="周范本等",
        opinions="同意",
        conclusion="同意处罚建议",
        file=None,
    )
    return f.decide(bureau, case)


def owed(case: Case) -> Duty:
    return Duty.objects.get(anchor=case.stream, obligation=PUBLISH)


def bases(duty: Duty) -> list[str]:
    return [basis["rule"] for basis in duty.bases]


def due_of(duty: Duty, rule: str) -> datetime:
    return datetime.fromisoformat(next(basis["due"] for basis in duty.bases if basis["rule"] == rule))


def publish(bureau: f.Bureau, case: Case) -> Notice:
    notice = Notice.objects.get(case_id=case.pk)
    texts = {"facts_found": notice.facts, "basis": notice.basis, "content": notice.content}
    notice = services.submit_for_publication(notice=notice, by=bureau.lead, happened_at=timezone.now(), **texts)
    reviewer = f.official("王示例", Role.DISCLOSURE_REVIEWER, bureau.legal)
    return services.approve_and_publish(notice=notice, by=reviewer, happened_at=timezone.now())


@pytest.mark.rule("WH-MEAS-15b", "WH-PLAN-2b", "SZS-4-2b", "YQ-DISC-10a")
def test_the_service_adds_its_rule_to_the_publication_that_the_decision_opened(bureau: f.Bureau) -> None:
    case = decided(bureau)
    assert bases(owed(case)) == FROM_DECISION
    case = f.serve(bureau, case)
    duty = owed(case)
    assert bases(duty) == [*FROM_DECISION, "YQ-DISC-10a"]
    # decided on Wednesday 11 February: the 27th; served on Friday 13 February: 14①, 24② 25③ 26④ 27⑤ 28⑥, 2 March⑦
    assert (duty.rule_id, duty.due_at) == ("WH-MEAS-15b", at("2026-02-27 23:59:59"))
    assert due_of(duty, "YQ-DISC-10a") == at("2026-03-02 23:59:59")
    said = duty.explanation
    assert [basis["rule"] for basis in said["bases"]] == [*FROM_DECISION, "YQ-DISC-10a"]
    assert "YQ-DISC-10a" not in [reading["rule"] for reading in said["others"]]


def test_every_act_of_a_penalty_is_owed_once_from_its_source_to_its_publication(bureau: f.Bureau) -> None:
    case = f.close(bureau, f.pay(bureau, f.serve(bureau, decided(bureau))))
    publish(bureau, case)
    of_file = list(Duty.objects.filter(file_stream=case.stream))
    for named in ("obligation", "title"):  # a second name for one act would double its alerts too
        times = Counter((duty.anchor, getattr(duty, named)) for duty in of_file)
        assert {act for act, count in times.items() if count > 1} == set()
    bound = {rule.id for rule in law.rulebook().binding("strictest")}
    named_by = {rule_id for duty in of_file for rule_id in bases(duty)}
    assert named_by <= bound
    assert {*FROM_DECISION, "YQ-DISC-10a", "CN-PENALTY-60", "CN-PENALTY-61"} <= named_by


def test_the_earlier_moment_governs_also_where_the_later_start_gives_it(
    bureau: f.Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    sooner = law.rulebook().with_period("YQ-DISC-10a", Period(1, "working_day"))
    monkeypatch.setattr(library, "get", lambda: sooner)
    case = f.serve(bureau, decided(bureau))
    duty = owed(case)
    # served on Friday 13 February, Saturday 14 is worked
    assert (duty.rule_id, duty.due_at) == ("YQ-DISC-10a", at("2026-02-14 23:59:59"))
    assert duty.opened_at == at("2026-02-11 10:00")
    assert [basis["rule"] for basis in duty.explanation["bases"]] == ["YQ-DISC-10a", *FROM_DECISION]


def test_published_once_ends_all_of_it(bureau: f.Bureau) -> None:
    case = f.serve(bureau, decided(bureau))
    publish(bureau, case)
    duty = owed(case)
    assert duty.met_at is not None
    assert bases(duty) == [*FROM_DECISION, "YQ-DISC-10a"]


def test_published_before_its_service_it_is_one_duty_all_the_same(bureau: f.Bureau) -> None:
    case = decided(bureau)
    publish(bureau, case)
    met = owed(case)
    assert met.met_at is not None
    f.serve(bureau, case, happened_at=timezone.now())
    duty = owed(case)
    assert (duty.pk, duty.met_at, duty.met_by) == (met.pk, met.met_at, met.met_by)
    assert bases(duty) == [*FROM_DECISION, "YQ-DISC-10a"]


# --- what moves afterwards ------------------------------------------------------------------------------------------


@pytest.fixture
def joined(bureau: f.Bureau) -> tuple[f.Bureau, Case]:
    return bureau, f.serve(bureau, decided(bureau))


def test_a_corrected_service_moves_its_own_basis_alone(joined: tuple[f.Bureau, Case]) -> None:
    bureau, case = joined
    served = FactRecord.objects.get(stream=case.stream, name="enforcement.decision_served")
    moment = at("2026-02-12 10:00")
    preview = duties.preview_of_correction(served.pk, happened_at=moment)
    assert PUBLISH not in {each.before.obligation for each in preview}  # the decision's day stays the earliest
    facts.correct(served, happened_at=moment, reason="录错", requested_by=bureau.lead, by=bureau.head)
    duty = owed(case)
    assert duty.due_at == at("2026-02-27 23:59:59")
    # 13① 14② 24③ 25④ 26⑤ 27⑥ 28⑦
    assert due_of(duty, "YQ-DISC-10a") == at("2026-02-28 23:59:59")


def test_a_corrected_decision_leaves_the_basis_of_the_service(joined: tuple[f.Bureau, Case]) -> None:
    bureau, case = joined
    decided = FactRecord.objects.get(stream=case.stream, name="enforcement.decision_made")
    moment = at("2026-02-10 10:00")
    found = duties.preview_of_correction(decided.pk, happened_at=moment)
    assert [each.after.due_at for each in found if each.before.obligation == PUBLISH] == [at("2026-02-26 23:59:59")]
    facts.correct(decided, happened_at=moment, reason="录错", requested_by=bureau.lead, by=bureau.head)
    duty = owed(case)
    assert duty.due_at == at("2026-02-26 23:59:59")
    assert due_of(duty, "YQ-DISC-10a") == at("2026-03-02 23:59:59")


def test_another_calendar_counts_each_basis_from_its_own_start(joined: tuple[f.Bureau, Case]) -> None:
    bureau, case = joined
    duty = owed(case)
    again = duties.counted_anew(duty, calendars.current())
    assert (again.due_at, again.bases) == (duty.due_at, duty.bases)
    # Another case, decided that day too and served later, is no copy of the first: together they would be given the same bases.
    other = f.serve(bureau, decided(bureau), happened_at=at("2026-02-24 10:00"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT {KEY} FROM core_duty d CROSS JOIN (SELECT 'strictest' AS profile) p WHERE d.id = ANY (%(ids)s)",
            {"by_minute": [], "ids": [duty.pk, owed(other).pk]},
        )
        assert len(cursor.fetchall()) == 2


def test_what_if_counts_the_rule_from_the_fact_that_started_it(joined: tuple[f.Bureau, Case]) -> None:
    bureau, case = joined
    publish(bureau, case)
    published = at("2026-02-24 10:00")
    Duty.objects.filter(pk=owed(case).pk).update(met_at=published)
    rule, leader = law.rulebook().rule("YQ-DISC-10a"), f.fresh(bureau.leader)

    def late_within(days: int) -> int:
        period = Period(days, "working_day")
        return what_if(leader, rule=rule, period=period, year=2026, now=timezone.now()).total.late_after

    # Two working days from the service are 14 and 24 February; from the decision they would have ended on the 13th.
    assert (late_within(1), late_within(2)) == (1, 0)


def test_the_page_of_the_duty_says_what_each_basis_counts_from(joined: tuple[f.Bureau, Case]) -> None:
    bureau, case = joined
    client = Client()
    client.force_login(bureau.head, backend="agency.backends.OfficialBackend")
    page = client.get(owed(case).get_absolute_url()).content.decode()
    assert page.count("自2026年2月13日（周五）起算") == 1
    assert "4条，最早的一条起作用" in page
