"""Administrators see who was erased, by receipt, and the record of processing beside it."""

from django.db import migrations

from pmoportal.granting import grant


class Migration(migrations.Migration):
    dependencies = [("leads", "0005_oldest_score_first"), ("assessments", "0006_erasures")]

    operations = [grant(app="assessments", rights=["view_erasure"])]
