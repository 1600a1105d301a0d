import anymail.urls
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from pmoportal.health import healthz

# Providers' reports of what became of mail; what they receive for us has no taker yet.
tracking = [each for each in anymail.urls.urlpatterns if "inbound" not in str(each.name)]

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("m/", include("campaigns.urls")),
    path("api/v1/", include("leads.api.urls")),
    path("", include("leads.urls")),
    path("webhooks/", include((tracking, "anymail"))),
    *i18n_patterns(
        path("tips/", include("campaigns.panel_urls")),
        path("", include("assessments.urls")),
        prefix_default_language=False,
    ),
]
