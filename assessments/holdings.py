"""What this app keeps about people."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Max

from assessments import document, personal_data, purging, words
from assessments.models import (
    AddressKey,
    Answer,
    Assessment,
    AssessmentVersion,
    Choice,
    Erasure,
    Mirror,
    Question,
    Respondent,
    Response,
    Role,
    RoleText,
    ShippedItem,
    Snapshot,
    Tally,
    VerdictText,
)
from assessments.personal_data import Kind, Purpose, Retention, Rows, Section, describe

FIELDS = [
    *describe(
        Respondent,
        "email first_name language created_at alive_at warned_at",
        kind=Kind.CONTACT,
        purpose=Purpose.TIPS,
        retention=Retention.PERSON,
    ),
    *describe(
        Response,
        "id respondent version language started_at completed_at result series previous",
        kind=Kind.ANSWERS,
        purpose=Purpose.TEST,
        retention=Retention.TEST,
    ),
    *describe(
        Response,
        "organisation shared_at",
        kind=Kind.GROUP,
        purpose=Purpose.COMPARISON,
        retention=Retention.TEST,
    ),
    *describe(
        Answer,
        "response question_key choice_key answered_at seconds",
        kind=Kind.ANSWERS,
        purpose=Purpose.TEST,
        retention=Retention.TEST,
    ),
    *describe(
        Mirror,
        "members",
        kind=Kind.GROUP,
        purpose=Purpose.COMPARISON,
        retention=Retention.GROUP,
    ),
    *describe(
        Erasure,
        "receipt subject_key erased_at",
        kind=Kind.ERASURE,
        purpose=Purpose.DO_NOT_CONTACT,
        retention=Retention.EVIDENCE,
    ),
    *describe(
        AssessmentVersion,
        "published_by",
        kind=Kind.STAFF,
        purpose=Purpose.ADMINISTRATION,
        retention=Retention.STAFF,
    ),
]
ARTICLE = (
    "article_title article_preamble article_body article_signals_heading article_roles_heading "
    "article_roles_intro article_shift_heading article_shift_text article_invitation_heading "
    "article_invitation_text article_start_label"
)
IMPERSONAL = {
    AddressKey: ["mark"],
    Assessment: ["key", "title", *ARTICLE.split()],
    AssessmentVersion: ["document"],
    Choice: ["key", "label"],
    Mirror: ["bands"],
    Question: ["key", "signal", "signal_text", "text"],
    Response: ["is_tallied"],
    Role: ["key", "name", "description"],
    RoleText: ["text", "step"],
    ShippedItem: ["key", "digest"],
    Snapshot: ["columns"],
    Tally: ["question_key", "seconds"],
    VerdictText: ["title", "text"],
}


SECTIONS = {
    "person": Section(model=Respondent),
    "responses": Section(model=Response, extra={"test": "string", "test_number": "integer"}),
    "answers": Section(
        model=Answer, extra={"question": "string", "choice": "string", "points": "integer"}
    ),
    "scores": Section(
        extra={
            "response": "string",
            "role": "string",
            "name": "string",
            "points": "integer",
            "tier": "string",
            "answered": "integer",
            "asked": "integer",
            "rule": "string",
        }
    ),
    "score_parts": Section(
        extra={
            "response": "string",
            "role": "string",
            "question_key": "string",
            "choice_key": "string",
            "points": "integer",
            "weight": "integer",
        }
    ),
    "mirrors": Section(extra={"organisation": "string", "frozen_at": "string", "member": "string"}),
}


def register() -> None:
    personal_data.register(
        app="assessments",
        fields=FIELDS,
        impersonal=IMPERSONAL,
        sections=SECTIONS,
        export=export,
        erase=erase,
        get_signs=get_signs,
        forgettings=purging.FORGETTINGS,
    )


def export(*, respondent_id: int) -> dict[str, Rows]:
    theirs = Response.objects.filter(respondent=respondent_id).order_by("started_at", "pk")
    responses = list(theirs.select_related("version__assessment", "respondent"))
    answers = Answer.objects.filter(response__in=theirs).order_by("answered_at", "pk")
    rows = personal_data.read_rows(answers)
    return {
        "person": personal_data.read_rows(Respondent.objects.filter(pk=respondent_id)),
        "responses": [
            row | {"test": response.version.assessment.key, "test_number": response.version.number}
            for row, response in zip(personal_data.read_rows(theirs), responses, strict=True)
        ],
        "answers": [row | _read_answer(row, responses) for row in rows],
        "scores": [row for response in responses for row in _read_scores(response)],
        "score_parts": [row for each in responses for row in _read_parts(each, rows)],
        "mirrors": _read_mirrors(responses),
    }


def get_signs(*, respondent_ids: Collection[int]) -> dict[int, datetime]:
    """The last sitting that was begun."""
    theirs = Response.objects.filter(respondent__in=respondent_ids).order_by()
    return dict(theirs.values_list("respondent").annotate(Max("started_at")))


def erase(*, respondent_id: int, now: datetime) -> None:
    """Everything hangs on the person. Mirrors keep the random numbers of those who were in them,
    which lead nowhere then, so that nobody can be found by comparing two of them.
    """


def _read_answer(row: dict[str, Any], responses: Iterable[Response]) -> dict[str, Any]:
    """What was asked, and what was answered, in the person's words."""
    response = next(each for each in responses if each.pk == row["response"])
    questions = _get_texts(response)["questions"]
    question = next(each for each in questions if each["key"] == row["question_key"])
    choice = next(each for each in question["choices"] if each["key"] == row["choice_key"])
    return {
        "question": question["text"],
        "choice": choice["label"],
        "points": choice.get("points"),
    }


def _read_scores(response: Response) -> Iterator[dict[str, Any]]:
    """Each score with the rule that made it; the empty role is the whole test."""
    if response.result is None:
        return
    names = {"": ""} | {role["key"]: role["name"] for role in _get_texts(response)["roles"]}
    for role, name in names.items():
        score = response.result["roles"][role] if role else response.result["overall"]
        yield {
            "response": response.pk,
            "role": role,
            "name": name,
            "rule": words.describe_rule(document.get_scheme(response.document), role=role),
            **{key: score[key] for key in ("points", "tier", "answered", "asked")},
        }


def _read_parts(response: Response, answers: Rows) -> Iterator[dict[str, Any]]:
    """The points behind each score: one row per scored answer and role that it counts for."""
    given = {
        row["question_key"]: row["choice_key"] for row in answers if row["response"] == response.pk
    }
    for question in document.get_scheme(response.document).questions:
        choice = given.get(question.key)
        for role, weight in ("", 1), *question.weights.items():
            if choice is not None:
                yield {
                    "response": response.pk,
                    "role": role,
                    "question_key": question.key,
                    "choice_key": choice,
                    "points": question.points[choice],
                    "weight": weight,
                }


def _read_mirrors(responses: Iterable[Response]) -> Rows:
    """Those that the person is in, without the others."""
    own = {str(response.pk): response.organisation_id for response in responses}
    mirrors = Mirror.objects.filter(organisation__in=[each for each in own.values() if each])
    return [
        {
            "organisation": mirror.organisation_id,
            "frozen_at": mirror.frozen_at,
            "member": member,
        }
        for mirror in mirrors.order_by("frozen_at")
        for member in mirror.members.values()
        if member in own
    ]


def _get_texts(response: Response) -> dict[str, Any]:
    person = response.respondent
    return response.get_texts(person.language if person else response.language)
