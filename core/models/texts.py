"""Official texts that an installation attached to an instrument."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class InstrumentText(models.Model):
    """The official text of one instrument, split by article; every quote of its rules was found in its article."""

    instrument = models.CharField(max_length=80, unique=True)
    articles = models.JSONField(help_text="article number -> text")
    sha256 = models.CharField(max_length=64)
    checked_on = models.DateTimeField(db_default=Now())
    checked_by = models.CharField(max_length=80)
    attached_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "官方文本"

    def __str__(self) -> str:
        return self.instrument
