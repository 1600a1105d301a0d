"""Fills the database with many people under way in the shipped campaign, copied from originals.

Everybody has taken the test, confirmed tips, had two mails and waits for the third. The `due`
first are due now, the others evenly over the next 30 days.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from assessments.models import Answer, Respondent, Response
from benchmarks.indexes import rebuilding
from benchmarks.inventory import get_columns, get_table_name
from benchmarks.originals import PEOPLE as ORIGINALS
from campaigns.models import (
    Consent,
    ConsentEvent,
    ConsentOrigin,
    DeliveryEvent,
    Enrolment,
    Message,
)
from leads.models import Lead
from tests.factories import TUESDAY as NOW

SPREAD_DAYS = 30
STEP_DAYS = 7  # between the second mail and the third, in the shipped campaign
PRIME = 611_953  # moves the due ones all over the tables

PEOPLE = """
    CREATE TABLE originals.many AS
    SELECT i, (i * 7 + i / 40) %% %(originals)s AS n, turn < %(due)s AS is_due,
        CASE WHEN turn < %(due)s
            THEN %(now)s - interval '5 minutes' * (%(due)s - turn) / %(due)s
            ELSE %(now)s + interval '1 day' * %(days)s * (turn - %(due)s + 1) / (%(n)s - %(due)s)
        END AS next_due_at
    FROM generate_series(1, %(n)s::bigint) AS i,
        LATERAL (SELECT (i - 1) * %(stride)s %% %(n)s AS turn) AS placed
"""
# Nobody's history lies ahead: who waits longer than a step has waited a month for it already.
TIMES = """
    ALTER TABLE originals.many ADD sent_at timestamptz;
    UPDATE originals.many SET sent_at = next_due_at - make_interval(days => CASE
        WHEN next_due_at < %(now)s::timestamptz + make_interval(days => %(step)s) THEN %(step)s
        ELSE %(step)s + %(days)s END);
    VACUUM (FULL, ANALYZE) originals.many;
"""

STARTED = "many.sent_at - interval '3 days'"
PERSON = "1000 + many.i"
RESPONSE = "md5('response' || many.i)::uuid"
EMAIL = "'person' || many.i || '@example-' || many.i %% 5000 || '.se'"


@dataclass(frozen=True, kw_only=True)
class Copy:
    """How the rows of one table are made from the originals: `values` by column, as SQL."""

    model: type[models.Model]
    values: Mapping[str, str]
    where: str = "true"


def _get_message(step: int, at: str) -> Copy:
    times = dict.fromkeys(("created_at", "due_at", "sending_at", "sent_at", "ended_at"), at)
    return Copy(
        model=Message,
        values=times
        | {
            "id": f"md5('message' || {step} || '-' || many.i)::uuid",
            "key": f"({PERSON}) || ':' || original.step_key",
            "enrolment_id": PERSON,
            "respondent_id": PERSON,
            "to": EMAIL,
            "not_after": f"{at} + interval '14 days'",
        },
        where=f"original.place = {step}",
    )


OWNED = {"respondent_id": PERSON, "response_id": RESPONSE}
COPIES = (
    Copy(model=Respondent, values={"id": PERSON, "email": EMAIL, "created_at": STARTED}),
    Copy(
        model=Response,
        values={
            "id": RESPONSE,
            "respondent_id": PERSON,
            "series": "md5('series' || many.i)::uuid",
            "started_at": STARTED,
            "completed_at": STARTED,
            "is_tallied": "true",
        },
    ),
    Copy(model=Answer, values={"response_id": RESPONSE, "answered_at": STARTED}),
    Copy(model=Consent, values={"asked_at": STARTED, "confirmed_at": STARTED} | OWNED),
    Copy(
        model=ConsentOrigin,
        values=OWNED
        | dict.fromkeys(("asked_at", "due_at", "confirmed_at"), STARTED)
        | {"ip": "'192.0.2.1'::inet"},
    ),
    Copy(
        model=ConsentEvent,
        values={
            "subject_key": "encode(sha256(('person' || many.i)::bytea), 'hex')",
            "happened_at": STARTED,
        },
    ),
    Copy(model=Lead, values=OWNED | {"created_at": STARTED, "scored_at": STARTED}),
    Copy(
        model=Enrolment,
        values=OWNED
        | {
            "id": PERSON,
            "started_at": STARTED,
            "next_due_at": "many.next_due_at",
            "hold_reason": "''",
            "hold_until": "NULL",
        },
    ),
    _get_message(1, STARTED),
    _get_message(2, "many.sent_at"),
)
TABLES = (*dict.fromkeys(each.model for each in COPIES), DeliveryEvent)


def fill(
    *,
    people: int,
    due: int,
    is_scattered: bool,
    tell: Callable[[str], None],
    is_grown: bool = False,
) -> None:
    """Empty the tables and fill them; statistics and a checkpoint as after a quiet night.

    The indexes are built anew, or have `grown` with the rows as in life, which takes its time.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET session_replication_role = replica")  # foreign keys hold by making
        names = ", ".join(get_table_name(model) for model in TABLES)
        cursor.execute(f"TRUNCATE {names} CASCADE")
        _place_people(cursor, people=people, due=due, stride=PRIME if is_scattered else 1)
        tables = [] if is_grown else [get_table_name(model) for model in TABLES]
        with rebuilding(cursor, tables):
            for copy in COPIES:
                cursor.execute(get_sql(copy), [])
                tell(f"{cursor.rowcount:,} rows of {get_table_name(copy.model)}")
            _tick_wordings(cursor)
        cursor.execute("DROP TABLE originals.many")
        cursor.execute("RESET session_replication_role")
        settle(cursor)
        cursor.execute("RESET statement_timeout")


def settle(cursor: Any) -> None:
    """A statement of many is one transaction, in which VACUUM may not run."""
    cursor.execute("VACUUM (ANALYZE)")
    cursor.execute("CHECKPOINT")


def get_sql(copy: Copy) -> str:
    """Columns that are not told are as in the original; keys that count are left to count."""
    columns = {
        field.column: copy.values.get(field.column, f'original."{field.column}"')
        for field in get_columns(copy.model)
        if field.column in copy.values or not isinstance(field, models.AutoField)
    }
    table = get_table_name(copy.model)
    place = "row_number() OVER (PARTITION BY n ORDER BY created_at)" if copy.where != "true" else 0
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f"INSERT INTO {table} ({names}) SELECT {', '.join(columns.values())}"
        f" FROM originals.many many JOIN (SELECT {place} AS place, * FROM originals.{table})"
        f" AS original USING (n) WHERE {copy.where}"
    )


def fill_reports(*, one_in: int) -> None:
    """The provider has said of one mail in so many that it was delivered."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(
            f"INSERT INTO {get_table_name(DeliveryEvent)}"
            " (key, message_id, provider, kind, code, happened_at, received_at)"
            " SELECT encode(sha256(id::text::bytea), 'hex'), id, 'postmark', 'delivered', '',"
            " sent_at + interval '4 seconds', sent_at + interval '9 seconds'"
            f" FROM {get_table_name(Message)} WHERE hashtext(id::text) %% %s = 0",
            [one_in],
        )
        settle(cursor)
        cursor.execute("RESET statement_timeout")


def _place_people(cursor: Any, *, people: int, due: int, stride: int) -> None:
    times = {"now": NOW, "days": SPREAD_DAYS, "step": STEP_DAYS}
    counts = {"n": people, "due": due, "stride": stride, "originals": ORIGINALS}
    cursor.execute("DROP TABLE IF EXISTS originals.many")
    cursor.execute(PEOPLE, times | counts)
    for statement in filter(str.strip, TIMES.split(";")):
        cursor.execute(statement, times)


def _tick_wordings(cursor: Any) -> None:
    wordings = get_table_name(ConsentOrigin.wordings.through)
    cursor.execute(
        f"INSERT INTO {wordings} (consentorigin_id, consentwording_id)"
        f" SELECT id, (SELECT min(id) FROM campaigns_consentwording)"
        f" FROM {get_table_name(ConsentOrigin)}"
    )
