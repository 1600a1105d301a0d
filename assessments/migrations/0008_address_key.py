from typing import Any

from django.db import migrations, models
from django.utils import timezone

from assessments.subjects import get_mark


def note(apps: Any, schema_editor: Any) -> None:
    """What is there was made with the keys of this moment."""
    apps.get_model("assessments", "AddressKey").objects.create(mark=get_mark(), since=timezone.now())


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0007_idle_people'),
    ]

    operations = [
        migrations.CreateModel(
            name='AddressKey',
            fields=[
                ('mark', models.CharField(max_length=12, primary_key=True, serialize=False)),
                ('since', models.DateTimeField()),
            ],
        ),
        migrations.RunPython(note, migrations.RunPython.noop),
    ]
