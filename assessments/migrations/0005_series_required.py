from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0004_series_of_old_sittings")]

    operations = [
        migrations.AlterField(
            model_name="response",
            name="series",
            field=models.UUIDField(editable=False),
        )
    ]
