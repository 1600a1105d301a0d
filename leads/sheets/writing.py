"""Leads as a sheet: CSV that Excel opens as it is, or XLSX. Streamed: no sheet is in memory."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO

import xlsxwriter
from django.db.models import QuerySet

from leads.carrying import restrict
from leads.models import Lead
from leads.sheets.cells import protect
from leads.sheets.columns import COLUMNS

CHUNK = 2000
MARK = "\ufeff"  # by which Excel knows UTF-8
WIDTHS = {"id": 9, "grade": 7, "fit": 7, "engagement": 12, "address": 32, "note": 32, "reason": 24}


def get_leads(leads: QuerySet[Lead]) -> Iterator[Lead]:
    """Those of them that may be carried, with all that a row needs."""
    return restrict(leads).select_related("respondent", "owner").iterator(chunk_size=CHUNK)


def write_csv(leads: Iterable[Lead]) -> Iterator[bytes]:
    """With semicolons, as a Swedish Excel wants it, and every cell in quotes."""
    yield (MARK + _join(_get_head())).encode()
    for lead in leads:
        yield _join(_get_row(lead)).encode()


def write_xlsx(leads: Iterable[Lead]) -> IO[bytes]:
    """A temporary file, at its beginning. Every cell is text or a number, and none a formula."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # whoever sends it closes it
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    book = xlsxwriter.Workbook(file, safe)
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, WIDTHS.get(column.key, 18))
        sheet.write_string(0, place, str(column.label), bold)
    sheet.freeze_panes(1, 0)
    for number, lead in enumerate(leads, start=1):
        for place, text in enumerate(_get_row(lead)):
            if COLUMNS[place].key in {"id", "fit", "engagement"}:
                sheet.write_number(number, place, int(text))
            else:
                sheet.write_string(number, place, text)
    book.close()
    file.seek(0)
    return file


def _get_head() -> list[str]:
    return [str(column.label) for column in COLUMNS]


def _get_row(lead: Lead) -> list[str]:
    return [protect(column.get(lead)) for column in COLUMNS]


def _join(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=";", quoting=csv.QUOTE_ALL).writerow(cells)
    return line.getvalue()
