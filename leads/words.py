"""Why a lead has its grade, in the words a consultant says aloud."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from leads.scoring_rules import Rules

_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

FACTS = {
    "answered": _("answered a question in a mail"),
    "asked_again": _("took the test again"),
    "clicked": _("clicked a link in a mail"),
    "confirmed": _("confirmed the address"),
    "contact_allowed": _("asked to be contacted"),
    "replied": _("replied to a mail"),
    "sequence_completed": _("has had every mail"),
}

# What is in the way of rules of the score.
RULE_FAULTS = {
    "engagement_floors": _(
        "Each engagement grade must need more points than the next, and 1 at most the ceiling."
    ),
    "fit_floors": _(
        "Each fit grade must need more points than the next, and A at most the ceiling."
    ),
    "half_life": _("A half-life is 1 to 730 days."),
    "most": _("The ceiling is 1 to 100 points."),
    "points": _("A fact is worth 0 to 100 points."),
    "unknown_kind": _("There is a kind of fact that nobody knows."),
}
# What is wrong with leads, how many, and what to do about it.
INVARIANTS = {
    "no stored score differs from its rows": _(
        "Leads with a score that does not follow from what is known of them: %(n)d."
        " “manage.py rebuild_leads” scores all again; with --check it says what differs."
    ),
    "no lead has a grade set by hand that nobody wrote down": _(
        "Leads with a grade by hand that nobody gave a reason for: %(n)d. Somebody has changed"
        " the database: “manage.py rebuild_leads --check” names them, and their pages take it back."
    ),
    "no grade set by hand has outlived its day": _(
        "Grades by hand that count although their last day has passed: %(n)d. Does a worker run?"
    ),
}
# How an override ended, where no person gave a reason.
ENDINGS = {"expired": _("its last day has passed"), "lifted": _("taken back")}

RULE_PARTS = {
    "engagement_floors": _("Engagement %(name)s from"),
    "fit_floors": _("Fit %(name)s from"),
    "half_life_days": _("%(name)s: half after days"),
    "points": _("%(name)s: points when fresh"),
}


def describe_invariant(sentence: str, count: int) -> str:
    return str(INVARIANTS[sentence]) % {"n": count}


def describe_rule_place(place: str) -> str:
    """The words for a dotted place in the document of the rules."""
    first, _dot, rest = place.partition(".")
    if first == "facts":
        kind, _dot, part = rest.partition(".")
        name = str(FACTS.get(kind, kind))
        return str(RULE_PARTS[part]) % {"name": name} if part else name
    if first == "most":
        return gettext("Ceiling of each axis")
    return str(RULE_PARTS[first]) % {"name": rest}


def strip_directions(name: str) -> str:
    """A name as people wrote it, without what would turn the writing around it."""
    return _DIRECTION.sub("", name)


def get_name(lead: Any) -> str:
    """A lead as colleagues speak of it: first name and organisation, and never the address."""
    name = strip_directions(lead.respondent.first_name).strip()
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
    if str(what)[:1].isdigit():  # else it reads as one number with the points
        what = gettext("“%(answer)s”") % {"answer": what}
    when = describe_age(reason["days_ago"])
    return f"{reason['points']:+d} {what} {when}".strip()


def describe_rule(rules: Rules) -> str:
    """How a lead is scored, for the person it is about."""
    facts = (
        gettext("%(what)s: %(points)d, halved every %(days)d days")
        % {"what": FACTS.get(kind, kind), "points": fact.points, "days": fact.half_life_days}
        for kind, fact in rules.facts.items()
        if fact.points
    )
    return gettext(
        "Fit adds up the points of the background answers; from %(fit)s points on it is A, B or C,"
        " else D. Engagement adds up the points of what you have done (%(facts)s); from"
        " %(engagement)s points on it is 1, 2 or 3, else 4. Each is at most %(most)d. The grade"
        " decides only in which order a consultant gets in touch. A person always looks first."
    ) % {
        "fit": ", ".join(map(str, rules.fit_floors)),
        "engagement": ", ".join(map(str, rules.engagement_floors)),
        "facts": "; ".join(facts),
        "most": rules.most,
    }


def describe_silence(days: int) -> str:
    """“today”, “14 days”."""
    if days < 1:
        return gettext("today")
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def describe_age(days: int | None) -> str:
    if days is None:
        return ""
    if days == 0:
        return gettext("today")
    if days == 1:
        return gettext("yesterday")
    return ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}
