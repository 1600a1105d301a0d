from django.urls import path, re_path

from leads.api import views

app_name = "api"

urlpatterns = [
    path("leads", views.list_leads, name="leads"),
    path("leads/<str:lead_id>", views.show_lead, name="lead"),
    path("events", views.list_events, name="events"),
    path("me", views.show_me, name="me"),
    path("openapi.json", views.show_document, name="document"),
    re_path(r"", views.show_nothing),
]
