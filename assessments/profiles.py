"""The read-only picture of a respondent and a result that other apps work with.

Also the only place where other apps may write what this app holds: an address, and which
person a response belongs to.
"""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, Func, QuerySet, Value
from django.urls import reverse
from django.utils import translation

from assessments import document, tokens
from assessments.models import (
    Answer,
    AssessmentVersion,
    Respondent,
    Response,
    Tier,
    get_texts,
)

TIERS = document.TIERS
MOST_WORDS, LONGEST_WORD = 8, 60
# As the index respondent_by_words has it.
NAMED_SO = (
    "to_tsvector('simple', translate(lower(first_name || ' ' || email), '@.-_+', '     '))"
    " @@ to_tsquery('simple', %(expressions)s)"
)


@dataclass(frozen=True, kw_only=True)
class RoleProfile:
    """One role as the person's result has it, in the person's language."""

    key: str
    name: str
    points: int | None
    tier: str | None
    label: str
    text: str
    step: str


@dataclass(frozen=True, kw_only=True)
class Background:
    """One background answer: question key, the chosen text, and its points for fit."""

    question: str
    choice: str
    label: str
    fit: int


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A completed response, its result and its person (None before the address is confirmed).

    `weakest` holds the keys of the scored roles, lowest first; `roles` is in the test's order.
    """

    response_id: uuid.UUID
    respondent_id: int | None
    email: str
    first_name: str
    language: str
    assessment_key: str
    completed_at: datetime
    points: int | None
    tier: str | None
    verdict: str
    roles: tuple[RoleProfile, ...]
    weakest: tuple[str, ...]
    background: tuple[Background, ...]

    def get_role(self, key: str) -> RoleProfile:
        return next(role for role in self.roles if role.key == key)


def get_result_path(response_id: uuid.UUID, language: str) -> str:
    """The respondent's own link to the result."""
    return _get_path("result", language, tokens.make("result", response_id))


def get_retake_path(response_id: uuid.UUID, language: str) -> str:
    """Where the respondent takes the test again, with then and now beside each other after."""
    return _get_path("start_again", language, tokens.make("result", response_id))


def get_profile(response_id: uuid.UUID) -> Profile | None:
    """The profile of a completed response; None when there is no such response."""
    return get_profiles([response_id]).get(response_id)


def get_profiles(response_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Profile]:
    """Profiles by response id, in two queries however many; unfinished responses are left out."""
    responses = (
        Response.objects.filter(pk__in=list(response_ids), completed_at__isnull=False)
        .select_related("respondent")
        .in_bulk()
    )
    answers: dict[uuid.UUID, dict[str, str]] = {}
    given = Answer.objects.filter(response__in=responses)
    for response, question, choice in given.values_list(
        "response_id", "question_key", "choice_key"
    ):
        answers.setdefault(response, {})[question] = choice
    return {pk: _build_profile(each, answers.get(pk, {})) for pk, each in responses.items()}


def get_response_id(result_token: str) -> uuid.UUID | None:
    """The response behind a result link; None when the link is not one of ours."""
    return tokens.read("result", result_token)


def normalise_email(email: str) -> str:
    """The identity of an address: lower case, nothing else folded, IDN domains in ASCII."""
    local, _, domain = email.strip().lower().rpartition("@")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


def get_or_create_respondent(*, email: str, language: str, now: datetime) -> int:
    """The person with this (normalised) address. An existing one is not changed."""
    # The unique index, not a look first, decides between two simultaneous requests.
    Respondent.objects.bulk_create(
        [Respondent(email=email, language=language, created_at=now, alive_at=now)],
        ignore_conflicts=True,
    )
    return Respondent.objects.values_list("pk", flat=True).get(email=email)


def find_people(words: str) -> QuerySet[Respondent]:
    """People in whose name or address each of the words begins a word: "lind" finds anna.lindgren@,
    and "region" everybody at region-norr.se. An index knows these beginnings.
    """
    found_words = re.findall(r"\w+", words.replace("_", " ").lower())[:MOST_WORDS]
    beginnings = [f"{word[:LONGEST_WORD]}:*" for word in found_words]
    if not beginnings:
        return Respondent.objects.none()
    found = Func(
        Value(" & ".join(beginnings)),
        template=NAMED_SO,
        output_field=BooleanField(),
    )
    return Respondent.objects.filter(found)


def get_people() -> QuerySet[Respondent]:
    """The rows behind every `respondent_id`, for those who must lock or delete them."""
    return Respondent.objects.all()


def set_language(*, respondent_id: int, language: str) -> None:
    """What the person reads from now on."""
    Respondent.objects.filter(pk=respondent_id).update(language=language)


def set_email(*, respondent_id: int, email: str) -> None:
    """The person has proved the (normalised) address, and is known by it from now on."""
    Respondent.objects.filter(pk=respondent_id).update(email=email)


def get_statements(response_id: uuid.UUID, role_key: str) -> tuple[int, ...]:
    """The numbers of the statements that a role's score was worked out from, in this sitting."""
    response = Response.objects.get(pk=response_id)
    questions = response.document["questions"]
    return tuple(
        number
        for number, question in enumerate(questions, start=1)
        if question.get("weights", {}).get(role_key)
    )


@transaction.atomic
def save_contact(
    *, respondent_id: int, response_id: uuid.UUID, first_name: str, language: str
) -> bool:
    """The person has proved the address: response, name and language are theirs from now on.

    Returns False, and changes nothing, when the response already belongs to somebody else.
    """
    response = Response.objects.select_for_update().get(pk=response_id)
    if response.respondent_id not in (None, respondent_id):
        return False
    response.respondent_id = respondent_id
    response.save(update_fields=["respondent"])
    values = {"language": language} | ({"first_name": first_name} if first_name else {})
    Respondent.objects.filter(pk=respondent_id).update(**values)
    return True


def get_role_keys(*, assessment_key: str) -> tuple[str, ...]:
    """The roles of the published test, in its order; none when it was never published."""
    version = get_published(assessment_key)
    return document.get_scheme(version.document).roles if version else ()


def get_role_names(*, assessment_key: str, language: str) -> dict[str, str]:
    """Role key -> name, of the published test in its order; none when it was never published."""
    versions = AssessmentVersion.objects.filter(assessment__key=assessment_key)
    version_id = versions.order_by("-number").values_list("pk", flat=True).first()
    roles = get_texts(version_id, language)["roles"] if version_id else []
    return {role["key"]: role["name"] for role in roles}


def get_published(assessment_key: str) -> AssessmentVersion | None:
    """The newest version of the test; None when it was never published."""
    versions = AssessmentVersion.objects.filter(assessment__key=assessment_key)
    return versions.order_by("-number").first()


def build_result(
    texts: Mapping[str, Any], result: Mapping[str, Any], language: str
) -> dict[str, Any]:
    """The parts of a Profile that follow from the result alone; `texts` are in its language."""
    tier = result["overall"]["tier"]
    with translation.override(language):
        roles = tuple(_build_role(role, result["roles"][role["key"]]) for role in texts["roles"])
    return {
        "assessment_key": texts["key"],
        "points": result["overall"]["points"],
        "tier": tier,
        "verdict": texts["verdicts"][tier]["title"] if tier else "",
        "roles": roles,
        "weakest": tuple(result["weakest"]),
    }


def _get_path(view: str, language: str, token: str) -> str:
    return _get_pattern(view, language).format(token)


@lru_cache
def _get_pattern(view: str, language: str) -> str:
    """The path with `{}` for the token: Django takes long to find one, and mail has many."""
    with translation.override(language):
        return reverse(f"assessments:{view}", args=["token"]).replace("token", "{}")


def _build_profile(response: Response, answers: Mapping[str, str]) -> Profile:
    person = response.respondent
    language = person.language if person else response.language
    texts = response.get_texts(language)
    assert response.result is not None  # they were filtered by get_profiles
    assert response.completed_at is not None
    return Profile(
        response_id=response.pk,
        respondent_id=person.pk if person else None,
        email=person.email if person else "",
        first_name=person.first_name if person else "",
        language=language,
        completed_at=response.completed_at,
        background=_build_background(texts["questions"], answers),
        **build_result(texts, response.result, language),
    )


def _build_role(role: Mapping[str, Any], score: Mapping[str, Any]) -> RoleProfile:
    tier = score["tier"]
    texts = role["texts"][tier] if tier else {"text": "", "step": ""}
    return RoleProfile(
        key=role["key"],
        name=role["name"],
        points=score["points"],
        tier=tier,
        label=str(Tier(tier).label) if tier else "",
        text=texts["text"],
        step=texts["step"],
    )


def _build_background(
    questions: list[Mapping[str, Any]], answers: Mapping[str, str]
) -> tuple[Background, ...]:
    return tuple(
        Background(
            question=question["key"],
            choice=choice["key"],
            label=choice["label"],
            fit=choice.get("fit", 0),
        )
        for question in questions
        if question.get("background")
        for choice in question["choices"]
        if answers.get(question["key"]) == choice["key"]
    )
