"""Consultants and administrators edit the questions to open with and the reasons for an ending."""

from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUPS = ("Consultants", "Administrators")
EDITED = ("openingquestion", "closingreason")


def allow(apps: Apps, schema_editor: Any) -> None:
    config = apps.get_app_config("leads")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    for name in GROUPS:
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.add(*get_rights(apps))


def forbid(apps: Apps, schema_editor: Any) -> None:
    for group in apps.get_model("auth", "Group").objects.filter(name__in=GROUPS):
        group.permissions.remove(*get_rights(apps))


def get_rights(apps: Apps) -> Any:
    codenames = [f"{right}_{model}" for model in EDITED for right in ("add", "change", "view")]
    return apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="leads", codename__in=codenames
    )


class Migration(migrations.Migration):
    dependencies = [("leads", "0021_history_only_grows")]

    operations = [migrations.RunPython(allow, forbid)]
