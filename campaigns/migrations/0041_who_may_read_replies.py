"""Replies are read by those who answer them. What was told about a tip never becomes another word,
but its text is forgotten in time.
"""

from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

FREEZE = """
CREATE FUNCTION campaigns_keep_answer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.message_id, NEW.respondent_id, NEW.choice, NEW.answered_at)
        IS NOT DISTINCT FROM (OLD.message_id, OLD.respondent_id, OLD.choice, OLD.answered_at)
        AND NEW.text IN (OLD.text, '')
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an answer never becomes another' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER tip_answer_is_only_appended
    BEFORE UPDATE ON campaigns_tipanswer
    FOR EACH ROW EXECUTE FUNCTION campaigns_keep_answer();
"""
THAW = """
DROP TRIGGER tip_answer_is_only_appended ON campaigns_tipanswer;
DROP FUNCTION campaigns_keep_answer();
"""
RIGHTS = {
    "Consultants": ["view_reply", "change_reply", "view_tipanswer"],
    "Administrators": ["view_reply", "change_reply", "view_tipanswer"],
    "Marketers": ["view_tipanswer"],
}


def allow(apps: Apps, schema_editor: Any) -> None:
    config = apps.get_app_config("campaigns")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    permissions = apps.get_model("auth", "Permission").objects
    for name, rights in RIGHTS.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.add(
            *permissions.filter(content_type__app_label="campaigns", codename__in=rights)
        )


def forbid(apps: Apps, schema_editor: Any) -> None:
    permissions = apps.get_model("auth", "Permission").objects
    for group in apps.get_model("auth", "Group").objects.filter(name__in=RIGHTS):
        group.permissions.remove(
            *permissions.filter(
                content_type__app_label="campaigns", codename__in=RIGHTS[group.name]
            )
        )


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0040_replies_and_answers"),
        ("leads", "0003_administrators_settle"),
    ]

    operations = [
        migrations.RunSQL(FREEZE, THAW),
        migrations.RunPython(allow, forbid),
    ]
