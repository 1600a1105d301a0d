"""Administrators see who was erased, by receipt, and the record of processing beside it."""

from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations


def allow(apps: Apps, schema_editor: Any) -> None:
    config = apps.get_app_config("assessments")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name="Administrators")
    group.permissions.add(*get_rights(apps))


def forbid(apps: Apps, schema_editor: Any) -> None:
    for group in apps.get_model("auth", "Group").objects.filter(name="Administrators"):
        group.permissions.remove(*get_rights(apps))


def get_rights(apps: Apps) -> Any:
    return apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="assessments", codename="view_erasure"
    )


class Migration(migrations.Migration):
    dependencies = [("leads", "0005_oldest_score_first"), ("assessments", "0006_erasures")]

    operations = [migrations.RunPython(allow, forbid)]
