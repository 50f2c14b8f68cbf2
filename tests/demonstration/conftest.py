"""The demonstration bureau, loaded once for all modules that read it; each gets it as it was loaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from config.demo.bureau import build
from legalreview.models import Review
from supervision.models import PlanReport


@pytest.fixture(scope="package")
def _loaded(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    store = tmp_path_factory.mktemp("store")
    with django_db_blocker.unblock(), override_settings(STORE_DIR=store), transaction.atomic():
        build(timezone.localdate())
        # Opinions are written to PDF by a job that has not run yet: some other file stands in for one.
        paper = PlanReport.objects.filter(attachment__isnull=False)[:1].get().attachment_id
        Review.objects.filter(state="answered").update(document=paper)
        # Its tables were empty when the planner last looked. Only their owner may tell it better.
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute("ANALYZE")
            cursor.execute(f'SET ROLE "{settings.SERVING_ROLE}"')
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def demonstration(_loaded: None, django_db_blocker: Any) -> Iterator[None]:
    """The bureau; what a module reads or notes in it is taken back at the module's end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
