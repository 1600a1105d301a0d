"""The export is whole, is what its schema says, and can be read by people and programs."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
from django.core.management import CommandError, call_command
from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from assessments import personal_data
from assessments.field_map import Kind, get_fields, get_holders
from assessments.models import Respondent
from campaigns.models import Message
from pmoportal.mail_url import MailServer
from tests.campaigns.people import EMAIL, NAME, live_through_everything
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

# What is not about this one person: colleagues, lanes to whole domains, those who are gone.
NOT_THEIRS = ("campaigns.Lane", "assessments.Erasure", "leads.Proposal")
# In the export by rows of its own, without the others who are in the column.
SHARED = ("assessments.Mirror",)


@pytest.fixture
def person(client: Client, settings: Settings, tmp_path: Path) -> int:
    settings.EMAIL = MailServer(kind="file", path=str(tmp_path))
    return live_through_everything(client)


def read(respondent_id: int) -> dict[str, Any]:
    with translation.override("sv"):
        return personal_data.export(respondent_id=respondent_id)


def unpack(packed: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


def test_every_personal_column_is_in_the_export_with_what_the_database_has(person: int) -> None:
    exported = read(person)
    sections = {
        section.model: name
        for holder in get_holders()
        for name, section in holder.sections.items()
        if section.model
    }
    for field in get_fields():
        label = field.model._meta.label
        if field.kind == Kind.STAFF or label in NOT_THEIRS + SHARED:
            continue
        rows = exported[sections[field.model]]
        # There is nobody else in this database.
        stored = list(field.model._default_manager.values_list(field.column, flat=True))
        plain = json.loads(json.dumps(stored, cls=DjangoJSONEncoder))
        assert sorted(map(str, plain)) == sorted(str(row[field.column]) for row in rows), (
            f"{label}.{field.column}"
        )


def test_every_section_of_somebody_who_did_everything_has_rows(person: int) -> None:
    empty = {name for name, rows in read(person).items() if not rows}
    assert empty == {"mirrors", "suppressions"}


def test_the_export_is_what_its_schema_says(person: int) -> None:
    check = fastjsonschema.compile(personal_data.build_schema())
    check(read(person))
    check(read(0))
    wrong = read(person)
    wrong["consents"][0]["more"] = "x"
    with pytest.raises(fastjsonschema.JsonSchemaException):
        check(wrong)
    del wrong["consents"]
    with pytest.raises(fastjsonschema.JsonSchemaException):
        check(wrong)


def test_the_scores_come_with_the_rule_and_the_points_behind_each(person: int) -> None:
    exported = read(person)
    scored = [row for row in exported["scores"] if row["points"] is not None]
    assert len(scored) == 5
    for score in scored:
        parts = [
            (part["points"], part["weight"])
            for part in exported["score_parts"]
            if (part["response"], part["role"]) == (score["response"], score["role"])
            and part["points"] is not None
        ]
        mean = sum(points * weight for points, weight in parts) / sum(each for _, each in parts)
        assert score["points"] == int(mean + 0.5)
        assert score["answered"] == len(parts)
        assert "40" in score["rule"]
        assert "70" in score["rule"]


def test_the_lead_comes_with_its_rule_and_reasons(person: int) -> None:
    (lead,) = read(person)["lead"]
    assert lead["rule"]
    total = sum(reason["points"] for reason in lead["reasons"])
    assert total == lead["fit"] + lead["engagement"]
    assert len(lead["reasons_in_words"].splitlines()) == len(lead["reasons"])


def test_consents_come_with_the_words_that_were_shown(person: int) -> None:
    exported = read(person)
    assert "Ja, skicka mig mitt resultat" in exported["requests"][0]["wordings"]
    assert "Ja, en av era konsulter" in exported["requests"][0]["wordings"]
    assert all(event["text"].startswith("Ja, ") for event in exported["consent_events"])


def test_mails_are_rendered_and_say_nothing_once_forgotten(person: int) -> None:
    letter = read(person)["mails"][-1]
    assert NAME in letter["text"]
    assert letter["subject"]
    Message.objects.update(values={})
    assert read(person)["mails"][-1]["text"] is None


def test_the_number_of_queries_does_not_grow_with_the_mails(
    django_assert_max_num_queries: Any,
) -> None:
    enrolment = make_enrolment(publish_campaign())
    for number in range(60):
        Message.objects.create(
            key=f"old:{number}",
            kind=Message.Kind.CAMPAIGN,
            enrolment=enrolment,
            step_key=f"step-{number}",
            respondent=enrolment.respondent,
            to=enrolment.respondent.email,
            language="sv",
            created_at=TUESDAY,
            due_at=TUESDAY,
        )
    with django_assert_max_num_queries(36):
        assert len(read(enrolment.respondent_id)["mails"]) == 60


def test_nobody_else_is_in_the_export(person: int) -> None:
    make_enrolment(publish_campaign(), email="ulf@example.se", first_name="Ulf")
    text = json.dumps(read(person))
    assert EMAIL in text
    assert "ulf@example.se" not in text


@pytest.mark.parametrize(("language", "readme"), [("sv", "LÄSMIG.txt"), ("en", "README.txt")])
def test_the_archive_has_json_schema_tables_and_a_word_to_the_reader(
    person: int, language: str, readme: str
) -> None:
    with translation.override(language):
        files = unpack(personal_data.build_archive(respondent_id=person))
    exported = json.loads(files["person.json"])
    fastjsonschema.compile(json.loads(files["schema.json"]))(exported)
    assert readme in files
    tables = {name for name, rows in exported.items() if isinstance(rows, list)}
    assert {name for name in files if name.startswith("csv/")} == {
        f"csv/{name}.csv" for name in tables
    }
    delimiter = ";" if language == "sv" else ","
    (row,) = csv.DictReader(io.StringIO(files["csv/person.csv"]), delimiter=delimiter)
    assert row["email"] == EMAIL
    answers = csv.DictReader(io.StringIO(files["csv/answers.csv"]), delimiter=delimiter)
    assert len(list(answers)) == len(exported["answers"])


def test_a_name_that_is_a_formula_is_text_in_the_table(person: int) -> None:
    Respondent.objects.update(first_name="=1+1")
    files = unpack(personal_data.build_archive(respondent_id=person))
    assert "'=1+1" in files["csv/person.csv"]


def test_export_person_writes_json(person: int) -> None:
    said = io.StringIO()
    call_command("export_person", EMAIL.upper(), stdout=said)
    assert json.loads(said.getvalue())["person"][0]["email"] == EMAIL


def test_export_person_writes_a_zip_file(person: int, tmp_path: Path) -> None:
    said = io.StringIO()
    call_command("export_person", EMAIL, to=tmp_path / "zebulina.zip", stdout=said)
    assert "person.json" in unpack((tmp_path / "zebulina.zip").read_bytes())
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_person", EMAIL, to=tmp_path / "no" / "x.zip")


def test_export_person_says_so_when_there_is_nobody() -> None:
    with pytest.raises(CommandError, match="Nobody here has this address"):
        call_command("export_person", "nobody@example.se")


def test_export_person_shows_the_schema() -> None:
    said = io.StringIO()
    call_command("export_person", schema=True, stdout=said)
    assert json.loads(said.getvalue())["title"] == "pmoportal.person/1"
