"""Links in mails: without a language prefix, and with or without the slash at the end, because
mail programs cut it and a redirect would turn their POST into a GET.
"""

from django.urls import re_path

from campaigns import act_views, preference_views, views

TOKEN = r"(?P<token>[^/]+)/?$"  # noqa: S105  # a pattern

app_name = "campaigns"
urlpatterns = [
    re_path(rf"^confirm/{TOKEN}", views.confirm, name="confirm"),
    re_path(rf"^unsubscribe/{TOKEN}", views.unsubscribe, name="unsubscribe"),
    re_path(r"^stop/?$", views.stop, name="stop"),
    re_path(r"^sample/(?P<language>sv|en)/?$", views.sample, name="sample"),
    re_path(rf"^preferences/{TOKEN}", preference_views.preferences, name="preferences"),
    re_path(rf"^act/{TOKEN}", act_views.act, name="act"),
    re_path(rf"^address/{TOKEN}", act_views.address, name="address"),
    re_path(rf"^stay/{TOKEN}", views.stay, name="stay"),
    re_path(rf"^answer/{TOKEN}", views.answer, name="answer"),
    re_path(rf"^answer/{TOKEN}", views.answer, name="answer"),
    re_path(r"^sample/(?P<language>sv|en)/?$", views.sample, name="sample"),
    re_path(rf"^stay/{TOKEN}", views.stay, name="stay"),
    re_path(r"^sample/(?P<language>sv|en)/?$", views.sample, name="sample"),
    re_path(rf"^go/{TOKEN}", views.go, name="go"),
]
