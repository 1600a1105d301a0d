"""The API: leads, one lead, events, and who is asking. Reads only; a fixed number of queries."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from leads.api import asking, cursors, document, gate, pictures
from leads.api.problems import Problem
from leads.carrying import get_carried
from leads.hooks import dealing
from leads.models import Event, Kind, Lead, Scope, Token

# Longer than any of our transactions: what was changed before the answer and is committed after
# it is found by whoever asks again from here.
OVERLAP = timedelta(minutes=3)
ABOUT_LEADS = (Kind.CREATED, Kind.GRADED, Kind.TAKEN)


@gate.calling(scope=Scope.LEADS)
def list_leads(request: HttpRequest, token: Token) -> dict[str, Any]:
    """In the order in which they were last changed; a lead that changes meanwhile comes again."""
    asking.check_names(request, ("limit", "cursor", "updated_since"))
    limit, since = asking.get_limit(request), asking.get_moment(request)
    place = asking.get_place(request, "leads")
    leads = _get_leads()
    if since:
        leads = leads.filter(changed_at__gte=since)
    until = pictures.show_moment(timezone.now() - OVERLAP)
    if place:
        moment, pk, until = place
        leads = _after(leads, asking.read_moment(moment), pk)
    page = list(leads.order_by("changed_at", "pk")[: limit + 1])
    return {
        "leads": _show(page[:limit], token),
        "next": _write_next(page[limit - 1], until) if len(page) > limit else None,
        "next_updated_since": until,
    }


@gate.calling(scope=Scope.LEADS)
def show_lead(request: HttpRequest, token: Token, *, lead_id: str) -> dict[str, Any]:
    asking.check_names(request, ())
    is_number = lead_id.isascii() and lead_id.isdigit() and len(lead_id) <= 18
    lead = _get_leads().filter(pk=int(lead_id)).first() if is_number else None
    if lead is None:
        raise Problem(404, "not_found")
    return {**_show([lead], token)[0], **pictures.show_details(lead)}


@gate.calling(scope=Scope.EVENTS)
def list_events(request: HttpRequest, token: Token) -> dict[str, Any]:
    """In the order of their numbers. `next` is where to go on, also when nothing is left now."""
    asking.check_names(request, ("limit", "cursor"))
    limit, place = asking.get_limit(request), asking.get_place(request, "events")
    after = place[0] if place else 0
    is_carried = Exists(get_carried().filter(pk=OuterRef("lead_id")))
    events = Event.objects.filter(~Q(kind__in=ABOUT_LEADS) | Q(is_carried), number__gt=after)
    page = list(events.order_by("number")[: limit + 1])
    shown = page[:limit]
    owners = dealing.get_owners(shown)
    return {
        "events": [pictures.show_event(each, owners) for each in shown],
        "next": cursors.write("events", [shown[-1].number if shown else after]),
        "has_more": len(page) > limit,
    }


@gate.calling()
def show_me(request: HttpRequest, token: Token) -> dict[str, Any]:
    asking.check_names(request, ())
    expires = pictures.show_moment(token.expires_at) if token.expires_at else None
    return {"name": token.name, "scopes": token.scopes, "expires_at": expires}


@gate.answering
def show_document(request: HttpRequest) -> HttpResponse:
    """What this API is, for programs (OpenAPI 3.1). No key is needed to read it."""
    return JsonResponse(document.build(), json_dumps_params={"ensure_ascii": False})


@gate.answering
def show_nothing(request: HttpRequest, **_: str) -> HttpResponse:
    raise Problem(404, "not_found")


def _show(leads: list[Lead], token: Token) -> list[dict[str, Any]]:
    moves, with_contact = pictures.get_moves(leads), Scope.CONTACT in token.scopes
    return [
        pictures.show_lead(each, moves.get(each.pk), with_contact=with_contact) for each in leads
    ]


def _get_leads() -> QuerySet[Lead]:
    return get_carried().select_related("respondent", "owner")


def _after(leads: QuerySet[Lead], moment: datetime, pk: int) -> QuerySet[Lead]:
    later = Q(changed_at__gt=moment) | Q(changed_at=moment, pk__gt=pk)
    return leads.filter(later, changed_at__gte=moment)  # the second is what the index needs


def _write_next(last: Lead, until: str) -> str:
    return cursors.write("leads", [last.changed_at.isoformat(), last.pk, until])
