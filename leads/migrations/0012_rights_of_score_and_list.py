"""Marketers set the rules of the score; administrators see every lead and what was refused."""

from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

RULES = ["view_scorerules", "add_scorerules"]
RIGHTS = {
    "Marketers": RULES,
    "Consultants": ["view_scorerules"],
    "Administrators": [
        *RULES,
        "see_all_leads",
        "view_refusal",
        *(f"{right}_consultant" for right in ("add", "change", "delete", "view")),
    ],
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
    dependencies = [("leads", "0011_fill_score_columns")]

    operations = [migrations.RunPython(allow, forbid)]
