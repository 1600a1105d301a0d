from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Campaigns and mail")

    def ready(self) -> None:
        from campaigns import personal_data, receivers  # noqa: F401, PLC0415  # connects signals

        personal_data.register()
