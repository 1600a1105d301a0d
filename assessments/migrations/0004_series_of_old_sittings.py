from django.db import migrations

FIRST_SITTINGS = "UPDATE assessments_response SET series = id WHERE series IS NULL"


class Migration(migrations.Migration):
    dependencies = [("assessments", "0003_comparisons")]

    operations = [migrations.RunSQL(FIRST_SITTINGS, migrations.RunSQL.noop)]
