"""Requests of persons are registered, answered and ended by administrators, and by nobody else."""

from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

RIGHTS = ("view_rightsrequest", "add_rightsrequest", "change_rightsrequest")


def allow(apps: Apps, schema_editor: Any) -> None:
    config = apps.get_app_config("campaigns")
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
        content_type__app_label="campaigns", codename__in=RIGHTS
    )


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0051_requests_of_persons")]

    operations = [migrations.RunPython(allow, forbid)]
