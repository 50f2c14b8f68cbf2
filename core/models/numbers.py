"""Counters of gapless number series."""

from django.db import models


class NumberSeries(models.Model):
    """The last number given in one series of one year."""

    series = models.CharField(max_length=60)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="one_counter_per_series_and_year")]

    def __str__(self) -> str:
        return f"{self.series}〔{self.year}〕{self.last}"
