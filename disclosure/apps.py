from django.apps import AppConfig


class DisclosureConfig(AppConfig):
    """执法公示."""

    name = "disclosure"
    verbose_name = "执法公示"
