"""What this app keeps about people."""

from datetime import datetime

from assessments import personal_data
from assessments.models import (
    Answer,
    Assessment,
    AssessmentVersion,
    Choice,
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
from assessments.personal_data import Kind, Purpose, Retention, Rows, describe

FIELDS = [
    *describe(
        Respondent,
        "email first_name language created_at",
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


def register() -> None:
    personal_data.register(
        app="assessments", fields=FIELDS, impersonal=IMPERSONAL, export=export, erase=erase
    )


def export(*, respondent_id: int) -> dict[str, Rows]:
    theirs = Response.objects.filter(respondent=respondent_id).order_by("started_at")
    answers = Answer.objects.filter(response__in=theirs).order_by("answered_at")
    return {
        "person": personal_data.read_rows(Respondent.objects.filter(pk=respondent_id)),
        "responses": personal_data.read_rows(theirs),
        "answers": personal_data.read_rows(answers),
    }


def erase(*, respondent_id: int, now: datetime) -> None:
    """Everything hangs on the person. Mirrors keep the random numbers of those who were in them,
    which lead nowhere then, so that nobody can be found by comparing two of them.
    """
