"""One penalty decision travels through all five apps, in Chromium, by seven people and a reader.

One test, because it is one file: each chapter stands on what the one before it left. A failure names its chapter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.utils import timezone

from core import ledger
from tests.browser.walk import filing, investigation, penalty, publication, review
from tests.browser.walk.moments import Moments


@contextmanager
def chapter(name: str) -> Iterator[None]:
    """A failure inside says which part of the walk it is in."""
    try:
        yield
    except BaseException as failure:
        failure.add_note(f"in the chapter: {name}")
        raise


@pytest.mark.rule("WH-MEAS-15b", "WH-MEAS-14b", "WH-MEAS-13", "WH-MEAS-17a", "YQ-LR-14a")
def test_a_penalty_decision_travels_from_the_complaint_to_the_verified_notice(
    sign_in: Callable[..., object], visit: Callable[..., object], work_done: Callable[[], None], tmp_path: Path
) -> None:
    moments = Moments()
    zhang, wu, zhao, zhou, sun = map(sign_in, ("zhang", "wu", "zhao", "zhou", "sun"))
    with chapter("1 the source is registered and the case filed"):
        case = filing.register(zhang, moments)
        filing.file(zhang, wu, moments)
    with chapter("1 evidence and its recordings"):
        investigation.gather(zhang, case, moments)
        investigation.hand_in(zhang, case, tmp_path, work_done)
        investigation.hand_in_damaged(zhang, case, tmp_path, work_done)
    with chapter("2 the order to correct is not obeyed"):
        investigation.order_correction(zhang, case, moments)
    with chapter("2 the party is notified, waives; the draft is major"):
        penalty.notify(zhang, case)
        penalty.draft(zhang)
    with chapter("3 the decision is refused before the review"):
        penalty.is_refused_unreviewed(zhou, case)
    with chapter("3 the package is returned; the second round is agreed"):
        review.return_package(zhao, zhang, case)
        review.agree(zhao, zhang, case, work_done)
    with chapter("4 the leader decides; the document"):
        number = penalty.decide(zhou, case, work_done)
    with chapter("4 the notice drafts itself, and is owed"):
        publication.is_owed(zhang, number)
        desk = publication.prepare(zhang, number)
    with chapter("5 another approves; the public reads and verifies"):
        address = publication.publish(sun, desk)
        reader = visit()
        publication.is_found(reader, number, address)
        ledger.seal(timezone.now())
        publication.verifies(reader, address)
    with chapter("5 the duty is met"):
        zhang.open(case)
        zhang.keep_picture("case-published")
        row = zhang.panel("期限").locator("li.line").filter(has_text=publication.DUTY)
        assert row.locator(".chip").count() == row.locator(".chip--met").count() == 1, row.inner_text()
