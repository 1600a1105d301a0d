"""The consent panel's own pages, in the language of the result they belong to."""

from django.urls import path

from campaigns import views

app_name = "panel"
urlpatterns = [
    path("<str:token>/", views.opt_in, name="opt_in"),
    path("<str:token>/mail/", views.asked, name="asked"),
]
