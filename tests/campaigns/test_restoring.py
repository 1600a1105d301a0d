"""The drill: a backup, five erasures, the backup restored, and nobody is back."""

import os
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from assessments import personal_data
from assessments.models import Respondent
from campaigns import permit
from campaigns.models import Suppression
from pmoportal.postgres import find_binaries
from tests.factories import make_enrolment, publish_campaign
from tests.searching import get_traces, search_tables

NAMES = ("Zebulina", "Yxhilda", "Xerxesina", "Wilmarina", "Vendelgard")


def run(program: str, *arguments: str) -> None:
    """A program of PostgreSQL's, on the database of this test."""
    found = connection.settings_dict
    environment = {
        **os.environ,
        "PGHOST": found["HOST"],
        "PGPORT": str(found["PORT"] or 5432),
        "PGUSER": found["USER"],
        "PGPASSWORD": found["PASSWORD"],
    }
    connections.close_all()
    done = subprocess.run(
        [str(find_binaries() / program), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.django_db(transaction=True)
def test_whoever_was_erased_after_the_backup_is_erased_again_after_the_restore(
    tmp_path: Path,
) -> None:
    version, now = publish_campaign(), timezone.now()
    people = {
        name: make_enrolment(
            version, email=f"{name.lower()}@example.se", first_name=name, now=now
        ).respondent_id
        for name in (*NAMES, "Alva")
    }
    database, backup = connection.settings_dict["NAME"], str(tmp_path / "backup")
    run("pg_dump", "-Fc", "-f", backup, database)
    for name in NAMES:
        personal_data.erase(respondent_id=people[name], now=timezone.now())
    newcomer = make_enrolment(version, email="ulla@example.se", first_name="Ulla", now=now)
    personal_data.erase(respondent_id=newcomer.respondent_id, now=timezone.now())

    run("pg_restore", "--clean", "--if-exists", "-d", database, backup)

    assert Respondent.objects.count() == 6
    permit.revoke(now=now)
    said = StringIO()
    call_command("permit", "--grant", "--yes", stdout=said)
    assert "6 erasures were unknown to this database: 5 people erased again." in said.getvalue()
    assert [person.email for person in Respondent.objects.all()] == ["alva@example.se"]
    assert Suppression.objects.filter(reason="erased").count() == 6
    for name in NAMES:
        assert search_tables(get_traces(f"{name.lower()}@example.se", name)) == []
