"""A branch with a profile of its own, beside sections under the agency's: its own articles bind it at every step, and no page mixes them."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from agency.models import Role
from core import law
from core.lifecycle import StepRefused
from core.models import Duty
from supervision.boards import board_of
from supervision.plan import profiles_of
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau

pytestmark = pytest.mark.django_db
BRANCH, AGENCY = "yangquan-hrss", "weihai-hrss"


@pytest.fixture
def bureau(settings: Any, tmp_path: Any) -> Bureau:
    settings.STORE_DIR = tmp_path / "store"
    return f.make_bureau(profile=AGENCY)


@pytest.fixture
def branch(bureau: Bureau) -> Bureau:
    """The same agency, with the branch's people in the place of the section's."""
    unit = f.UnitFactory(name="示例分局", parent=bureau.root, profile=BRANCH)
    return dataclasses.replace(
        bureau,
        section=unit,
        lead=f.official("卫示例", Role.SECTION_STAFF, unit, certified=True),
        co=f.official("蒋样本", Role.SECTION_STAFF, unit, certified=True),
        head=f.official("沈范例", Role.SECTION_HEAD, unit, certified=True),
    )


def bases(stream: str) -> set[str]:
    return {basis["rule"] for duty in Duty.objects.filter(file_stream=stream) for basis in duty.bases}


def foreign(rules: set[str], profile: str) -> set[str]:
    return {rule_id for rule_id in rules if not law.rulebook().binds(rule_id, profile)}


@pytest.mark.rule("YQ-DISC-10a")
def test_every_duty_of_a_branchs_case_rests_on_its_own_documents(bureau: Bureau, branch: Bureau) -> None:
    theirs, ours = f.case_in("served", branch), f.case_in("served", bureau)
    publish = {case.pk: Duty.objects.get(anchor=case.stream, obligation="publish_decision") for case in (theirs, ours)}
    assert (publish[theirs.pk].rule_id, publish[theirs.pk].opened_at) == ("YQ-DISC-10a", theirs.served_at)
    assert (publish[ours.pk].rule_id, publish[ours.pk].opened_at) == ("WH-MEAS-15b", ours.decided_at)
    assert foreign(bases(theirs.stream), BRANCH) == set()
    assert foreign(bases(ours.stream), AGENCY) == set()
    assert publish[theirs.pk].citation.rule_id == "YQ-DISC-10a"
    assert publish[theirs.pk].owner_unit == branch.section


def test_what_a_branch_must_not_do_is_refused_under_its_own_articles(branch: Bureau) -> None:
    case = f.draft(branch, f.answer(branch, f.case_in("notified", branch)))
    with pytest.raises(StepRefused) as refused:
        f.decide(branch, case)
    cited = {citation.rule_id for demand in refused.value.demands for citation in demand.citations}
    assert {rule for rule in cited if rule.startswith("YQ-LR-")}
    assert foreign(cited, BRANCH) == set()
    gates = {
        rule.id for rule in law.gates("legal_review_agreed", unit_id=case.unit_id, on=date(2026, 2, 11), fields={})
    }
    assert "WH-MEAS-13" not in gates
    assert foreign(gates, BRANCH) == set()


def test_the_next_steps_on_the_branchs_page_cite_its_own_documents(branch: Bureau, client: Any) -> None:
    case = f.draft(branch, f.answer(branch, f.case_in("notified", branch)))
    client.force_login(branch.lead, backend="agency.backends.OfficialBackend")
    page = client.get(case.get_absolute_url()).content.decode()
    assert "法制审核制度" in page
    assert "威海" not in page
    assert "监督办法" not in page


def test_the_board_cites_each_article_as_it_binds_and_what_if_offers_the_branchs_rules(
    bureau: Bureau, branch: Bureau, client: Any
) -> None:
    theirs, ours = f.case_in("served", branch), f.case_in("served", bureau)
    leader = f.fresh(bureau.leader)
    assert profiles_of(leader) == [AGENCY, BRANCH]
    assert profiles_of(f.fresh(bureau.head)) == [AGENCY]
    now = timezone.now()
    lines = {line.rule.id: line for line in board_of(leader, year=2026, now=now).articles}
    cells = {rule: {cell.unit.pk: cell.figures.opened for cell in lines[rule].cells} for rule in lines}
    assert cells["YQ-DISC-10a"][branch.section.pk] == 1
    assert cells["YQ-DISC-10a"][bureau.section.pk] == 0
    assert cells["WH-MEAS-15b"] == {**cells["WH-MEAS-15b"], branch.section.pk: 0, bureau.section.pk: 1}
    assert not lines["YQ-DISC-10a"].citation.adopted
    in_order = [rule for rule in lines if rule in ("CN-PENALTY-61", "WH-MEAS-15b", "YQ-DISC-10a")]
    assert in_order == ["CN-PENALTY-61", "WH-MEAS-15b", "YQ-DISC-10a"]
    for person, offered in ((bureau.leader, True), (bureau.head, False)):
        client.force_login(person, backend="agency.backends.OfficialBackend")
        page = client.get("/desk/supervision/what-if/").content.decode()
        assert 'value="WH-MEAS-15b"' in page
        assert ('value="YQ-DISC-10a"' in page) is offered
    assert {theirs.unit_id, ours.unit_id} == {branch.section.pk, bureau.section.pk}


def test_the_pages_of_the_law_say_what_binds_the_readers_own_unit(bureau: Bureau, branch: Bureau, client: Any) -> None:
    for person, own, other in ((branch.lead, "YQ-LR-14b", "WH-MEAS-16b"), (bureau.lead, "WH-MEAS-16b", "YQ-DISC-10a")):
        client.force_login(person, backend="agency.backends.OfficialBackend")
        assert client.get(f"/desk/rules/{own}/").context["shown"].binds
        assert not client.get(f"/desk/rules/{other}/").context["shown"].binds
        order = [instrument.id for instrument, _ in client.get("/desk/rules/").context["groups"]]
        assert order.index(law.rulebook().rule(own).instrument) < order.index(law.rulebook().rule(other).instrument)
