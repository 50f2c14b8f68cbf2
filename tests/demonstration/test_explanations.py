"""In the demonstration bureau: wherever a last day stands, one step leads to how it was counted; and that is what the command answers."""

from __future__ import annotations

import json
import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agency.models import Official
from config.demo.people import PEOPLE
from core import law
from core.models import Duty
from enforcement.models import Case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demonstration")]

TO_A_DUTY = re.compile(r'href="(/desk/duties/\d+/)"')
DUE_DAY = re.compile(r'<a class="due-day" href="([^"]+)"')
LISTS = (
    "/desk/",
    "/desk/duties/?scope=all",
    "/desk/duties/?scope=all&state=met",
    "/desk/cases/?state=all",
    "/desk/recordings/?show=all",
    "/desk/disclosure/",
    "/desk/reviews/?state=all",
    "/desk/supervision/board/",
    "/desk/supervision/duties/?state=open",
    "/desk/supervision/plan/",
)


def signed_in(username: str) -> Client:
    client = Client()
    client.force_login(Official.objects.get(username=username))
    return client


@pytest.mark.parametrize("username", [person.username for person in PEOPLE if person.says])
def test_every_list_leads_each_role_from_a_last_day_to_its_explanation(username: str) -> None:
    client = signed_in(username)
    for path in LISTS:
        page = client.get(path)
        if page.status_code != 200:
            continue
        shown = page.content.decode()
        for address in list(dict.fromkeys(DUE_DAY.findall(shown) + TO_A_DUTY.findall(shown)))[:6]:
            explained = client.get(address)
            assert explained.status_code == 200, (username, path, address)
            assert "why__head" in explained.content.decode(), (username, path, address)


def test_the_lists_of_those_who_have_duties_do_lead_there() -> None:
    expected = {"zhang": LISTS[:6], "zhao": LISTS[6:7], "wang": LISTS[7:]}
    for username, lists in expected.items():
        client = signed_in(username)
        for path in lists:
            shown = client.get(path).content.decode()
            assert DUE_DAY.search(shown) or TO_A_DUTY.search(shown), (username, path)


def test_a_case_explains_its_nearest_day_at_once_and_links_every_other() -> None:
    client = signed_in("zhang")
    zhang = Official.objects.get(username="zhang")
    case = next(
        case
        for case in Case.objects.visible_to(zhang).order_by("pk")
        if Duty.objects.of_stream(case.stream).open().exists()
    )
    page = client.get(case.get_absolute_url()).content.decode()
    assert "why__head" in page
    for duty in Duty.objects.of_stream(case.stream).open():
        assert f'href="{reverse("desk:duty", args=[duty.pk])}"' in page


def test_every_page_of_a_long_duty_lists_each_day_and_the_case_links_there() -> None:
    client = signed_in("zhang")
    zhang = Official.objects.get(username="zhang")
    long = [duty for duty in Duty.objects.visible_to(zhang).order_by("pk") if len(duty.explanation["counted"]) > 35]
    assert long
    for duty in long[:3]:
        page = client.get(duty.get_absolute_url()).content.decode()
        listed = page.partition('<details class="every small">')[2].partition("</details>")[0]
        numbers = [int(number) for number in re.findall(r"<td>第(\d+)日", listed)]
        assert numbers == list(range(1, len(duty.explanation["counted"]) + 1)), duty
        skipped = [entry for entry in duty.explanation["skipped"] if entry["day"] != duty.explanation["nominal"]]
        # The day to which the end moved is no skipped one.
        assert listed.count('<tr class="passed">') == len(skipped), duty
    cases = {case.stream: case for case in Case.objects.visible_to(zhang)}
    case = next(
        cases[duty.file_stream]
        for duty in long
        if duty.is_open and Duty.objects.of_stream(duty.file_stream).open().order_by("due_at").first() == duty
    )
    page = client.get(case.get_absolute_url()).content.decode()
    assert "逐日列出每一天</a>" in page
    assert '<details class="every' not in page


def test_every_duty_explains_itself_as_the_command_does() -> None:
    duties = list(Duty.objects.order_by("pk"))
    assert len(duties) > 30
    for duty in duties:
        # From the fact, or from a day that it names, such as that on which the act ended.
        named = law.rulebook().rule(duty.rule_id).from_field
        at = duty.day_zero if named else timezone.localtime(duty.opened_at)
        arguments = [duty.rule_id, "--at", at.isoformat()]
        arguments += ["--profile", law.profile_of(duty.unit_id)]
        for pause in duty.pauses:
            arguments += ["--pause", f"{pause['from']}..{pause['to']}"]
        if duty.extended_on and law.rulebook().extensions_of(duty.rule_id, law.profile_of(duty.unit_id)):
            arguments += ["--extend-on", duty.extended_on.isoformat()]
        out = StringIO()
        call_command("deadline", *arguments, "--json", stdout=out)
        assert json.loads(out.getvalue()) == duty.explanation, (duty, arguments)


def test_a_rule_that_can_be_counted_leads_to_the_calculator_and_another_does_not() -> None:
    client = signed_in("zhang")
    assert 'href="/calculator/?rule=WH-MEAS-15b"' in client.get("/desk/rules/WH-MEAS-15b/").content.decode()
    assert "/calculator/" not in client.get("/desk/rules/YQ-LR-10/").content.decode()
