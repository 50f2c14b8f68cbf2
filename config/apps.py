"""The installed app that connects all others: the only place that looks upward."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ConfigConfig(AppConfig):
    """Fills core's registries from `wiring`, for web, worker and commands alike."""

    name = "config"
    verbose_name = "装配"

    def ready(self) -> None:
        from config import checks, wiring  # noqa: F401  (checks register themselves)

        # Guards and constraints register themselves under the keys by which the rulebook names them.
        autodiscover_modules("facts", "guards", "constraints")
        wiring.connect()
