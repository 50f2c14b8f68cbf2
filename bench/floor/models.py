"""Tables like the product's, filled from them by bench/floor/tables.sql."""

from django.db import models


class FloorUnit(models.Model):
    name = models.CharField(max_length=80)

    class Meta:
        managed = False
        db_table = "floor_unit"

    def __str__(self) -> str:
        return self.name


class FloorParty(models.Model):
    name = models.CharField(max_length=200)
    credit_code = models.CharField(max_length=18)

    class Meta:
        managed = False
        db_table = "floor_party"

    def __str__(self) -> str:
        return self.name


class FloorCase(models.Model):
    number = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=20)
    last_step_at = models.DateTimeField()
    registered_at = models.DateTimeField()
    lead = models.CharField(max_length=40)
    duty = models.CharField(max_length=120)
    due_at = models.DateTimeField(null=True)
    unit = models.ForeignKey(FloorUnit, models.PROTECT)
    party = models.ForeignKey(FloorParty, models.PROTECT)

    class Meta:
        managed = False
        db_table = "floor_case"

    def __str__(self) -> str:
        return self.title
