from django.apps import AppConfig


class AgencyConfig(AppConfig):
    """机构与人员."""

    name = "agency"
    verbose_name = "机构与人员"

    def ready(self) -> None:
        from agency import checks  # noqa: F401  (checks register themselves)
