"""Requests of persons are registered, answered and ended by administrators, and by nobody else."""

from django.db import migrations

from pmoportal.granting import grant


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0051_requests_of_persons")]

    operations = [grant(app="campaigns", rights=["view_rightsrequest", "add_rightsrequest", "change_rightsrequest"])]
