"""Sheets out and in: CSV and XLSX, the same columns, no formula, with limits."""

import csv
import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from leads.models import Lead
from leads.sheets import reading, writing
from leads.sheets.columns import COLUMNS, EDITABLE
from leads.sheets.reading import BadSheet, Row, read
from leads.sheets.words import SHEET
from tests.leads.integrating import make_lead, take_back

EVIL = '=HYPERLINK("http://evil.example","x")'


def write(form: str) -> bytes:
    leads = writing.get_leads(Lead.objects.order_by("pk"))
    if form == "csv":
        return b"".join(writing.write_csv(leads))
    with writing.write_xlsx(leads) as file:
        return file.read()


def read_bytes(content: bytes) -> list[Row]:
    return read(io.BytesIO(content), size=len(content))


def build_xlsx(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]  # a new book has a sheet
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_exported_is_read_again_in_any_language(form: str, language: str) -> None:
    lead = make_lead(first_name=EVIL)
    Lead.objects.update(next_step="-1 to go", next_step_at=date(2026, 10, 1), stage="booked")
    with translation.override(language):
        content = write(form)
        stage = str(Lead.Stage.BOOKED.label)
    (row,) = read_bytes(content)
    assert tuple(row.cells) == tuple(column.key for column in COLUMNS)
    assert row.fault == ""
    assert row.cells["id"] == str(lead.pk)
    assert row.cells["name"] == EVIL
    assert row.cells["address"] == "p0@example.se"
    assert row.cells["stage"] == stage
    assert (row.cells["next_step_at"], row.cells["next_step"]) == ("2026-10-01", "-1 to go")


@pytest.mark.django_db
def test_a_csv_is_what_a_swedish_excel_opens() -> None:
    make_lead(first_name=EVIL)
    content = write("csv")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert rows[1][1] == f"'{EVIL}"


@pytest.mark.django_db
def test_no_cell_of_an_xlsx_is_a_formula() -> None:
    make_lead(first_name=EVIL)
    book = openpyxl.load_workbook(io.BytesIO(write("xlsx")))
    kinds = {cell.data_type for row in book.worksheets[0].iter_rows() for cell in row}
    assert kinds <= {"s", "n", "inlineStr"}
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(write("xlsx"))).read("xl/worksheets/sheet1.xml")


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_nobody_goes_out_who_does_not_agree_to_be_contacted(form: str) -> None:
    lead = make_lead()
    make_lead(number=1, may_contact=False)
    take_back(lead, "contact")
    assert Lead.objects.filter(may_contact=True).exists()  # not computed again yet
    assert read_bytes(write(form)) == []


@pytest.mark.django_db
def test_the_command_writes_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    make_lead()
    for form in ("csv", "xlsx"):
        path = tmp_path / f"leads.{form}"
        call_command("export_leads", format=form, to=path)
        assert [row.cells["address"] for row in read_bytes(path.read_bytes())] == ["p0@example.se"]
        assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(CommandError, match="exists"):
        call_command("export_leads", to=path)


@pytest.mark.django_db
def test_an_export_costs_the_same_queries_however_many(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(3):
        make_lead(number=number)
    with django_assert_num_queries(1):
        write("csv")


def describe_bad(content: bytes) -> str:
    with pytest.raises(BadSheet) as caught:
        read_bytes(content)
    assert caught.value.reason in SHEET
    return f"{caught.value.reason} {caught.value.detail}".strip()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no_head"),
        (b"\n\n", "no_head"),
        (b";;;\n", "no_head"),
        (b"id;owner;colour\n", "unknown_column colour"),
        (b"id;=1+1\n", "unknown_column =1+1"),
        (b"id;owner;Owner\n", "column_twice"),
        (b"id;name\n", "nothing_to_change"),
        ("id;owner\n1;Åsa\n".encode("latin-1"), "not_utf8"),
        (b"PK\x03\x04nonsense", "not_a_sheet"),
        (b"id;owner\n" + b'1;"' + b"x" * 200_000, "not_a_sheet"),
        (b"\xff\xfe\x00\xd8\x00", "not_utf8"),
        (b"id;owner\n" + b"1;kim\n" * 20_001, "too_many_rows"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(content: bytes, reason: str) -> None:
    assert describe_bad(content) == reason


def test_a_file_that_is_too_large_is_not_even_looked_at() -> None:
    with pytest.raises(BadSheet) as caught:
        read(io.BytesIO(b""), size=200 * 1024 * 1024)
    assert caught.value.reason == "too_large"


def test_an_archive_that_unpacks_to_very_much_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (reading.LARGEST_UNPACKED + 1))
    assert len(file.getvalue()) < 100_000
    assert describe_bad(file.getvalue()) == "too_large"


def test_lines_by_tabs_commas_and_utf16_are_read() -> None:
    for text in ("id\towner\n7\tkim\n", "id,owner\n7,kim\n", "ID;Owner\n7;kim\n\n;;\n"):
        for encoding in ("utf-8", "utf-8-sig", "utf-16"):
            (row,) = read_bytes(text.encode(encoding))
            assert row == Row(number=2, cells={"id": "7", "owner": "kim"})


def test_a_line_that_is_not_right_is_marked_and_the_others_are_read() -> None:
    text = f"id;owner\n1;=1+1\n2;kim;extra\n3;{'x' * 5001}\n4\n5;kim\n"
    faults = [(row.number, row.fault) for row in read_bytes(text.encode())]
    assert faults == [(2, "formula"), (3, "too_many_cells"), (4, "too_long"), (5, ""), (6, "")]


def test_numbers_dates_and_formulas_of_a_spreadsheet_are_told_apart() -> None:
    rows = read_bytes(
        build_xlsx(
            ["id", "next_step_at", "next_step"],
            [7, date(2026, 10, 1), "Call"],
            [8.0, None, "=1+1"],
        )
    )
    assert rows[0].cells == {"id": "7", "next_step_at": "2026-10-01", "next_step": "Call"}
    assert [row.fault for row in rows] == ["", "formula"]


def test_what_may_come_in_is_what_a_consultant_may_change() -> None:
    assert EDITABLE == ("owner", "stage", "reason", "next_step_at", "next_step", "note")
