"""Replies are read by those who answer them. What was told about a tip never becomes another word,
but its text is forgotten in time.
"""

from django.db import migrations

from pmoportal.granting import grant

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


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0040_replies_and_answers"),
        ("leads", "0003_administrators_settle"),
    ]

    operations = [
        migrations.RunSQL(FREEZE, THAW),
        *(grant(app="campaigns", rights=rights, group=group) for group, rights in RIGHTS.items()),
    ]
