"""/healthz: whether the product lives, for load balancers, containers and people. Public, and asks little."""

from __future__ import annotations

import tomllib
from datetime import datetime
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache

from core.ledger.seals import latest_seal
from core.middleware import public
from core.models import Heartbeat

VERSION: str = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

# A sweep each minute is the sign of life; three missed ones are a silence.
SILENT_AFTER = 3.0 * settings.CELERY_BEAT_SCHEDULE["sweep"]["schedule"]


@public
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while pages can be served, 503 without the database; `failed` names what does not work.

    `worker` and `beat` are the ages of their last signs of life in seconds, null before the first. Redis, worker or beat
    may be gone and pages still answer: what must happen stands in the database and is done when they are back.
    """
    answer: dict[str, Any] = {"version": VERSION, "redis": _redis()}
    try:
        answer |= {"database": "ok", **_signs_of_life(timezone.now()), "last_seal": _last_seal()}
    except DatabaseError:
        answer |= {"database": "unreachable", "worker": None, "beat": None, "last_seal": None}
    failed = [part for part in ("database", "redis") if answer[part] != "ok"]
    if answer["database"] == "ok":
        failed += [part for part in ("worker", "beat") if answer[part] is None or answer[part] > SILENT_AFTER]
    return JsonResponse({**answer, "failed": failed}, status=503 if "database" in failed else 200)


def _redis() -> str:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)
    try:
        client.ping()
    except redis.RedisError:
        return "unreachable"
    finally:
        client.close()
    return "ok"


def _signs_of_life(now: datetime) -> dict[str, float | None]:
    seen = dict(Heartbeat.objects.filter(name__in=("worker", "beat")).values_list("name", "at"))
    return {name: round((now - seen[name]).total_seconds(), 1) if name in seen else None for name in ("worker", "beat")}


def _last_seal() -> dict[str, Any] | None:
    seal = latest_seal()
    return (
        {"size": seal.size, "root": seal.root, "sealed_at": timezone.localtime(seal.sealed_at).isoformat()}
        if seal
        else None
    )


urlpatterns = [path("healthz", healthz, name="healthz")]
