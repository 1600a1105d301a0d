from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0002_freeze_history")]

    operations = [
        migrations.AddField(
            model_name="consentorigin",
            name="due_at",
            field=models.DateTimeField(db_default=Now(), db_index=True, verbose_name="due"),
        ),
        migrations.RunSQL(
            "UPDATE campaigns_consentorigin SET due_at = asked_at", migrations.RunSQL.noop
        ),
    ]
