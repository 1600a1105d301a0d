from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = _("Leads")

    def ready(self) -> None:
        from leads import personal_data, receivers  # noqa: F401, PLC0415  # connects the signals

        personal_data.register()
