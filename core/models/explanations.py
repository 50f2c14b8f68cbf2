"""Why a moment is what it is, in full: kept once for all duties that were counted alike."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection, models
from django.db.models import Func, Value

KEEP = "core_keep_explanation"


class Explanation(models.Model):
    """The JSON of one deadline as it was counted. It stays as it is: what is counted anew is another one.

    Two that say the same may stand here where two transactions wrote them at once: neither waits for the other.
    """

    digest = models.CharField(max_length=64)
    body = models.JSONField()
    calendar_digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "期限的计算过程"
        indexes = [models.Index(fields=["digest"], name="explanations_by_digest")]

    def __str__(self) -> str:
        return self.digest


class Kept(Func):
    """The id of an explanation, kept where it was not yet; within the statement that writes the duties."""

    function = KEEP
    output_field = models.BigIntegerField()

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__(Value(body, models.JSONField()))


def keep(body: dict[str, Any]) -> int:
    """The id of an explanation, kept where it was not yet."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {KEEP}(%s::jsonb)", [json.dumps(body, ensure_ascii=False)])
        return int(cursor.fetchone()[0])
