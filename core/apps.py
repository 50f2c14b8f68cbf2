from django.apps import AppConfig


class CoreConfig(AppConfig):
    """事实、期限与记录链."""

    name = "core"
    verbose_name = "事实、期限与记录链"
