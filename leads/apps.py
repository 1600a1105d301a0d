from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = _("Leads")

    def ready(self) -> None:
        from campaigns import sight  # noqa: PLC0415  # needs loaded apps
        from leads import personal_data, receivers  # noqa: F401, PLC0415  # connects the signals
        from leads.models import Lead  # noqa: PLC0415  # needs loaded apps

        personal_data.register()
        sight.register(lambda user: Lead.objects.seen_by(user).values("respondent"))
