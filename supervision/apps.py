from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    """执法监督."""

    name = "supervision"
    verbose_name = "执法监督"
