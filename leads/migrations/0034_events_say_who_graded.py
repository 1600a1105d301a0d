"""An event about a grade says which one counts, which was computed, and who decided. What the API
shows besides, the last day of a grade set by hand and when a lead was taken, moves its date.
"""

from django.db import migrations

# What others are shown of a lead: a change of any moves `changed_at`.
SHOWN = (
    "respondent_id", "response_id", "may_contact", "fit", "engagement", "grade", "override_grade",
    "weakest_role", "organisation", "owner_id", "stage", "next_step_at", "next_step",
)
SHOWN_TOO = ("override_until", "taken_at")
COUNTS = "coalesce(nullif({row}.override_grade, ''), {row}.grade)"
GRADED = "jsonb_build_object('grade', {new_grade})"
WHO_GRADED = """jsonb_build_object(
        'grade', {new_grade}, 'computed_grade', NEW.grade,
        'graded_by', CASE NEW.override_grade WHEN '' THEN 'score' ELSE 'person' END)"""

NOTE_CHANGE = """
CREATE OR REPLACE FUNCTION leads_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""
NOTE_EVENT = """
CREATE OR REPLACE FUNCTION leads_note_event() RETURNS trigger LANGUAGE plpgsql AS $$
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
        VALUES ('lead.created', NEW.respondent_id, NEW.id, {graded}, NEW.scored_at);
    ELSIF {new_grade} <> {old_grade} THEN
        INSERT INTO leads_event (kind, respondent_id, lead_id, details)
        VALUES ('lead.graded', NEW.respondent_id, NEW.id,
                {graded} || jsonb_build_object('before', {old_grade}));
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
"""


def write(shown: tuple[str, ...], graded: str) -> str:
    words = {"new_grade": COUNTS.format(row="NEW"), "old_grade": COUNTS.format(row="OLD")}
    for row in ("NEW", "OLD"):
        words[f"{row.lower()}_shown"] = ", ".join(f"{row}.{column}" for column in shown)
    return NOTE_CHANGE.format(**words) + NOTE_EVENT.format(
        **words, graded=graded.format(**words)
    )


class Migration(migrations.Migration):
    dependencies = [("leads", "0033_proposals")]

    operations = [
        migrations.RunSQL(write((*SHOWN, *SHOWN_TOO), WHO_GRADED), write(SHOWN, GRADED)),
    ]
