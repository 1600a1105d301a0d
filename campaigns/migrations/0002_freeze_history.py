from django.db import migrations

FREEZE = """
CREATE FUNCTION campaigns_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.document, NEW.compiled, NEW.number, NEW.campaign_id, NEW.published_at)
        IS NOT DISTINCT FROM (OLD.document, OLD.compiled, OLD.number, OLD.campaign_id, OLD.published_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a published version never changes' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER campaign_version_is_frozen
    BEFORE UPDATE OR DELETE ON campaigns_campaignversion
    FOR EACH ROW EXECUTE FUNCTION campaigns_refuse_change();

-- Appending only. The one exception is the purge of what is too old to keep, which says so for
-- the length of its transaction: SET LOCAL pmo.purge = 'on'.
CREATE FUNCTION campaigns_only_append() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('pmo.purge', true) = 'on' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION '% rows are never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER consent_event_is_only_appended
    BEFORE UPDATE OR DELETE ON campaigns_consentevent
    FOR EACH ROW EXECUTE FUNCTION campaigns_only_append();
CREATE TRIGGER consent_wording_is_only_appended
    BEFORE UPDATE OR DELETE ON campaigns_consentwording
    FOR EACH ROW EXECUTE FUNCTION campaigns_only_append();
CREATE TRIGGER compiled_mail_is_only_appended
    BEFORE UPDATE OR DELETE ON campaigns_compiledmail
    FOR EACH ROW EXECUTE FUNCTION campaigns_only_append();
"""
THAW = """
DROP TRIGGER campaign_version_is_frozen ON campaigns_campaignversion;
DROP FUNCTION campaigns_refuse_change();
DROP TRIGGER consent_event_is_only_appended ON campaigns_consentevent;
DROP TRIGGER consent_wording_is_only_appended ON campaigns_consentwording;
DROP TRIGGER compiled_mail_is_only_appended ON campaigns_compiledmail;
DROP FUNCTION campaigns_only_append();
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]

    operations = [migrations.RunSQL(FREEZE, THAW)]
