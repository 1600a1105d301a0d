"""All that is kept about a person, as files to take along."""

import csv
import io
import json
import zipfile
from typing import Any

import pytest
from django.utils import translation

from assessments import packing, personal_data
from campaigns.models import CampaignVersion, Enrolment
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def enrolment(version: CampaignVersion) -> Enrolment:
    return make_enrolment(version, first_name="=SUM(A1)")


def unpack(enrolment: Enrolment) -> dict[str, str]:
    sections = personal_data.export(respondent_id=enrolment.respondent_id)
    packed = packing.pack(sections=sections, now=TUESDAY)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_section_with_rows_is_a_table_of_the_same_rows(enrolment: Enrolment) -> None:
    files = unpack(enrolment)
    data: dict[str, Any] = json.loads(files["data.json"])
    tables = {name: rows for name, rows in data.items() if isinstance(rows, list) and rows}
    found = {name.removesuffix(".csv") for name in files if name.endswith(".csv")}
    assert found == set(tables)
    for name, rows in tables.items():
        table = read_csv(files[f"{name}.csv"])
        assert len(table) == len(rows)
        assert [set(each) for each in table] == [set(each) for each in rows]


def test_the_schema_speaks_for_every_column(enrolment: Enrolment) -> None:
    files = unpack(enrolment)
    data, schema = json.loads(files["data.json"]), json.loads(files["schema.json"])
    for name, rows in data.items():
        if isinstance(rows, list) and rows:
            assert set(schema[name]) == set(rows[0])
            for column in schema[name].values():
                assert set(column) == {"name", "kind", "purpose", "kept"}
                assert all(column.values())


def test_every_registered_section_would_find_its_schema() -> None:
    """Two tables with the same columns could not be told apart."""
    models: dict[object, set[str]] = {}
    for field in personal_data.get_fields():
        if field.kind == personal_data.Kind.STAFF:  # in nobody's file
            continue
        models.setdefault(field.model, set()).add(field.column)
    columns = [frozenset(each) for each in models.values()]
    assert len(columns) == len(set(columns))


def test_no_cell_is_a_formula(enrolment: Enrolment) -> None:
    files = unpack(enrolment)
    (person,) = read_csv(files["person.csv"])
    assert person["first_name"] == "'=SUM(A1)"
    assert json.loads(files["data.json"])["person"][0]["first_name"] == "=SUM(A1)"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        ("å", "å"),
        (7, "7"),
        (True, "true"),
        ({"a": "ö"}, '{"a": "ö"}'),
        (TUESDAY, "2026-09-15T07:00:00Z"),
        ("-1", "'-1"),
        ("@x", "'@x"),
    ],
)
def test_values_are_written_as_a_person_and_a_program_read_them(value: object, cell: str) -> None:
    assert read_csv(packing.to_csv([{"a": value}]).lstrip("\ufeff")) == [{"a": cell}]


def test_a_note_names_each_file_and_what_is_in_it(enrolment: Enrolment) -> None:
    with translation.override("en"):
        files = unpack(enrolment)
    note = files["README.txt"].splitlines()
    assert note[0] == "Everything we have stored about you, 2026-09-15 09:00"
    assert set(files) - {"README.txt"} <= set(note)
    assert note[note.index("answers.csv") + 1].strip() == "13 rows, the same as in data.json."
