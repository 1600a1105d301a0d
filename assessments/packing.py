"""All that is kept about a person as files to take along: one JSON document, the same rows as one
CSV file per section, and a schema that says of each column what it is and why and how long we
keep it.
"""

import csv
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.admin.utils import label_for_field
from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils import timezone

from assessments import personal_data

# What a spreadsheet would take for a formula is kept as text by this.
APOSTROPHE = "'"
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


def pack(*, sections: Mapping[str, Any], now: datetime) -> bytes:
    """A ZIP file. `sections` is what `personal_data.export` returns."""
    tables = {name: rows for name, rows in sections.items() if isinstance(rows, list)}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _describe(tables, now))
        archive.writestr("data.json", to_json(sections))
        archive.writestr("schema.json", to_json(get_schema(tables)))
        for name, rows in tables.items():
            if rows:
                archive.writestr(f"{name}.csv", to_csv(rows))
    return packed.getvalue()


def get_schema(tables: Mapping[str, Any]) -> dict[str, dict[str, dict[str, str]]]:
    """Section -> column -> what the map of personal data says of it, in the reader's language."""
    models = defaultdict(list)
    for field in personal_data.get_fields():
        models[field.model].append(field)
    by_columns = {frozenset(each.column for each in own): own for own in models.values()}
    return {
        name: {
            field.column: {
                "name": str(label_for_field(field.column, field.model)),
                "kind": str(field.kind.label),
                "purpose": str(field.purpose.label),
                "kept": str(field.retention.label),
            }
            for field in by_columns.get(frozenset(rows[0]), ())
        }
        for name, rows in tables.items()
        if rows
    }


def to_json(sections: Mapping[str, Any]) -> str:
    return json.dumps(sections, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False)


def to_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """In UTF-8 with a mark that spreadsheets know it by; nested values are JSON."""
    rows = list(rows)
    table = io.StringIO()
    writer = csv.DictWriter(table, fieldnames=list(rows[0]))
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _write(value) for name, value in row.items()})
    return "\ufeff" + table.getvalue()


def _write(value: Any) -> str:
    if isinstance(value, str):
        return APOSTROPHE + value if value.startswith(FORMULA_BEGINS) else value
    if value is None:
        return ""
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False).strip('"')


def _describe(tables: Mapping[str, Any], now: datetime) -> str:
    files = [(name, len(rows)) for name, rows in tables.items() if rows]
    return render_to_string(
        "assessments/packed.txt", {"files": files, "at": timezone.localtime(now)}
    )
