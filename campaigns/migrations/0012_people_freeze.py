import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0005_series_required'),
        ('campaigns', '0011_delivery_events_smaller'),
    ]

    operations = [
        # Nothing ever paused an enrolment; a person is frozen instead.
        migrations.RunSQL(
            "UPDATE campaigns_enrolment SET state = 'active', next_due_at = now()"
            " WHERE state = 'paused'",
            migrations.RunSQL.noop,
        ),
        migrations.CreateModel(
            name='Freeze',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('asked', 'The person asked for a pause'), ('handover', 'A consultant has taken over'), ('away', 'The person is away')], max_length=10, verbose_name='reason')),
                ('began_at', models.DateTimeField(verbose_name='since')),
                ('until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
            ],
            options={
                'verbose_name': 'freeze',
                'verbose_name_plural': 'freezes',
            },
        ),
        migrations.RemoveConstraint(
            model_name='enrolment',
            name='enrolment_one_under_way_per_campaign',
        ),
        migrations.RemoveConstraint(
            model_name='enrolment',
            name='enrolment_ending_has_time_and_reason',
        ),
        migrations.AlterField(
            model_name='enrolment',
            name='state',
            field=models.CharField(choices=[('active', 'Active'), ('finished', 'Finished'), ('stopped', 'Stopped')], default='active', max_length=10, verbose_name='state'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'active')), fields=('respondent', 'campaign'), name='enrolment_one_under_way_per_campaign'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state', 'active')), models.Q(('ended_at__isnull', False), ('state__in', ['finished', 'stopped']), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='enrolment_ending_has_time_and_reason'),
        ),
        migrations.AddField(
            model_name='freeze',
            name='respondent',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='freezes', to='assessments.respondent'),
        ),
        migrations.AddConstraint(
            model_name='freeze',
            constraint=models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gte', models.F('began_at')), _connector='OR'), name='freeze_ends_after_it_began'),
        ),
    ]
