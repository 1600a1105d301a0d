"""Fills the database with many leads, copied from one that the program made itself.

Owners, stages, grades, silences and next steps are spread as chance would, but the same each time.
"""

from typing import Any

from django.contrib.auth.models import Group, User
from django.db import connection, models

from assessments.models import Respondent, Response
from benchmarks.filling import settle
from benchmarks.indexes import rebuilding
from benchmarks.inventory import get_columns, get_table_name
from campaigns.models import Consent, ConsentOrigin
from leads.models import Lead
from tests.leads.making import make_lead

OWNERS = 20
FIRST = 1000  # the numbers of the people, far from those that are there
PERSON = f"{FIRST} + i"
RESPONSE = "md5('response' || i)::uuid"
ORGANISATION = "'example-' || i %% 5000 || '.se'"
# As good as drawn, and the same each time: 0-99 by the place and a word.
CHANCE = "abs(hashtext('{word}' || i)) %% 100"


def chance(word: str) -> str:
    return CHANCE.format(word=word)


def choose(word: str, choices: dict[str, int]) -> str:
    """SQL for one of the choices, each with its share of a hundred; the rest is the last one."""
    cases, most = [], 0
    for value, share in choices.items():
        most += share
        cases.append(f"WHEN {chance(word)} < {most} THEN {value}")
    return f"CASE {' '.join(cases)} ELSE {list(choices)[-1]} END"


GRADES = {f"'{fit}{engagement}'": 6 for fit in "ABCD" for engagement in "1234"}
STAGES = {"'new'": 60, "'in_touch'": 25, "'booked'": 5, "'won'": 4, "'lost'": 6}
ROLES = {f"'{role}'": 25 for role in ("takthallare", "synliggorare", "brobyggare", "balansmastare")}
SILENCE = "now() - make_interval(days => abs(hashtext('silence' || i)) %% 365)"
COPIES: dict[type[models.Model], dict[str, str]] = {
    Respondent: {
        "id": PERSON,
        "email": f"'person' || i || '@' || {ORGANISATION}",
        "first_name": choose("name", {"'Alva'": 30, "'Björn'": 30, "''": 40}),
    },
    Response: {"id": RESPONSE, "respondent_id": PERSON, "series": "md5('series' || i)::uuid"},
    Consent: {"respondent_id": PERSON, "asked_at": SILENCE, "confirmed_at": SILENCE},
    ConsentOrigin: {
        "respondent_id": PERSON,
        "response_id": RESPONSE,
        "asked_at": SILENCE,
        "due_at": SILENCE,
        "confirmed_at": SILENCE,
    },
    Lead: {
        "respondent_id": PERSON,
        "response_id": RESPONSE,
        "grade": choose("grade", GRADES),
        "override_grade": choose("override", {"'A1'": 1, "''": 99}),
        "owner_id": f"CASE WHEN {chance('owned')} < 33 THEN "
        f"(SELECT min(id) FROM auth_user WHERE username LIKE 'bench-%%') + i %% {OWNERS} END",
        "stage": choose("stage", STAGES),
        "weakest_key": choose("role", ROLES),
        "organisation": ORGANISATION,
        "next_step_at": f"CASE WHEN {chance('step')} < 20 THEN "
        "current_date + abs(hashtext('day' || i)) %% 60 - 10 END",
        "heard_at": SILENCE,
        "touched_at": f"CASE WHEN {chance('touched')} < 20 THEN {SILENCE} END",
        "created_at": SILENCE,
        "judgement": choose("judged", {"'good'": 1, "'bad'": 1, "''": 98}),
        "judged_at": "now()",
    },
}


def fill(*, leads: int) -> None:
    make_colleagues()
    original = make_lead()
    keys: dict[type[models.Model], int | str] = {
        Respondent: original.respondent_id,
        Response: str(original.response_id),
        Lead: original.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET session_replication_role = replica")  # foreign keys hold by making
        with rebuilding(cursor, [get_table_name(model) for model in COPIES]):
            for model, values in COPIES.items():
                column = "id" if model in keys else "respondent_id"
                key = keys.get(model, original.respondent_id)
                cursor.execute(get_sql(model, values, column), [leads, key])
        cursor.execute("RESET session_replication_role")
        settle(cursor)
        cursor.execute("RESET statement_timeout")


def make_colleagues() -> None:
    """The consultant and the administrator who look, and more who own leads."""
    names = ["bench-consultant", *(f"bench-{n}" for n in range(OWNERS - 1)), "bench-administrator"]
    for name in names:
        user = User.objects.create_user(name, is_staff=True)
        group = "Administrators" if name == "bench-administrator" else "Consultants"
        user.groups.add(Group.objects.get(name=group))


def get_sql(model: type[models.Model], values: dict[str, str], column: str) -> str:
    columns: dict[str, Any] = {
        field.column: values.get(field.column, f'original."{field.column}"')
        for field in get_columns(model)
        if field.column in values or not isinstance(field, models.AutoField)
    }
    table = get_table_name(model)
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f"INSERT INTO {table} ({names}) SELECT {', '.join(columns.values())}"
        f" FROM generate_series(1, %s) AS i, {table} AS original WHERE original.{column} = %s"
    )
