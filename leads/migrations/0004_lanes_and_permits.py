"""Marketers see what mail waits for; administrators also which hosts may send."""

from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

RIGHTS = {"Marketers": ["view_lane"], "Administrators": ["view_lane", "view_permit"]}


def allow(apps: Apps, schema_editor: Any) -> None:
    config = apps.get_app_config("campaigns")
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
        content_type__app_label="campaigns", codename__in=codenames
    )


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0003_administrators_settle"),
        ("campaigns", "0007_permit_pace_pause"),
    ]

    operations = [migrations.RunPython(allow, forbid)]
