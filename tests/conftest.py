"""What every test stands on: the serving role, the connected registries, and no way to hide a template's mistake."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections
from django.db.backends.signals import connection_created


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Migrate as the owner, then work as the serving role: every connection of the tests takes its rights and no more."""
    from django.conf import settings

    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            # Transactional tests end in TRUNCATE, which the ledger refuses; tests/ledger proves the refusal in a database of its own.
            cursor.execute(
                "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%%truncate%%' AND NOT tgisinternal"
            )
            for trigger, table in cursor.fetchall():
                cursor.execute(f'ALTER TABLE {table} DISABLE TRIGGER "{trigger}"')

        def take_serving_role(connection, **kwargs) -> None:  # type: ignore[no-untyped-def]
            with connection.cursor() as cursor:
                cursor.execute(f'SET ROLE "{settings.SERVING_ROLE}"')

        connection_created.connect(take_serving_role, dispatch_uid="serving role")
        _flush_as_owner()
        for each in connections.all():
            each.close()
    yield
    connection_created.disconnect(dispatch_uid="serving role")
    with django_db_blocker.unblock():
        for each in connections.all():
            each.close()


# Once a browser test has run, Playwright's loop is alive in this thread until the session ends; the ORM is used from it one call at a time.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts Chromium or kills servers takes longest and comes first: with work stealing, the first worker is given all of it.

    Then what reads the demonstration bureau, side by side, so that it is loaded once and gone before the rest.
    """
    items.sort(key=lambda item: (not is_heavy(item), item.path.parent.name != "demonstration"))


def is_heavy(item: pytest.Item) -> bool:
    return item.get_closest_marker("faults") is not None or "browser" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session", autouse=True)
def _patient_expectations() -> None:
    """A page on a busy machine may take its time; what must not happen is asserted on what is there."""
    from playwright.sync_api import expect

    expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, which looks nothing up by itself; Playwright's own is not downloaded."""
    quiet = ("disable-background-networking", "disable-component-update", "disable-sync", "disable-quic")
    flags = ("no-sandbox", "disable-gpu", "no-first-run", "lang=zh-CN", *quiet)
    return {**browser_type_launch_args, "executable_path": "/usr/bin/chromium", "args": [f"--{flag}" for flag in flags]}


@pytest.fixture(autouse=True, scope="session")
def _nothing_unknown_is_gone_through() -> Iterator[None]:
    """`--fail-on-template-vars` catches what a template shows and was not given; Django's {% for %} would take it for an empty list."""
    from django.template.base import Variable, VariableDoesNotExist
    from django.template.defaulttags import ForNode

    render = ForNode.render

    def strict(self: ForNode, context: Any) -> Any:
        sequence = self.sequence
        try:
            if isinstance(sequence.var, Variable):
                sequence.var.resolve(context)
        except VariableDoesNotExist:
            pytest.fail(f"Undefined template variable '{sequence.var}' is gone through in '{self.origin}'")
        return render(self, context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ForNode, "render", strict)
        yield


@pytest.fixture(autouse=True)
def _static_files_as_they_lie(settings: Any) -> None:
    """The names with digests exist only after collectstatic."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.WHITENOISE_AUTOREFRESH = True


def _flush_as_owner() -> None:
    """Transactional tests end in TRUNCATE, a right the serving role does not have."""
    from django.conf import settings
    from django.db.backends.postgresql.operations import DatabaseOperations

    flush = DatabaseOperations.execute_sql_flush

    def execute_sql_flush(self: DatabaseOperations, sql_list: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SET ROLE NONE")
        try:
            flush(self, sql_list)
        finally:
            with self.connection.cursor() as cursor:
                cursor.execute(f'SET ROLE "{settings.SERVING_ROLE}"')

    DatabaseOperations.execute_sql_flush = execute_sql_flush  # type: ignore[method-assign]


@pytest.fixture
def always_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is to be told is told now, whatever hour of whatever day the test runs at."""
    from core import alerts

    monkeypatch.setattr(alerts, "at_work", lambda plan, now: True)
