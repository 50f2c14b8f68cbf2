"""Files kept by their digest."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class StoredFile(models.Model):
    """One file as received. The bytes stand in the store under their SHA-256; they are never replaced."""

    sha256 = models.CharField(max_length=64, db_index=True)
    sm3 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    name = models.CharField("文件名", max_length=255)
    content_type = models.CharField(max_length=100, blank=True)
    kept_at = models.DateTimeField(db_default=Now())
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "文件"

    def __str__(self) -> str:
        return self.name
