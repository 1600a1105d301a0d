
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0005_series_required'),
        ('leads', '0022_rights_to_work'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(verbose_name='event')),
                ('kind', models.CharField(max_length=20, verbose_name='what happened')),
                ('respondent_id', models.BigIntegerField(db_index=True, null=True)),
                ('lead_id', models.BigIntegerField(null=True, verbose_name='lead')),
                ('body', models.TextField(verbose_name='what is said')),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('sending', 'Sending'), ('delivered', 'Delivered'), ('failed', 'Refused for good'), ('given_up', 'Given up')], default='queued', max_length=10, verbose_name='state')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                ('created_at', models.DateTimeField(verbose_name='since')),
                ('next_at', models.DateTimeField(verbose_name='next try')),
                ('until', models.DateTimeField(verbose_name='tried until')),
                ('leased_until', models.DateTimeField(null=True)),
                ('tried_at', models.DateTimeField(null=True, verbose_name='last try')),
                ('status', models.PositiveSmallIntegerField(null=True, verbose_name='answer')),
                ('evidence', models.CharField(blank=True, max_length=300, verbose_name='what was said')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.BigIntegerField(null=True, unique=True, verbose_name='number')),
                ('kind', models.CharField(choices=[('lead.created', 'A lead is new'), ('lead.graded', 'A lead has another grade'), ('lead.taken', 'A lead has an owner'), ('consent.given', 'A consent was given'), ('consent.withdrawn', 'A consent was withdrawn'), ('respondent.erased', 'A person was erased')], max_length=20, verbose_name='what happened')),
                ('respondent_id', models.BigIntegerField(db_index=True)),
                ('lead_id', models.BigIntegerField(null=True)),
                ('details', models.JSONField(default=dict)),
                ('happened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='when')),
            ],
            options={
                'verbose_name': 'event',
                'verbose_name_plural': 'events',
            },
        ),
        migrations.CreateModel(
            name='Hook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('url', models.CharField(help_text='Where we send: an https:// address that anybody on the internet can reach.', max_length=500, verbose_name='address')),
                ('kinds', models.JSONField(default=list, verbose_name='events')),
                ('is_active', models.BooleanField(default=True, help_text='Off: what happens meanwhile is not sent later.', verbose_name='active')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('generation', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('renewed_at', models.DateTimeField(editable=False, null=True, verbose_name='secret renewed')),
                ('created_at', models.DateTimeField(editable=False, verbose_name='created')),
                ('told_at', models.DateTimeField(editable=False, null=True, verbose_name='last told')),
                ('failures', models.PositiveIntegerField(default=0, editable=False)),
                ('failing_since', models.DateTimeField(editable=False, null=True, verbose_name='failing since')),
                ('rests_until', models.DateTimeField(editable=False, null=True, verbose_name='rests until')),
            ],
            options={
                'verbose_name': 'webhook',
                'verbose_name_plural': 'webhooks',
            },
        ),
        migrations.CreateModel(
            name='Token',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='What uses it, such as the name of your CRM.', max_length=60, verbose_name='name')),
                ('scopes', models.JSONField(default=list, verbose_name='what it may do')),
                ('prefix', models.CharField(editable=False, max_length=12, verbose_name='begins with')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('expires_at', models.DateTimeField(blank=True, help_text='Empty: until somebody revokes it.', null=True, verbose_name='valid until')),
                ('created_at', models.DateTimeField(editable=False, verbose_name='created')),
                ('used_at', models.DateTimeField(editable=False, null=True, verbose_name='last used')),
                ('revoked_at', models.DateTimeField(editable=False, null=True, verbose_name='revoked')),
            ],
            options={
                'verbose_name': 'API key',
                'verbose_name_plural': 'API keys',
            },
        ),
        migrations.AddField(
            model_name='lead',
            name='carried_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='lead',
            name='changed_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='changed'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(fields=['changed_at', 'id'], name='lead_by_change'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(condition=models.Q(('number__isnull', True)), fields=['id'], name='event_not_dealt'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['happened_at'], name='event_by_age'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='hook',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='leads.hook', verbose_name='webhook'),
        ),
        migrations.AddField(
            model_name='token',
            name='created_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['hook', 'next_at'], name='delivery_waiting'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state__in', ['queued', 'sending'])), fields=['hook', 'respondent_id', 'number'], name='delivery_in_order'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'sending')), fields=['leased_until'], name='delivery_under_way'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['-created_at', '-number'], name='delivery_newest_first'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(condition=models.Q(('number__gt', 0)), fields=('hook', 'number'), name='delivery_once_per_hook_and_event'),
        ),
    ]
