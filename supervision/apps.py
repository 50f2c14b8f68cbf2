from django.apps import AppConfig
from django.urls import register_converter


class SupervisionConfig(AppConfig):
    """执法监督."""

    name = "supervision"
    verbose_name = "执法监督"

    def ready(self) -> None:
        from supervision.periods import PeriodConverter

        register_converter(PeriodConverter, "period")
