"""Rights of the groups, as migrations give them."""

from collections.abc import Sequence
from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db.migrations import RunPython

ADMINISTRATORS = "Administrators"


def grant(*, app: str, rights: Sequence[str], group: str = ADMINISTRATORS) -> RunPython:
    """The group has these rights of the app from here on; undone, no longer."""

    def allow(apps: Apps, schema_editor: Any) -> None:
        # Django makes permissions only after the last migration.
        config = apps.get_app_config(app)
        config.models_module = True  # type: ignore[assignment]  # whatever is true will do
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
        found, _ = apps.get_model("auth", "Group").objects.get_or_create(name=group)
        found.permissions.add(*get_rights(apps))

    def forbid(apps: Apps, schema_editor: Any) -> None:
        for found in apps.get_model("auth", "Group").objects.filter(name=group):
            found.permissions.remove(*get_rights(apps))

    def get_rights(apps: Apps) -> Any:
        permissions = apps.get_model("auth", "Permission").objects
        return permissions.filter(content_type__app_label=app, codename__in=rights)

    return RunPython(allow, forbid)
