from django.apps import AppConfig


class AgencyConfig(AppConfig):
    """机构与人员."""

    name = "agency"
    verbose_name = "机构与人员"
