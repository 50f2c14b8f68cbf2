"""A no cites an article only where the article says who may; everything else is the agency's own rule, and says so."""

from __future__ import annotations

import pytest
from django.test import Client

from core.templatetags.mc import basis
from enforcement.models import Case
from enforcement.procedure import PENALTY
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, case_in, fresh

# Steps whose article names who takes them: 行政机关负责人 decides (Penalty Law 57), signs what is sent to the court (Coercion Law 55),
# and approves a longer investigation (inspection regulation 17).
SAYS_WHO = {
    key: "CN-PENALTY-57" for key, step in ((s.key, s) for s in PENALTY.steps) if step.who.__name__ == "may_sign"
} | {"apply_to_court": "CN-COERCION-55a", "extend_investigation": "CN-INSPECTION-17b"}


@pytest.fixture
def case(bureau: Bureau) -> Case:
    return case_in("investigating", bureau)


@pytest.mark.parametrize("key", [step.key for step in PENALTY.steps])
def test_who_may_not_reads_the_article_that_says_so_or_that_it_is_the_agencys_rule(
    bureau: Bureau, case: Case, key: str
) -> None:
    permit = PENALTY[key].who(fresh(bureau.stranger), case)
    assert not permit
    cited = permit.citation.rule_id if permit.citation else ""
    assert cited == SAYS_WHO.get(key, "")
    assert ("本机关规定" in basis(permit)) == (not cited)


def test_an_own_case_is_no_matter_of_an_article(bureau: Bureau) -> None:
    case = f.propose(bureau, f.new_case(bureau), lead=bureau.head, co_officers=[bureau.co])
    permit = PENALTY["accept"].who(fresh(bureau.head), case)
    assert permit.reason == "不得批准自己承办的案件的立案"
    assert permit.citation is None
    assert permit.source == "本机关规定"


def test_steps_cite_no_article_that_speaks_of_something_else() -> None:
    cited = {step.key: step.article for step in PENALTY.steps}
    assert [cited[key] for key in ("close", "revoke", "supplement_source")] == ["", "", ""]
    assert cited["order_correction"] == "CN-INSPECTION-18"


def test_the_api_names_the_agencys_rule_too(bureau: Bureau, client: Client) -> None:
    case = case_in("proposed", bureau)
    client.force_login(bureau.lead)
    body = {"happened_at": "2026-01-06T10:00"}
    answer = client.post(f"/api/v1/cases/{case.pk}/steps/accept/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["article"]) == (403, "本机关规定")
