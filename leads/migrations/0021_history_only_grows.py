"""What was done with a lead is only ever added to; and nobody is told of what is old news."""

from django.db import migrations

FREEZE = """
-- Appending only, but for the purge and the erasure of a person, which say so for the length of
-- their transaction: SET LOCAL pmo.purge = 'on'. Who did it may be forgotten with the account.
CREATE FUNCTION leads_only_append() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('pmo.purge', true) = 'on' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION '% rows are never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER stage_change_is_only_appended
    BEFORE DELETE OR UPDATE OF lead_id, before, after, reason, text, at ON leads_stagechange
    FOR EACH ROW EXECUTE FUNCTION leads_only_append();
CREATE TRIGGER hand_over_is_only_appended
    BEFORE DELETE OR UPDATE OF lead_id, kind, is_for_organisation, reason, at ON leads_handover
    FOR EACH ROW EXECUTE FUNCTION leads_only_append();

UPDATE leads_lead SET alerted_grade = effective_grade;
"""
THAW = """
DROP TRIGGER stage_change_is_only_appended ON leads_stagechange;
DROP TRIGGER hand_over_is_only_appended ON leads_handover;
DROP FUNCTION leads_only_append();
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0020_work")]

    operations = [migrations.RunSQL(FREEZE, THAW)]
