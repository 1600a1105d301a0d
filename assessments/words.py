"""The problems of a draft, and the places they are in, as a marketer reads them."""

from collections.abc import Mapping

from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from assessments.document import LANGUAGES, Problem

PROBLEMS = {
    "key_used_twice": lazy("The key is used twice."),
    "missing": lazy("Is missing altogether."),
    "missing_translation": lazy("The text is missing."),
    "moved_by_fewer_than_two_questions": lazy(
        "Fewer than two questions move this role. Give it weight in one more."
    ),
    "moves_no_role": lazy("The question moves no role. Give it a weight."),
    "not_a_weight_of_a_role": lazy("Is no weight of a role of this test."),
    "not_in_order": lazy("The tiers must follow each other: 0 < developing < strong ≤ 100."),
    "points_outside_0_to_100": lazy("The points must lie between 0 and 100."),
    "too_few_choices": lazy("The question needs at least two choices."),
}
PLACES = {
    "article": lazy("Article"),
    "body": lazy("text"),
    "choices": lazy("choice"),
    "description": lazy("description"),
    "developing": lazy("developing"),
    "label": lazy("text"),
    "name": lazy("name"),
    "questions": lazy("Question"),
    "roles": lazy("Role"),
    "signal": lazy("signal"),
    "signal_text": lazy("signal, in the article"),
    "step": lazy("development step"),
    "strong": lazy("strong"),
    "text": lazy("text"),
    "texts": lazy("texts for the tiers"),
    "tiers": lazy("Tiers"),
    "title": lazy("title"),
    "verdicts": lazy("Verdict"),
    "weak": lazy("weak"),
    "weights": lazy("weight"),
}


def describe_problem(problem: Problem) -> str:
    return str(PROBLEMS.get(problem.code, problem.code))


def describe_place(place: str, names: Mapping[str, str]) -> str:
    """`roles.brobyggare.texts.weak.step.en` → “Role · Brobyggare · … · English”."""
    return " · ".join(_describe_part(part, names) for part in place.split("."))


def _describe_part(part: str, names: Mapping[str, str]) -> str:
    if part in LANGUAGES:
        return str(get_language_info(part)["name_translated"])
    if part.startswith(("article_", "signals_", "roles_", "shift_", "invitation_", "start_")):
        return _("“%(part)s”") % {"part": part.replace("_", " ")}
    return str(names.get(part) or PLACES.get(part, part))
