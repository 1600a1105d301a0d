from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentsConfig(AppConfig):
    name = "assessments"
    verbose_name = _("The test")

    def ready(self) -> None:
        from assessments import holdings  # noqa: PLC0415  # needs loaded models

        holdings.register()
