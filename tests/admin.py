"""What every test of the admin needs: people of each group, and counted queries of a list."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse


def make_user(group: str = "", *, name: str = "") -> User:
    user = User.objects.create_user(name or group.lower() or "nobody", is_staff=True)
    if group:
        user.groups.add(Group.objects.get(name=group))
    return user


def log_in(group: str = "", *, language: str = "en") -> Client:
    """A browser in which somebody of this group has logged in."""
    client = Client(headers={"accept-language": language})
    client.force_login(make_user(group), backend="django.contrib.auth.backends.ModelBackend")
    return client


def count_queries(client: Client, url: str) -> int:
    """Queries of the page when every cache is warm."""
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    return len(queries)


def get_status(client: Client, url: str) -> int:
    return client.get(url).status_code


def get_list(row: type[Model]) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_changelist")


def get_page(row: Model, name: str = "change") -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])


def get_form(client: Client, url: str) -> dict[str, Any]:
    """What a browser would post back unchanged."""
    context = client.get(url).context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    posted: dict[str, Any] = {}
    for form in forms:
        for field in form:
            value = field.value()
            if value is True:
                posted[field.html_name] = "on"
            elif value is not None and value is not False:
                posted[field.html_name] = field.field.prepare_value(value)
    return posted
