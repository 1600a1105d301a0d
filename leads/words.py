"""Why a lead has its grade, in the words a consultant says aloud."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

FACTS = {
    "clicked": _("followed a link in a mail"),
    "asked_again": _("took the test again"),
    "confirmed": _("confirmed the address"),
    "contact_allowed": _("asked to be contacted"),
    "sequence_completed": _("has had every mail"),
}


def describe_reasons(reasons: Iterable[Mapping[str, Any]]) -> list[str]:
    return [describe_reason(each) for each in reasons]


def describe_reason(reason: Mapping[str, Any]) -> str:
    """“+25 confirmed the address 3 days ago”, “+20 PMO lead”."""
    what = reason["label"] or FACTS.get(reason["key"], reason["key"])
    when = describe_age(reason["days_ago"])
    return f"{reason['points']:+d} {what} {when}".strip()


def describe_rule() -> str:
    """How a lead is scored, for the person it is about."""
    return gettext(
        "Fit (A–D) adds up the points of the background answers, and engagement (1–4) the points"
        " of what you have done, halved every 30 days; each at most 100. 60 points or more is A or"
        " 1, 40 is B or 2, 20 is C or 3, less is D or 4. It decides only in which order a"
        " consultant gets in touch. A person always looks first."
    )


def describe_age(days: int | None) -> str:
    if days is None:
        return ""
    if days == 0:
        return gettext("today")
    if days == 1:
        return gettext("yesterday")
    return ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}
