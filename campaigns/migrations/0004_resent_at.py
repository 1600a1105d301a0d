from django.db import migrations, models

# What is unknown from before has had its resend, or its time: it must not leave now.
HAS_BEEN_RESENT = """
    UPDATE campaigns_message SET resent_at = sending_at
    WHERE kind = 'system' AND (reason = 'resent_once' OR state = 'unknown')
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0003_requests_due")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="resent_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.RunSQL(HAS_BEEN_RESENT, migrations.RunSQL.noop),
    ]
