"""An export as files: one JSON document with its schema, and a table per section."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import get_language, gettext

from assessments.field_map import Section, get_fields, get_holders
from pmoportal.sheets import write_lines

FORMAT = "pmoportal.person/1"
SCHEMA = "http://json-schema.org/draft-07/schema#"
TYPES: tuple[tuple[type, dict[str, Any]], ...] = (
    (models.BooleanField, {"type": "boolean"}),
    (models.IntegerField, {"type": "integer"}),
    (models.FloatField, {"type": "number"}),
    (models.AutoField, {"type": "integer"}),
    (models.DateTimeField, {"type": "string", "format": "date-time"}),
    (models.JSONField, {}),
)


def build_head() -> dict[str, Any]:
    """Who answers for the export, and what is kept at all: column by column, why and how long."""
    return {
        "format": FORMAT,
        "controller": {
            "name": settings.CONTROLLER_NAME,
            "org_number": settings.ORG_NUMBER,
            "address": settings.POSTAL_ADDRESS,
            "email": settings.PRIVACY_EMAIL,
        },
        "kept": [
            {
                "table": field.model._meta.db_table,  # noqa: SLF001  # Django's own way to a name
                "column": field.column,
                "kind": str(field.kind.label),
                "purpose": str(field.purpose.label),
                "retention": str(field.retention.label),
            }
            for field in get_fields()
        ],
    }


def make_plain(value: Any) -> Any:
    """Moments as ISO 8601, ids as text."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def build_schema() -> dict[str, Any]:
    """A JSON schema (draft 7) of what `personal_data.export` returns."""
    texts = {"type": "object", "additionalProperties": {"type": "string"}}
    sections = {name: _build_section(section) for name, section in _get_sections()}
    return {
        "$schema": SCHEMA,
        "title": FORMAT,
        "type": "object",
        "required": ["format", "controller", "kept", *sections],
        "properties": {
            "format": {"const": FORMAT},
            "controller": texts,
            "kept": {"type": "array", "items": texts},
            **sections,
        },
        # Sections that an app has not described are rows all the same.
        "additionalProperties": {"type": "array", "items": {"type": "object"}},
    }


def pack(sections: Mapping[str, Any]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _write_files(sections):
            archive.writestr(name, text)
    return packed.getvalue()


def _write_files(sections: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield _get_name("README.txt", "LÄSMIG.txt"), _write_readme(sections)
    yield "person.json", json.dumps(sections, ensure_ascii=False, indent=2) + "\n"
    yield "schema.json", json.dumps(build_schema(), ensure_ascii=False, indent=2) + "\n"
    delimiter = _get_name(",", ";")
    for name, rows in sections.items():
        if isinstance(rows, list):
            yield f"csv/{name}.csv", "".join(write_lines(_get_lines(rows), delimiter=delimiter))


def _get_lines(rows: list[dict[str, Any]]) -> Iterator[list[Any]]:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    yield columns
    for row in rows:
        yield [_get_cell(row.get(column)) for column in columns]


def _get_cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _write_readme(sections: Mapping[str, Any]) -> str:
    controller = sections["controller"]
    return gettext(
        "All that %(name)s keeps about you.\n\n"
        "person.json holds everything, section by section; schema.json describes it for"
        " programs. The folder csv has the same sections as tables for a spreadsheet program."
        " “kept” says of each column what it is for and how long it is kept.\n\n"
        "Links in your mails can act for you: do not pass this file on without thought.\n\n"
        "Questions: %(email)s\n"
    ) % {"name": controller["name"], "email": controller["email"]}


def _get_name(english: str, swedish: str) -> str:
    return swedish if (get_language() or "").startswith("sv") else english


def _get_sections() -> Iterator[tuple[str, Section]]:
    for holder in get_holders():
        yield from holder.sections.items()


def _build_section(section: Section) -> dict[str, Any]:
    columns = {
        field.column: _build_column(field.model._meta.get_field(field.column))  # noqa: SLF001  # Django's own way
        | {"description": f"{field.kind.label}; {field.purpose.label}; {field.retention.label}"}
        for field in get_fields()
        if field.model is section.model
    }
    columns |= {name: {"type": [kind, "null"]} for name, kind in section.extra.items()}
    row = {
        "type": "object",
        "required": list(columns),
        "properties": columns,
        "additionalProperties": False,
    }
    return {"type": "array", "items": row}


def _build_column(column: Any) -> dict[str, Any]:
    if isinstance(column, models.GeneratedField):
        return _build_column(column.output_field)
    target = column.target_field if isinstance(column, models.ForeignKey) else column
    kinds = (kind for each, kind in TYPES if isinstance(target, each))
    found = dict(next(kinds, {"type": "string"}))
    if column.null and "type" in found:
        found["type"] = [found["type"], "null"]
    return found
