"""Holiday notices entered in this installation, and the one row that tells every process that something changed."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class CalendarYear(models.Model):
    """The State Council's notice for one year, overlaying the file of the same year."""

    year = models.PositiveSmallIntegerField(unique=True)
    notice = models.CharField("通知", max_length=200)
    text = models.TextField("内容", help_text="TOML, as in rulebook/calendars")
    entered_at = models.DateTimeField(db_default=Now())
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "放假安排"

    def __str__(self) -> str:
        return f"{self.year}年 {self.notice}"


class CalendarVersion(models.Model):
    """One row; its number grows with every notice. Processes compare it before they count."""

    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(models.Value(1), name="one_calendar_version_row")]

    def __str__(self) -> str:
        return str(self.number)
