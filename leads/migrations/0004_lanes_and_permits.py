"""Marketers see what mail waits for; administrators also which hosts may send."""

from django.db import migrations

from pmoportal.granting import grant

RIGHTS = {"Marketers": ["view_lane"], "Administrators": ["view_lane", "view_permit"]}


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0003_administrators_settle"),
        ("campaigns", "0007_permit_pace_pause"),
    ]

    operations = [
        grant(app="campaigns", rights=rights, group=group) for group, rights in RIGHTS.items()
    ]
