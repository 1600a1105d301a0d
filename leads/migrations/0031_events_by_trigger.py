"""Events are written by the database, in the transaction in which they happen: whoever changes a
lead or a consent, and however, nothing is forgotten and nothing has to be looked for.
"""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations

# What others are shown of a lead: a change of any moves `changed_at`.
SHOWN = (
    "respondent_id", "response_id", "may_contact", "fit", "engagement", "grade", "override_grade",
    "weakest_role", "organisation", "owner_id", "stage", "next_step_at", "next_step",
)
# What may be an event.
TOLD = ("may_contact", "grade", "override_grade", "owner_id")
# A person's own grade stands before the computed one.
GRADE = "coalesce(nullif({row}.override_grade, ''), {row}.grade)"

WATCH_LEADS = """
CREATE FUNCTION leads_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.changed_at := clock_timestamp();
    ELSE
        NEW.carried_at := OLD.carried_at;
        NEW.changed_at := OLD.changed_at;
        IF ({new_shown}) IS DISTINCT FROM ({old_shown}) THEN
            NEW.changed_at := clock_timestamp();
        END IF;
    END IF;
    IF NEW.may_contact AND NEW.carried_at IS NULL THEN
        NEW.carried_at := NEW.scored_at;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER lead_says_when_it_changed BEFORE INSERT OR UPDATE ON leads_lead
    FOR EACH ROW EXECUTE FUNCTION leads_note_change();

CREATE FUNCTION leads_note_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        -- Only of somebody others have been told about.
        IF OLD.carried_at IS NOT NULL THEN
            INSERT INTO leads_event (kind, respondent_id, lead_id, details)
            VALUES ('respondent.erased', OLD.respondent_id, OLD.id, '{{}}');
        END IF;
        RETURN NULL;
    END IF;
    IF NOT NEW.may_contact THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' OR NOT OLD.may_contact THEN
        INSERT INTO leads_event (kind, respondent_id, lead_id, details, happened_at)
        VALUES ('lead.created', NEW.respondent_id, NEW.id,
                jsonb_build_object('grade', {new_grade}), NEW.scored_at);
    ELSIF {new_grade} <> {old_grade} THEN
        INSERT INTO leads_event (kind, respondent_id, lead_id, details)
        VALUES ('lead.graded', NEW.respondent_id, NEW.id,
                jsonb_build_object('grade', {new_grade}, 'before', {old_grade}));
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
CREATE TRIGGER lead_comes_and_goes AFTER INSERT OR DELETE ON leads_lead
    FOR EACH ROW EXECUTE FUNCTION leads_note_event();
CREATE TRIGGER lead_events AFTER UPDATE ON leads_lead
    FOR EACH ROW WHEN (({new_told}) IS DISTINCT FROM ({old_told}))
    EXECUTE FUNCTION leads_note_event();
"""
WATCH_CONSENTS = """
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
DROP TRIGGER lead_comes_and_goes ON leads_lead;
DROP TRIGGER lead_events ON leads_lead;
DROP TRIGGER consent_events ON campaigns_consent;
DROP FUNCTION leads_note_change();
DROP FUNCTION leads_note_event();
DROP FUNCTION leads_note_consent();
"""
# Before the triggers, so that nobody is told of what is old.
KNOWN = "UPDATE leads_lead SET carried_at = created_at WHERE may_contact"


def watch_leads(apps: Apps, schema_editor: Any) -> None:
    columns = {field.column for field in apps.get_model("leads", "Lead")._meta.concrete_fields}
    grade = GRADE if "override_grade" in columns else "{row}.grade"
    words = {"new_grade": grade.format(row="NEW"), "old_grade": grade.format(row="OLD")}
    for name, wanted in (("shown", SHOWN), ("told", TOLD)):
        kept = [column for column in wanted if column in columns]
        for row in ("NEW", "OLD"):
            words[f"{row.lower()}_{name}"] = ", ".join(f"{row}.{column}" for column in kept)
    schema_editor.execute(WATCH_LEADS.format(**words))


class Migration(migrations.Migration):
    dependencies = [("leads", "0030_integrations"), ("campaigns", "0011_delivery_events_smaller")]

    operations = [
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
        migrations.RunSQL(WATCH_CONSENTS, UNWATCH),
        migrations.RunPython(watch_leads, migrations.RunPython.noop),
    ]
