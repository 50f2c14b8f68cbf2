"""Gapless number series: 威人社监案〔2026〕3号 is followed by 4, whatever fails in between."""

from __future__ import annotations

from django.db import transaction

from core.models import NumberSeries


@transaction.atomic
def next_number(series: str, year: int) -> int:
    """The next number of the series in that year.

    The counter's row stays locked until the surrounding transaction ends: a rollback gives the number back.
    """
    NumberSeries.objects.bulk_create([NumberSeries(series=series, year=year)], ignore_conflicts=True)
    counter = NumberSeries.objects.select_for_update().get(series=series, year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.last
