import csv
import io

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from pmoportal.sheets import FORMULAS, build_download, write_lines


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("begins", FORMULAS)
def test_a_cell_that_would_be_a_formula_is_text(begins: str) -> None:
    (row,) = read("".join(write_lines([[f"{begins}cmd|' /C calc'!A0"]], delimiter=",")))
    assert row == [f"'{begins}cmd|' /C calc'!A0"]


@given(
    st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=1))
)
def test_no_cell_whatever_it_says_begins_as_a_formula(rows: list[list[str]]) -> None:
    cells = [cell for row in read("".join(write_lines(rows, delimiter=","))) for cell in row]
    assert [cell for cell in cells if cell.startswith(FORMULAS)] == []


def test_numbers_stay_numbers() -> None:
    assert list(write_lines([[-1, 2.5]], delimiter=",")) == ["\ufeff", "-1,2.5\r\n"]


@pytest.mark.parametrize(("language", "line"), [("sv", "å;b\r\n"), ("en", "å,b\r\n")])
def test_a_file_opens_in_the_spreadsheet_of_its_reader(language: str, line: str) -> None:
    with translation.override(language):
        answer = build_download([["å", "b"]], name="x")
    assert b"".join(answer.streaming_content) == f"\ufeff{line}".encode()  # type: ignore[arg-type]
    assert answer["Content-Disposition"] == 'attachment; filename="x.csv"'
