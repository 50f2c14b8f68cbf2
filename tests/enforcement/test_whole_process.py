"""A case is closed only when every stage of it stands in the ledger, by whichever way the file came to its end."""

from __future__ import annotations

import pytest

from core.lifecycle import StepRefused
from enforcement.models import Case
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, case_in, make_bureau

pytestmark = pytest.mark.django_db
ON = ("registered", "proposed", "investigating", "concluded", "notified", "decided", "served", "performed")


def led_past_the_services(case: Case) -> Case:
    """The case at its end, led there state by state as only a script would: the database lets it, for every step is one the procedure knows."""
    names = ("filed_at", "notified_at", "review_agreed_at", "decided_at", "served_at")
    moments = {name: getattr(case, name) or case.last_step_at for name in names}
    for state in ON[ON.index(case.state) + 1 :]:
        Case.objects.filter(pk=case.pk).update(state=state, **moments)
    return Case.objects.get(pk=case.pk)


@pytest.mark.rule("CN-PENALTY-47", "WH-PLAN-6.1")
@pytest.mark.parametrize(
    ("profile", "cited"),
    [
        ("weihai-hrss", {"CN-PENALTY-47", "WH-PLAN-6.1"}),
        ("national", {"CN-PENALTY-47"}),
        ("shizuishan-hrss", {"CN-PENALTY-47"}),
    ],
)
@pytest.mark.parametrize(
    ("done", "missing"),
    [
        ("registered", ["启动", "调查取证", "决定", "送达", "执行"]),
        ("investigating", ["调查取证", "决定", "送达", "执行"]),
        ("concluded", ["决定", "送达", "执行"]),
        ("decided", ["送达", "执行"]),
        ("served", ["执行"]),
    ],
)
def test_no_case_is_closed_of_which_a_stage_was_not_recorded(
    profile: str, cited: set[str], done: str, missing: list[str]
) -> None:
    bureau = make_bureau(profile=profile)
    case = led_past_the_services(case_in(done, bureau))
    with pytest.raises(StepRefused) as refused:
        f.close(bureau, case)
    demand = refused.value.demands[0]
    assert demand.text.startswith("案卷没有")
    assert [word for word in ("启动", "调查取证", "决定", "送达", "执行") if word in demand.text] == missing
    assert {citation.rule_id for citation in demand.citations} == cited
    assert Case.objects.get(pk=case.pk).state == "performed"


def test_a_case_of_which_every_stage_was_recorded_is_closed(db: None) -> None:
    bureau: Bureau = make_bureau()
    assert f.close(bureau, case_in("performed", bureau)).state == "closed"
