"""The API's own description (OpenAPI 3.1). A test holds every answer against it."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from leads.api.asking import LIMIT, MOST
from leads.models import Kind, Lead, Scope

MOMENT = {"type": "string", "format": "date-time"}
DAY = {"type": ["string", "null"], "format": "date"}
GRADE = {"type": "string", "pattern": "^[A-D][1-4]$"}
GRADED_BY = {"type": "string", "enum": ["score", "person"]}
TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
POINTS = {"type": ["integer", "null"], "minimum": 0, "maximum": 100}
TIER = {"type": ["string", "null"], "enum": ["weak", "developing", "strong", None]}
ABOUT = """Read-only. Only people who have agreed to be contacted are here, and only for as long
as they agree. Ask with `Authorization: Bearer <key>`; keys are made in the admin.
Lists are read page by page: hand `next` back as `cursor`."""


def build() -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "PMO-portalen", "version": "1", "description": ABOUT},
        "servers": [{"url": f"{settings.SITE_URL}/api/v1"}],
        "security": [{"key": []}],
        "paths": _get_paths(),
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": _get_schemas(),
        },
    }


def _get_paths() -> dict[str, Any]:
    cursor = _parameter("cursor", TEXT, "Where to go on: `next` of the page before.")
    limit = _parameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT},
        "How many at most.",
    )
    since = _parameter(
        "updated_since",
        MOMENT,
        "Only leads changed since then. Give `next_updated_since` of your last reading.",
    )
    lead_id = {"name": "id", "in": "path", "required": True, "schema": NUMBER | {"minimum": 1}}
    return {
        "/leads": _get(
            "listLeads",
            f"Leads, the least recently changed first. Needs `{Scope.LEADS.value}`; address and "
            f"name come with `{Scope.CONTACT.value}`.",
            "LeadPage",
            [limit, cursor, since],
        ),
        "/leads/{id}": _get(
            "getLead",
            f"One lead, with reasons, facts and result. Needs `{Scope.LEADS.value}`.",
            "LeadDetails",
            [lead_id],
            statuses=("404",),
        ),
        "/events": _get(
            "listEvents",
            "What happened, in order; the same that webhooks tell. Kept for 90 days. Needs "
            f"`{Scope.EVENTS.value}`.",
            "EventPage",
            [limit, cursor],
        ),
        "/me": _get("getMe", "The key that asks.", "Me", []),
    }


def _get(
    name: str,
    summary: str,
    schema: str,
    parameters: list[Any],
    statuses: tuple[str, ...] = (),
) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": _refer("Problem")}}
    wrong = {
        "400": "A parameter makes no sense.",
        "401": "No valid key.",
        "403": "The key may not do this.",
        "404": "There is no such lead, or no consent to contact any more.",
        "429": "Too many calls; `Retry-After` says how many seconds to wait.",
    }
    kept = [each for each in wrong if each != "404" or each in statuses]
    fine = {
        "description": "Here it is.",
        "content": {"application/json": {"schema": _refer(schema)}},
        "headers": {"ETag": {"schema": TEXT, "description": "For `If-None-Match`."}},
    }
    answers = {each: {"description": wrong[each], "content": problem} for each in kept}
    unchanged = {"description": "As you know it (`If-None-Match`)."}
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": parameters,
            "responses": {"200": fine, "304": unchanged, **answers},
        }
    }


def _get_schemas() -> dict[str, Any]:
    lead = _get_lead()
    role = {"key": TEXT, "name": TEXT, "points": POINTS, "tier": TIER}
    result = {
        "completed_at": MOMENT,
        "points": POINTS,
        "tier": TIER,
        "roles": _list(_object(role)),
        "background": _list(_object({"question": TEXT, "choice": TEXT, "label": TEXT})),
    }
    more = {
        "scored_at": MOMENT | {"description": "The moment that `days_ago` counts from."},
        "reasons": _list(_object(_get_reason())),
        "facts": _list(_object({"kind": TEXT, "at": MOMENT})),
        "result": {"oneOf": [_object(result), {"type": "null"}]},
    }
    contact = {
        "email": TEXT,
        "first_name": TEXT,
        "stage_words": TEXT | {"description": "Why the stage, in a colleague's own words."},
        "next_step": TEXT | {"description": "What is to be done, in a colleague's own words."},
    }
    return {
        "Lead": _object(lead, optional=contact),
        "LeadDetails": _object(lead | more, optional=contact),
        "Event": _object(_get_event()),
        "LeadPage": _object(
            {
                "leads": _list(_refer("Lead")),
                "next": {"type": ["string", "null"]},
                "next_updated_since": MOMENT,
            }
        ),
        "EventPage": _object(
            {"events": _list(_refer("Event")), "next": TEXT, "has_more": {"type": "boolean"}}
        ),
        "Me": _object(
            {
                "name": TEXT,
                "scopes": _list({"type": "string", "enum": list(Scope.values)}),
                "expires_at": {"type": ["string", "null"], "format": "date-time"},
            }
        ),
        "Problem": _object(
            {"type": TEXT, "title": TEXT, "status": NUMBER, "code": TEXT, "detail": TEXT}
        ),
    }


def _get_reason() -> dict[str, Any]:
    return {
        "axis": {"type": "string", "enum": ["fit", "engagement"]},
        "key": TEXT,
        "label": TEXT,
        "points": NUMBER,
        "days_ago": {"type": ["integer", "null"]},
        "words": TEXT | {"description": "The whole reason, in the language you ask for."},
    }


def _get_event() -> dict[str, Any]:
    return {
        "number": NUMBER,
        "type": {"type": "string", "enum": list(Kind.values)},
        "timestamp": MOMENT,
        "data": {
            "type": "object",
            "properties": {
                "lead_id": NUMBER,
                "grade": GRADE,
                "before": GRADE,
                "graded_by": GRADED_BY,
                "computed_grade": GRADE,
                "owner": TEXT,
                "purpose": {"type": "string", "enum": ["tips", "contact", "tracking"]},
            },
            "required": ["lead_id"],
        },
    }


def _get_lead() -> dict[str, Any]:
    return {
        "id": NUMBER,
        "grade": GRADE | {"description": "The one that counts."},
        "graded_by": GRADED_BY
        | {"description": "`person` while a grade that a colleague set by hand is in force."},
        "graded_until": DAY
        | {"description": "The last day of a grade set by hand; null when it has none."},
        "computed_grade": GRADE | {"description": "What the points say."},
        "fit": NUMBER,
        "engagement": NUMBER,
        "weakest_role": TEXT,
        "organisation": TEXT | {"description": "A domain; empty for free mail."},
        "stage": {"type": "string", "enum": list(Lead.Stage.values)},
        "stage_since": MOMENT,
        "stage_reason": TEXT
        | {"description": "The reason chosen when it was won or lost, as it reads in the list."},
        "owner": {"type": ["string", "null"], "description": "A consultant's login."},
        "taken_at": {"type": ["string", "null"], "format": "date-time"},
        "next_step_at": DAY | {"description": "The day agreed for the next step."},
        "created_at": MOMENT,
        "changed_at": MOMENT,
        "url": TEXT | {"format": "uri", "description": "The lead's page in the admin."},
    }


def _object(
    properties: Mapping[str, Any], optional: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**properties, **(optional or {})},
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(of: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _refer(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _parameter(name: str, schema: Mapping[str, Any], said: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": said}
