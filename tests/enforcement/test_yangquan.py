"""A case in an agency of Yangquan: officers announce themselves, and no page cites another city's document."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from core import law, registry
from core.lifecycle import StepRefused
from disclosure.models import Notice
from enforcement.models import EvidenceAct
from rulebook import library
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, case_in, fresh, make_bureau


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau(profile="yangquan-hrss")


@pytest.mark.rule("YQ-DISC-9a")
@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"rights_told": False}, "本次取证没有告知事由、依据、权利义务"),
        ({"certificates_shown": False}, "本次取证没有出示执法证件"),
        (
            {"certificates_shown": False, "rights_told": False},
            "本次取证没有出示执法证件，没有告知事由、依据、权利义务",
        ),
    ],
)
def test_yq_disc_9a_an_act_without_certificate_or_information_is_not_recorded(
    bureau: Bureau, said: dict[str, bool], text: str
) -> None:
    case = case_in("investigating", bureau)
    with pytest.raises(StepRefused) as refused:
        f.evidence(bureau, case, **said)
    (demand,) = refused.value.demands
    assert demand.text == text
    assert {citation.rule_id for citation in demand.citations} == {"YQ-DISC-9a"}
    assert not EvidenceAct.objects.filter(case=case).exists()
    assert f.evidence(bureau, case).acts.count() == 1


def test_weihai_has_no_such_demand_of_its_own(db: None) -> None:
    weihai = make_bureau()
    case = f.evidence(weihai, case_in("investigating", weihai), rights_told=False)
    assert case.acts.count() == 1


@pytest.mark.parametrize("profile", [profile.id for profile in library.get().profiles])
def test_every_step_of_every_procedure_cites_what_binds_the_agency_or_nothing(db: None, profile: str) -> None:
    bureau = make_bureau(profile=profile)
    articles = {step.article for procedure in registry.procedures() for step in procedure.steps if step.article}
    assert articles
    for article in articles:
        cited = law.cite_act(article, bureau.section.pk)
        assert cited is None or law.rulebook().binds(cited.rule_id, profile), article


@pytest.mark.parametrize("state", ["investigating", "notified", "decided", "served", "closed", "revoked"])
def test_no_page_of_a_case_names_a_document_of_weihai(bureau: Bureau, client: Client, state: str) -> None:
    case = case_in(state, bureau)
    pages = ["/desk/", case.get_absolute_url(), *(notice.get_absolute_url() for notice in _notices(case))]
    for person in (bureau.lead, bureau.head, bureau.leader):
        client.force_login(fresh(person), backend="agency.backends.OfficialBackend")
        for page in pages:
            answer: Any = client.get(page)
            assert answer.status_code == 200, page
            # An explanation shows what others count, and says that it does not bind here.
            text = re.sub(r"<p>(?:(?!</p>).)*不适用于本机关，仅供对照</p>", "", answer.content.decode())
            assert "威海" not in text, page
            assert "监督办法" not in text, page
            assert "WH-" not in text, page


def _notices(case: Any) -> list[Notice]:
    return list(Notice.objects.filter(case_id=case.pk))
