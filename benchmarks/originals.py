"""A few people taken through the test and two mails by the program itself, to be copied from.

What they leave behind is kept in the schema `originals`, one table for each of ours, where `n`
says which of them a row belongs to.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from django.db import connection

from assessments.models import Answer, AssessmentVersion, Respondent, Response
from benchmarks.inventory import get_table_name
from campaigns import advancing, permission, sending
from campaigns.models import (
    CampaignVersion,
    Consent,
    ConsentEvent,
    ConsentOrigin,
    Enrolment,
    Message,
)
from campaigns.transport import Accepted, Form, Parcel
from leads import refreshing
from leads.models import Lead
from tests import factories

PEOPLE = 40
# A Tuesday morning in an open window, five weeks before the moment that is measured.
BEGAN = datetime(2026, 8, 11, 7, 0, tzinfo=UTC)
HISTORY = 2

# Each of our tables, and how its rows know their person.
OWNERS = {
    Respondent: "row.id = person.respondent_id",
    Response: "row.id = person.response_id",
    Answer: "row.response_id = person.response_id",
    Consent: "row.respondent_id = person.respondent_id",
    ConsentOrigin: "row.respondent_id = person.respondent_id",
    ConsentEvent: "row.subject_key = person.subject_key",
    Lead: "row.respondent_id = person.respondent_id",
    Enrolment: "row.respondent_id = person.respondent_id",
    Message: "row.respondent_id = person.respondent_id",
}


class Sink:
    """A transport that takes everything, at the price of a function call."""

    takes: Form = "bytes"

    def send(self, *, parcels: Sequence[Parcel], is_over: Callable[[], bool]) -> None:
        for parcel in parcels:
            name = parcel.mail.message_id[1:14].upper()
            parcel.outcome = Accepted(evidence=f"250 2.0.0 Ok: queued as {name}")


def make_originals() -> None:
    version = factories.publish_campaign()
    test = factories.publish_test()
    enrolments = [_make_enrolment(version, test, number) for number in range(PEOPLE)]
    for hours in (0, 3 * 24 + 2):
        _mail_all(BEGAN + timedelta(hours=hours))
    sent = Message.objects.filter(state=Message.State.SENT)
    counted = Counter(sent.values_list("enrolment_id", flat=True))
    if set(counted.values()) != {HISTORY} or len(counted) != PEOPLE:
        raise RuntimeError("the shipped campaign no longer sends two mails within three days")
    for enrolment in enrolments:
        refreshing.refresh_lead(respondent_id=enrolment.respondent_id, now=BEGAN)
    _keep(enrolments)


def _make_enrolment(version: CampaignVersion, test: AssessmentVersion, number: int) -> Enrolment:
    """Answers differ from person to person, so that tips and values do."""
    scored = [each for each in test.document["questions"] if not each.get("background")]
    turns = itertools.count(number)
    answers = {
        each["key"]: each["choices"][next(turns) * (number + 1) % len(each["choices"])]["key"]
        for each in scored
    }
    return factories.make_enrolment(
        version,
        email=f"person{number}@example.se",
        first_name=f"Alva-{number}",
        language="en" if number % 4 == 3 else "sv",
        answers=answers,
        now=BEGAN,
    )


def _mail_all(at: datetime) -> None:
    """A tip gets a moment of its own within the half-hour; none is before its time."""
    advancing.plan_due(now=at, limit=PEOPLE)
    sending.send_due(now=at + timedelta(hours=1), limit=PEOPLE, transport=Sink())


def _keep(enrolments: list[Enrolment]) -> None:
    people = [
        (
            number,
            each.respondent_id,
            each.response_id,
            permission.get_subject_key(each.respondent.email),
        )
        for number, each in enumerate(enrolments)
    ]
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA originals")
        cursor.execute(
            "CREATE TABLE originals.person"
            " (n int, respondent_id bigint, response_id uuid, subject_key text)"
        )
        cursor.executemany("INSERT INTO originals.person VALUES (%s, %s, %s, %s)", people)
        for model, owner in OWNERS.items():
            table = get_table_name(model)
            cursor.execute(
                f"CREATE TABLE originals.{table} AS SELECT person.n, row.* FROM {table} row"
                f" JOIN originals.person person ON {owner}"
            )
        cursor.execute(f"ANALYZE originals.{get_table_name(Answer)}")
