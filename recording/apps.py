from django.apps import AppConfig


class RecordingConfig(AppConfig):
    """音像记录."""

    name = "recording"
    verbose_name = "音像记录"
