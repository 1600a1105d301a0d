"""Consultants read what their leads write; administrators read everything."""

from django.db import migrations

from pmoportal.granting import grant


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
        grant(app="campaigns", rights=["see_all_replies"])]
