"""Leads there are already get the new columns from the rows they follow from, and history stays."""

from django.db import migrations

FILL = """
UPDATE leads_lead AS lead SET weakest_key = coalesce(response.result->'weakest'->>0, '')
FROM assessments_response AS response WHERE response.id = lead.response_id;

UPDATE leads_lead AS lead SET heard_at = greatest(
    (SELECT max(confirmed_at) FROM campaigns_consentorigin AS origin
        WHERE origin.respondent_id = lead.respondent_id),
    (SELECT max(confirmed_at) FROM campaigns_consent AS consent
        WHERE consent.respondent_id = lead.respondent_id
        AND consent.purpose = 'contact' AND consent.state = 'confirmed'),
    (SELECT max(ended_at) FROM campaigns_enrolment AS enrolment
        WHERE enrolment.respondent_id = lead.respondent_id AND enrolment.state = 'finished')
);
"""
# Whoever searches for a person by the beginning of a word: see assessments.profiles.find_people.
WORDS = """
CREATE INDEX respondent_by_words ON assessments_respondent USING gin (
    to_tsvector('simple', translate(lower(first_name || ' ' || email), '@.-_+', '     '))
);
"""
FREEZE = """
CREATE FUNCTION leads_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A colleague's account that is removed is only taken off the row.
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'by_id' - 'published_by_id'
        = to_jsonb(OLD) - 'by_id' - 'published_by_id'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% rows are never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER score_rules_are_frozen
    BEFORE UPDATE OR DELETE ON leads_scorerules
    FOR EACH ROW EXECUTE FUNCTION leads_refuse_change();
-- These go with their lead when a person is erased.
CREATE TRIGGER grade_override_is_frozen
    BEFORE UPDATE ON leads_gradeoverride
    FOR EACH ROW EXECUTE FUNCTION leads_refuse_change();
"""
THAW = """
DROP TRIGGER score_rules_are_frozen ON leads_scorerules;
DROP TRIGGER grade_override_is_frozen ON leads_gradeoverride;
DROP FUNCTION leads_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0010_score_list_colleagues"),
        ("campaigns", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(WORDS, "DROP INDEX IF EXISTS respondent_by_words;"),
        migrations.RunSQL(FREEZE, THAW),
    ]
