"""Without a language prefix: calendar programs ask for what they were once given."""

from django.urls import path

from leads import views

app_name = "leads"
urlpatterns = [path("calendar/<str:token>.ics", views.calendar, name="calendar")]
