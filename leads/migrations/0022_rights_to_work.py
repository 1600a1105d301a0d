"""Consultants and administrators edit the questions to open with and the reasons for an ending."""

from django.db import migrations

from pmoportal.granting import grant

GROUPS = ("Consultants", "Administrators")
RIGHTS = [
    f"{right}_{model}"
    for model in ("openingquestion", "closingreason")
    for right in ("add", "change", "view")
]


class Migration(migrations.Migration):
    dependencies = [("leads", "0021_history_only_grows")]

    operations = [grant(app="leads", rights=RIGHTS, group=group) for group in GROUPS]
