"""A rule taken away: what then no longer holds, what comes back, and the verdict on tests that notice and tests that do not."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django import forms
from django.db import IntegrityError, connection, transaction

from core.access import Permit
from enforcement.models import EvidenceAct
from rulebook import library
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, case_in, make_bureau
from tests.proving import prove
from tests.proving.prove import holds_of

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 2, 11)

SUITE = {
    "test_shown.py": """
        import pytest
        from datetime import date
        from rulebook import library

        @pytest.mark.rule("CN-PENALTY-42")
        def test_it_binds() -> None:
            gates = library.get().gates("two_certified_officers", "national", date(2026, 2, 11))
            assert "CN-PENALTY-42" in {rule.id for rule in gates}

        @pytest.mark.rule("CN-PENALTY-54")
        def test_its_words_stand_there() -> None:
            assert library.get().rule("CN-PENALTY-54").quote

        @pytest.mark.rule("CN-PENALTY-58")
        def test_is_broken_already() -> None:
            assert "CN-PENALTY-58" == "something else"
    """,
    "tests/rulebook/test_book.py": """
        import pytest
        from datetime import date
        from rulebook import library

        @pytest.mark.rule("CN-PENALTY-60")
        def test_only_the_book_says_it() -> None:
            opened = library.get().rules_for("enforcement.case_filed", {}, "national", date(2026, 2, 11))
            assert "CN-PENALTY-60" in {rule.id for rule in opened}
    """,
}
RUN = """
import sys, django
from pathlib import Path
django.setup()
from rulebook import library
from tests.proving.prove import prove
rules = [library.get().rule(each) for each in sys.argv[2:]]
for each in prove(rules, lambda verdict: None, Path(sys.argv[1])):
    print("verdict", each.rule, *(each.failed or [each.why_not]), file=sys.stderr)
"""


def test_a_rule_is_proven_only_by_a_test_of_the_product_that_fails_without_it(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = rule")
    for name, text in SUITE.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
    rules = ["CN-PENALTY-42", "CN-PENALTY-54", "CN-PENALTY-58", "CN-PENALTY-60"]
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path), *rules], cwd=ROOT, capture_output=True, text=True, check=False
    )
    verdicts = [line.removeprefix("verdict ") for line in done.stderr.splitlines() if line.startswith("verdict ")]
    assert sorted(verdicts) == [
        "CN-PENALTY-42 test_shown.py::test_it_binds",
        "CN-PENALTY-54 of 1 marked none fails without initiation_reasoned",
        "CN-PENALTY-58 of 1 marked none fails without legal_review_agreed",
        "CN-PENALTY-60 no marked test runs the product",
    ], done.stdout[-2000:] + done.stderr[-2000:]


def test_a_rule_that_is_not_enforced_has_nothing_to_prove() -> None:
    command = [sys.executable, "bin/rule-coverage", "--prove", "CN-PENALTY-51"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (2, "not enforced, nothing to prove: CN-PENALTY-51")


def gates() -> set[str]:
    return {rule.id for rule in library.get().gates("two_certified_officers", "weihai-hrss", DAY)}


def test_a_rule_taken_away_keeps_its_words_and_loses_its_force_and_everything_comes_back() -> None:
    book = library.get()
    rule, before = book.rule("CN-PENALTY-42"), gates()
    (hold,) = holds_of(rule)
    assert hold.name == "two_certified_officers"
    with hold.taken_away():
        assert gates() == before - {"CN-PENALTY-42"}
        left = library.get().rule("CN-PENALTY-42")
        assert (left.quote, left.threshold, left.is_enforced) == (rule.quote, rule.threshold, False)
    assert (library.get().digest, library.get().rule(rule.id)) == (book.digest, rule)
    assert gates() == before


def test_a_clock_taken_away_opens_nothing_and_can_still_be_counted() -> None:
    rule = library.get().rule("CN-PENALTY-60")
    (hold,) = holds_of(rule)
    with hold.taken_away():
        assert rule.id not in {
            each.id for each in library.get().rules_for("enforcement.case_filed", {}, "national", DAY)
        }
        assert library.get().rule("CN-PENALTY-60").within == rule.within


def test_each_thing_that_holds_a_rule_is_taken_away_by_itself() -> None:
    book = library.get()
    both = book.rule("CN-PENALTY-57")
    assert [hold.name for hold in holds_of(both)] == ["written_conclusion", "collective_discussion"]
    with holds_of(both)[1].taken_away():
        assert library.get().rule(both.id).guards == ("written_conclusion",)
        assert library.get().rule(both.id).is_enforced
    # A model refuses by its database alone.
    assert [hold.name for hold in holds_of(book.rule("YQ-REC-14"))] == [
        "original_recording_immutable",
        "recording_recording: recording_original_stays",
        "core_storedfile: core_storedfile_stays",
        "record_access",
        "recording_accessrequest: nobody_approves_their_own_request_plan_6",
        "recording_accessrequest: a_decided_request_has_who_and_when",
    ]


@pytest.mark.django_db
def test_what_holds_a_rule_in_the_database_is_dropped_and_comes_back(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prove, "_configured", request.config, raising=False)
    bureau: Bureau = make_bureau()
    case = case_in("investigating", bureau)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    _, database = holds_of(library.get().rule("CN-PENALTY-55"))
    assert database.name == "enforcement_evidenceact: certificates_are_shown_penalty_law_55"
    with database.taken_away():
        f.evidence(bureau, case, certificates_shown=False)
        assert EvidenceAct.objects.filter(certificates_shown=False).exists()
        EvidenceAct.objects.update(certificates_shown=True)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="certificates_are_shown_penalty_law_55"), transaction.atomic():
        EvidenceAct.objects.update(certificates_shown=False)


class Demanding(forms.Form):
    """A form that wants a word."""

    word = forms.CharField()


def may(word: str) -> Permit:
    if word == "never":
        raise ValueError("never")
    return Permit.no("不行")


# As a procedure holds it: not by the module's name.
TABLE: dict[str, Callable[[str], Permit]] = {"may": may}


def test_a_form_and_a_function_that_hold_a_rule_let_everything_pass_and_refuse_again() -> None:
    with prove._lets_pass(Demanding), prove._lets_pass(may):
        assert Demanding({}).is_valid()
        assert TABLE["may"]("ever")
        assert may("ever")
        assert may("never") is None
    assert not Demanding({}).is_valid()
    assert not TABLE["may"]("ever")
    with pytest.raises(ValueError, match="never"):
        may("never")
