"""Administrators may say what became of a mail that nobody knows about."""

from django.db import migrations

from pmoportal.granting import grant


class Migration(migrations.Migration):
    dependencies = [("leads", "0002_groups"), ("campaigns", "0005_delivery_events")]

    operations = [grant(app="campaigns", rights=["change_message"])]
