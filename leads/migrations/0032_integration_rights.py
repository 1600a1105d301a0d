"""Administrators connect other systems: keys to the API, and webhooks with their log."""

from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

RIGHTS = {
    "Administrators": [
        *(f"{right}_{model}" for model in ("token", "hook")
          for right in ("add", "change", "delete", "view")),
        "view_delivery",
        "change_delivery",
    ]
}


def allow(apps: Apps, schema_editor: Any) -> None:
    config = apps.get_app_config("leads")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    for name, codenames in RIGHTS.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.add(*get_rights(apps, codenames))


def forbid(apps: Apps, schema_editor: Any) -> None:
    for name, codenames in RIGHTS.items():
        for group in apps.get_model("auth", "Group").objects.filter(name=name):
            group.permissions.remove(*get_rights(apps, codenames))


def get_rights(apps: Apps, codenames: list[str]) -> Any:
    return apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="leads", codename__in=codenames
    )


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0031_events_by_trigger"),
    ]

    operations = [migrations.RunPython(allow, forbid)]
