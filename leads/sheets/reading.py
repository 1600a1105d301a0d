"""A sheet from outside: CSV or XLSX, read with limits into rows of text by column."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

import openpyxl

from leads.sheets.cells import restore
from leads.sheets.columns import EDITABLE, get_names

LARGEST = 10 * 1024 * 1024
LARGEST_UNPACKED = 60 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 60
LONGEST_CELL = 5_000
FORMULA = object()


class BadSheet(ValueError):
    """Nothing of the file can be used. `reason` is a word for `leads.sheets.words`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the file by its number there: column key -> text. `fault` when it is unusable."""

    number: int
    cells: Mapping[str, str]
    fault: str = ""


def read(file: IO[bytes], *, size: int) -> list[Row]:
    """Every row that has anything in it."""
    if size > LARGEST:
        raise BadSheet("too_large")
    start = file.read(4)
    file.seek(0)
    lines = _read_xlsx(file) if start[:2] == b"PK" else _read_csv(file.read())
    numbered = enumerate(lines, start=1)
    keys = _read_head(next(numbered, (1, []))[1])
    rows = []
    for number, line in numbered:
        if any(cell not in {None, ""} for cell in line):
            rows.append(_read_row(number, keys, line))
        if len(rows) > MOST_ROWS:
            raise BadSheet("too_many_rows")
    return rows


def _read_head(cells: Sequence[Any]) -> list[str]:
    names = get_names()
    texts = [str(cell or "").strip() for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    if not texts or len(texts) > MOST_COLUMNS:
        raise BadSheet("no_head")
    unknown = [text for text in texts if restore(text).lower() not in names]
    if unknown:
        raise BadSheet("unknown_column", ", ".join(text[:40] or "–" for text in unknown[:5]))
    keys = [names[restore(text).lower()] for text in texts]
    if len(set(keys)) < len(keys):
        raise BadSheet("column_twice")
    if not set(keys) & set(EDITABLE):
        raise BadSheet("nothing_to_change")
    return keys


def _read_row(number: int, keys: Sequence[str], line: Sequence[Any]) -> Row:
    cells: dict[str, str] = {}
    fault = "too_many_cells" if any(each not in {None, ""} for each in line[len(keys) :]) else ""
    for key, cell in zip(keys, line, strict=False):
        if cell is FORMULA or _is_formula(cell):
            fault = "formula"
            continue
        cells[key] = restore(_read_cell(cell)).strip().replace("\x00", "")
        if len(cells[key]) > LONGEST_CELL:
            fault = "too_long"
    return Row(number=number, cells=cells, fault=fault)


def _is_formula(cell: Any) -> bool:
    """In CSV: what a spreadsheet would compute. Our own exports have an apostrophe there."""
    return isinstance(cell, str) and cell.startswith(("=", "@", "\t"))


def _read_cell(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def _read_csv(content: bytes) -> Iterator[list[str]]:
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise BadSheet("not_utf8") from None
    head = text.partition("\n")[0]
    delimiter = max(";,\t", key=head.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error:
        raise BadSheet("not_a_sheet") from None


def _read_xlsx(file: IO[bytes]) -> Iterator[list[Any]]:
    try:
        _check_size(file)
        book = openpyxl.load_workbook(file, read_only=True, keep_links=False)
        yield from _read_lines(book.worksheets[0].iter_rows(max_col=MOST_COLUMNS + 1))
    except BadSheet:
        raise
    except Exception as error:  # openpyxl raises whatever the file makes it stumble over
        raise BadSheet("not_a_sheet") from error


def _check_size(file: IO[bytes]) -> None:
    """A small archive can hold a large sheet."""
    with zipfile.ZipFile(file) as packed:
        if sum(each.file_size for each in packed.infolist()) > LARGEST_UNPACKED:
            raise BadSheet("too_large")
    file.seek(0)


def _read_lines(rows: Iterable[Iterable[Any]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [FORMULA if cell.data_type == "f" else cell.value for cell in row]
