from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0012_people_freeze'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('respondent__isnull', True)), fields=['id'], name='message_of_nobody'),
        ),
    ]
