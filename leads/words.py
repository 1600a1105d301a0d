"""Why a lead has its grade, in the words a consultant says aloud."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

FACTS = {
    "answered": _("answered a question in a mail"),
    "asked_again": _("took the test again"),
    "clicked": _("followed a link in a mail"),
    "confirmed": _("confirmed the address"),
    "contact_allowed": _("asked to be contacted"),
    "replied": _("wrote back"),
    "sequence_completed": _("has had every mail"),
}


def get_name(lead: Any) -> str:
    """A lead as colleagues speak of it: first name and organisation, and never the address."""
    name = _DIRECTION.sub("", lead.respondent.first_name).strip()
    known = ", ".join(each for each in (name, lead.organisation) if each)
    return known or gettext("Lead %(number)d") % {"number": lead.pk}


HAND_OVERS = {
    "taken": _("%(after)s took the lead"),
    "released": _("%(before)s released the lead"),
    "reassigned": _("From %(before)s to %(after)s"),
    "held": _("Mail is held"),
    "resumed": _("Mail goes on"),
    "silent": _("Mail goes on, because nothing had happened for long"),
}


def describe_hand_over(*, kind: str, before: str, after: str, is_for_organisation: bool) -> str:
    sentence = str(HAND_OVERS[kind]) % {"before": before, "after": after}
    return f"{sentence} ({gettext('colleagues too')})" if is_for_organisation else sentence


def describe_reasons(reasons: Iterable[Mapping[str, Any]]) -> list[str]:
    return [describe_reason(each) for each in reasons]


def describe_reason(reason: Mapping[str, Any]) -> str:
    """“+25 confirmed the address 3 days ago”, “+20 PMO lead”."""
    what = reason["label"] or FACTS.get(reason["key"], reason["key"])
    when = describe_age(reason["days_ago"])
    return f"{reason['points']:+d} {what} {when}".strip()


def describe_age(days: int | None) -> str:
    if days is None:
        return ""
    if days == 0:
        return gettext("today")
    if days == 1:
        return gettext("yesterday")
    return ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}
