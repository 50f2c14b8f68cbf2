"""Opening the duties of a fact: the SQL statements it adds to recording one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

from bench.figures import Figure
from bench.stage import Stage

USERNAME = "leader"


def measure(stage: Stage) -> Iterator[Figure]:
    """A penalty is decided: what it starts, counted in this process, nothing of it kept."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from agency.models import Official
    from core import duties, facts, law, registry
    from core.facts import Fact, Subject
    from core.models import Duty
    from enforcement.models import Case

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Decision(Fact):
        name = "enforcement.decision_made"
        label = "作出决定"
        act_kind: str = "penalty"
        has_fine: bool = True

    leader, case = Official.objects.get(username=USERNAME), Case.objects.order_by("pk")[0]
    counted: list[int] = []
    follows = duties.follow

    def follow(*given: Any, **named: Any) -> None:
        with CaptureQueriesContext(connection) as asked:
            follows(*given, **named)
        counted.append(len(asked))

    with transaction.atomic():
        # Whether the official may was asked before, and with it the structure of the agency.
        law.profile_of(case.unit_id)
        fact = Decision(subject=Subject(f"{case.stream}:bench", case.title, case.get_absolute_url()), unit=case.unit_id)
        with mock.patch.object(registry, "handlers_of", return_value=()), mock.patch.object(duties, "follow", follow):
            record = facts.record(fact, happened_at=timezone.now(), by=leader)
        opened = Duty.objects.filter(opened_by=record).count()
        transaction.set_rollback(True)
    void = "" if opened and counted else "the fact opened no duty"
    yield Figure(
        "3'", "SQL statements that opening the duties of a fact adds", "a number", None if void else counted[0], 3, 2,
        note=f"{opened} duties", void=void, is_count=True,
    )  # fmt: skip
