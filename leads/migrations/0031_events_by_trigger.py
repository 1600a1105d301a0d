"""Events are written by the database, in the transaction in which they happen: whoever changes a
lead or a consent, and however, nothing is forgotten and nothing has to be looked for.
"""

from django.db import migrations

WATCH = """
CREATE FUNCTION leads_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- What others are shown. Computed columns are not computed yet when this runs.
    shown text[] := '{respondent_id,response_id,may_contact,fit,engagement,grade,override_grade,
        weakest_role,organisation,owner_id,stage,next_step_at,next_step}';
    after jsonb := to_jsonb(NEW);
    before jsonb;
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.changed_at := clock_timestamp();
    ELSE
        before := to_jsonb(OLD);
        NEW.carried_at := OLD.carried_at;
        NEW.changed_at := CASE
            WHEN EXISTS (SELECT 1 FROM unnest(shown) AS name
                         WHERE after -> name IS DISTINCT FROM before -> name)
            THEN clock_timestamp() ELSE OLD.changed_at END;
    END IF;
    IF NEW.may_contact AND NEW.carried_at IS NULL THEN
        NEW.carried_at := NEW.scored_at;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER lead_says_when_it_changed BEFORE INSERT OR UPDATE ON leads_lead
    FOR EACH ROW EXECUTE FUNCTION leads_note_change();

-- The grade that counts: a person's own stands before the computed one.
CREATE FUNCTION leads_get_grade(lead jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(nullif(lead ->> 'override_grade', ''), lead ->> 'grade')
$$;

CREATE FUNCTION leads_note_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    grade text;
    before text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        -- Only of somebody others have been told about.
        IF OLD.carried_at IS NOT NULL THEN
            INSERT INTO leads_event (kind, respondent_id, lead_id, details)
            VALUES ('respondent.erased', OLD.respondent_id, OLD.id, '{}');
        END IF;
        RETURN NULL;
    END IF;
    IF NOT NEW.may_contact THEN
        RETURN NULL;
    END IF;
    grade := leads_get_grade(to_jsonb(NEW));
    before := CASE TG_OP WHEN 'UPDATE' THEN leads_get_grade(to_jsonb(OLD)) END;
    IF TG_OP = 'INSERT' OR NOT OLD.may_contact THEN
        INSERT INTO leads_event (kind, respondent_id, lead_id, details, happened_at)
        VALUES ('lead.created', NEW.respondent_id, NEW.id,
                jsonb_build_object('grade', grade), NEW.scored_at);
    ELSIF grade <> before THEN
        INSERT INTO leads_event (kind, respondent_id, lead_id, details, happened_at)
        VALUES ('lead.graded', NEW.respondent_id, NEW.id,
                jsonb_build_object('grade', grade, 'before', before), now());
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.owner_id IS NOT NULL
        AND NEW.owner_id IS DISTINCT FROM OLD.owner_id
    THEN
        INSERT INTO leads_event (kind, respondent_id, lead_id, details)
        VALUES ('lead.taken', NEW.respondent_id, NEW.id,
                jsonb_build_object('owner_id', NEW.owner_id));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER lead_events AFTER INSERT OR UPDATE OR DELETE ON leads_lead
    FOR EACH ROW EXECUTE FUNCTION leads_note_event();

CREATE FUNCTION leads_note_consent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was text := CASE WHEN TG_OP = 'UPDATE' THEN OLD.state ELSE '' END;
BEGIN
    IF NOT ((NEW.state = 'confirmed' AND was <> 'confirmed')
            OR (NEW.state = 'withdrawn' AND was = 'confirmed')) THEN
        RETURN NULL;
    END IF;
    -- Others hear of nobody who has not asked to be contacted.
    IF NEW.purpose <> 'contact' AND NOT EXISTS (
        SELECT 1 FROM campaigns_consent
        WHERE respondent_id = NEW.respondent_id AND purpose = 'contact' AND state = 'confirmed'
    ) THEN
        RETURN NULL;
    END IF;
    INSERT INTO leads_event (kind, respondent_id, details, happened_at)
    VALUES (CASE NEW.state WHEN 'confirmed' THEN 'consent.given' ELSE 'consent.withdrawn' END,
            NEW.respondent_id, jsonb_build_object('purpose', NEW.purpose),
            CASE NEW.state WHEN 'confirmed' THEN NEW.confirmed_at ELSE NEW.withdrawn_at END);
    RETURN NULL;
END $$;
CREATE TRIGGER consent_events AFTER INSERT OR UPDATE ON campaigns_consent
    FOR EACH ROW EXECUTE FUNCTION leads_note_consent();
"""
UNWATCH = """
DROP TRIGGER lead_says_when_it_changed ON leads_lead;
DROP TRIGGER lead_events ON leads_lead;
DROP TRIGGER consent_events ON campaigns_consent;
DROP FUNCTION leads_note_change();
DROP FUNCTION leads_note_event();
DROP FUNCTION leads_note_consent();
DROP FUNCTION leads_get_grade(jsonb);
"""
# Before the triggers, so that nobody is told of what is old.
KNOWN = "UPDATE leads_lead SET carried_at = created_at WHERE may_contact"


class Migration(migrations.Migration):
    dependencies = [("leads", "0030_integrations"), ("campaigns", "0011_delivery_events_smaller")]

    operations = [
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
        migrations.RunSQL(WATCH, UNWATCH),
    ]
