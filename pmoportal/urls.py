from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from pmoportal.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("m/", include("campaigns.urls")),
    path("api/v1/", include("leads.api.urls")),
    path("", include("leads.urls")),
    # Providers' reports of what became of mail, and the mail that they receive for us.
    path("webhooks/", include("anymail.urls")),
    *i18n_patterns(
        path("tips/", include("campaigns.panel_urls")),
        path("", include("assessments.urls")),
        prefix_default_language=False,
    ),
]
