from django.urls import path
from django.views.generic import RedirectView

from assessments.views import pages, result, sitting

app_name = "assessments"
urlpatterns = [
    path("", pages.home, name="home"),
    path("integritet/", pages.privacy, name="privacy"),
    path("privacy/", RedirectView.as_view(pattern_name="assessments:privacy", permanent=True)),
    path("test/<slug:key>/", sitting.start, name="start"),
    path("test/<slug:key>/inbjudan/<str:token>/", sitting.start_invited, name="start_invited"),
    path("test/<slug:key>/<str:token>/", sitting.resume, name="resume"),
    path("test/<slug:key>/<str:token>/<int:number>/", sitting.question, name="question"),
    path("resultat/<str:token>/", result.result, name="result"),
    path("resultat/<str:token>/igen/", sitting.start_again, name="start_again"),
    path("resultat/<str:token>/rapport.pdf", result.report, name="report"),
    path("resultat/<str:token>/kollegor/", result.group, name="group"),
]
