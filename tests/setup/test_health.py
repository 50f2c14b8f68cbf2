"""/healthz: what it says of each part, and when it answers 503."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from config import health
from core import heartbeat
from core.ledger import append
from core.ledger.seals import seal


@pytest.mark.django_db
def test_before_the_first_sign_of_life_and_the_first_seal_both_are_null(client: Client):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    said = answer.json()
    assert (said["database"], said["redis"]) == ("ok", "ok")
    assert (said["worker"], said["beat"], said["last_seal"]) == (None, None, None)
    assert said["failed"] == ["worker", "beat"]
    assert said["version"] == health.VERSION
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_signs_of_life_are_told_by_age_and_a_silence_is_named(client: Client):
    now = timezone.now()
    heartbeat.beat("worker", now=now)
    heartbeat.beat("beat", now=now - timedelta(hours=1))
    said = client.get("/healthz").json()
    assert 0 <= said["worker"] < 30
    assert 3600 <= said["beat"] < 3630
    assert said["failed"] == ["beat"]


@pytest.mark.django_db
def test_the_last_seal_is_told(client: Client):
    append("case:1", {"fact": "for the health page"})
    made = seal(timezone.now())
    told = client.get("/healthz").json()["last_seal"]
    assert (told["size"], told["root"]) == (made.size, made.root)
    assert told["sealed_at"].endswith("+08:00")


@pytest.mark.django_db
def test_pages_answer_without_redis(client: Client, settings: Settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["redis"] == "unreachable"
    assert "redis" in answer.json()["failed"]


@pytest.mark.django_db
def test_without_the_database_it_is_503_and_says_so(client: Client, monkeypatch: pytest.MonkeyPatch):
    def refuse(now: object) -> dict[str, float | None]:
        raise OperationalError("connection refused")

    monkeypatch.setattr(health, "_signs_of_life", refuse)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    said = answer.json()
    assert said["database"] == "unreachable"
    assert said["failed"] == ["database"]
    assert (said["worker"], said["beat"], said["last_seal"]) == (None, None, None)


@pytest.mark.django_db
def test_it_needs_no_login_and_counts_few_statements(client: Client, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        assert client.get("/healthz").status_code == 200
