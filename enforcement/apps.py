from django.apps import AppConfig


class EnforcementConfig(AppConfig):
    """行政执法案卷."""

    name = "enforcement"
    verbose_name = "行政执法案卷"
