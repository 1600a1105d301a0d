"""What we tell people, and the authority, about what is kept: made from the field map."""

from django.conf import settings
from django.utils.translation import gettext, ngettext

from assessments.field_map import Retention


def describe_retention(retention: Retention) -> str:
    """How long, with the lengths that the settings have."""
    days = {
        Retention.UNCONFIRMED: settings.KEEP_UNCONFIRMED_DAYS,
        Retention.CONTENTS: settings.KEEP_MAIL_DAYS,
        Retention.REPORTS: settings.KEEP_REPORTS_DAYS,
    }
    if retention in days:
        return describe_days(days[retention])
    values = {
        "hours": settings.KEEP_UNFINISHED_HOURS,
        "anonymous": describe_days(settings.KEEP_ANONYMOUS_DAYS),
        "ip": describe_days(settings.KEEP_IP_DAYS),
        "idle": describe_months(settings.KEEP_IDLE_MONTHS),
        "evidence": describe_months(settings.CONSENT_EVIDENCE_MONTHS),
    }
    return _describe(retention) % values


def describe_days(days: int) -> str:
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def describe_months(months: int) -> str:
    return ngettext("%(n)d month", "%(n)d months", months) % {"n": months}


def _describe(retention: Retention) -> str:
    return {
        Retention.TEST: gettext(
            "without an address %(hours)d hours if unfinished and %(anonymous)s if completed;"
            " otherwise as long as the address"
        ),
        Retention.PERSON: gettext(
            "until you ask for erasure, or %(idle)s without a sign of life; a mail says so first"
        ),
        Retention.IP: gettext("%(ip)s, then only the network"),
        Retention.EVIDENCE: gettext("%(evidence)s after erasure, without the address"),
        Retention.STANDING: gettext("as long as the address must not be written to"),
        Retention.GROUP: gettext("as long as anybody of the group is left"),
        Retention.STAFF: gettext("as long as what the colleague did is there"),
    }[retention]
