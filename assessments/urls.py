from django.urls import path

from assessments import views

app_name = "assessments"
urlpatterns = [
    path("", views.home, name="home"),
    path("integritet/", views.privacy, name="privacy"),
    path("test/<slug:key>/", views.start, name="start"),
    path("test/<slug:key>/<str:token>/", views.resume, name="resume"),
    path("test/<slug:key>/<str:token>/<int:number>/", views.question, name="question"),
    path("resultat/<str:token>/", views.result, name="result"),
]
