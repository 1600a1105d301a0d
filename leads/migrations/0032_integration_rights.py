"""Administrators connect other systems: keys to the API, and webhooks with their log."""

from django.db import migrations

from pmoportal.granting import grant

RIGHTS = [
    *(
        f"{right}_{model}"
        for model in ("token", "hook")
        for right in ("add", "change", "delete", "view")
    ),
    "view_delivery",
    "change_delivery",
]


class Migration(migrations.Migration):
    dependencies = [("leads", "0031_events_by_trigger")]

    operations = [grant(app="leads", rights=RIGHTS)]
