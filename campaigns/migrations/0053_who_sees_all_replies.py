"""Consultants read what their leads write; administrators read everything."""

from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations


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
        content_type__app_label="campaigns", codename="see_all_replies"
    )


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0052_who_keeps_the_register")]

    operations = [
        migrations.AlterModelOptions(
            name="reply",
            options={
                "permissions": [("see_all_replies", "Can see all replies, whoever's lead it is")],
                "verbose_name": "reply",
                "verbose_name_plural": "replies",
            },
        ),
        migrations.RunPython(allow, forbid),
    ]
