"""The problems of a draft, and the places they are in, as a marketer reads them."""

from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from assessments import scoring

PROBLEMS = {
    "key_used_twice": _("The key is used twice."),
    "missing": _("Is missing altogether."),
    "missing_translation": _("The text is missing."),
    "moved_by_fewer_than_two_questions": _(
        "Fewer than two questions move this role. Give it weight in one more."
    ),
    "moves_no_role": _("The question moves no role. Give it a weight."),
    "not_a_weight_of_a_role": _("Is no weight of a role of this test."),
    "not_in_order": _("The tiers must follow each other: 0 < developing < strong ≤ 100."),
    "points_outside_0_to_100": _("The points must lie between 0 and 100."),
    "too_few_choices": _("The question needs at least two choices."),
}
PLACES = {
    "article": _("Article"),
    "body": _("text"),
    "choices": _("choice"),
    "description": _("description"),
    "developing": _("On its way"),
    "label": _("text"),
    "name": _("name"),
    "questions": _("Question"),
    "roles": _("Role"),
    "signal": _("signal"),
    "signal_text": _("signal, in the article"),
    "step": _("development step"),
    "strong": _("Strong"),
    "text": _("text"),
    "texts": _("texts for the tiers"),
    "tiers": _("Tiers"),
    "title": _("title"),
    "verdicts": _("Verdict"),
    "weak": _("To develop"),
    "weights": _("weight"),
}


def describe_problem(code: str) -> str:
    return str(PROBLEMS.get(code, code))


def describe_rule(scheme: scoring.Scheme, *, role: str) -> str:
    """How points become a score and a tier, for the person they are about."""
    values = {"developing": scheme.developing_from, "strong": scheme.strong_from}
    mean = (
        gettext("The mean of the points of the answers that count for the role, by their weights.")
        if role
        else gettext("The mean of the points of all scored answers.")
    )
    rest = gettext(
        "Rounded to whole points, half upwards. “Don’t know” counts as no answer, and with fewer"
        " than half of the answers there is no score. Weak below %(developing)d, strong from"
        " %(strong)d, developing in between."
    )
    return f"{mean} {rest % values}"


def describe_place(place: str, names: Mapping[str, str]) -> str:
    """`roles.brobyggare.texts.weak.step.en` → “Role · Brobyggare · … · English”."""
    return " · ".join(_describe_part(part, names) for part in place.split("."))


def _describe_part(part: str, names: Mapping[str, str]) -> str:
    if part in dict(settings.LANGUAGES):
        return str(get_language_info(part)["name_translated"])
    if part.startswith(("article_", "signals_", "roles_", "shift_", "invitation_", "start_")):
        return gettext("“%(part)s”") % {"part": part.replace("_", " ")}
    return str(names.get(part) or PLACES.get(part, part))
