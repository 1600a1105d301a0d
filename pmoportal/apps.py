from django.apps import AppConfig
from django.core.checks import register

from pmoportal import celery, checks

__all__ = ["PmoportalConfig", "celery"]


class PmoportalConfig(AppConfig):
    name = "pmoportal"

    def ready(self) -> None:
        register(checks.check_production)
