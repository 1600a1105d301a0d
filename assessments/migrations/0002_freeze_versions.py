from django.db import migrations

FREEZE = """
CREATE FUNCTION assessments_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.document, NEW.number, NEW.assessment_id, NEW.published_at)
        IS NOT DISTINCT FROM (OLD.document, OLD.number, OLD.assessment_id, OLD.published_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a published version never changes' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER assessment_version_is_frozen
    BEFORE UPDATE OR DELETE ON assessments_assessmentversion
    FOR EACH ROW EXECUTE FUNCTION assessments_refuse_change();
"""
THAW = """
DROP TRIGGER assessment_version_is_frozen ON assessments_assessmentversion;
DROP FUNCTION assessments_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("assessments", "0001_initial")]

    operations = [migrations.RunSQL(FREEZE, THAW)]
