from django.apps import AppConfig


class LegalreviewConfig(AppConfig):
    """法制审核."""

    name = "legalreview"
    verbose_name = "法制审核"
