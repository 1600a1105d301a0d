from django.apps import AppConfig
from django.core.checks import register

from pmoportal import celery, checks

__all__ = ["PmoportalConfig", "celery"]


class PmoportalConfig(AppConfig):
    name = "pmoportal"

    def ready(self) -> None:
        from pmoportal import logins  # noqa: PLC0415  # needs loaded models

        register(checks.check_production)
        logins.register()
