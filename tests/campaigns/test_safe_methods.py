"""No page changes anything by being looked at: every address of ours, with every live token."""

import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from assessments import tokens as test_tokens
from assessments.models import Response
from campaigns import acts, letters, tokens
from campaigns.models import AddressChange, ConsentOrigin, Enrolment, Message
from tests.campaigns.panels import ask
from tests.factories import TUESDAY, make_enrolment, make_response, publish_campaign

pytestmark = pytest.mark.django_db

APPS = ("assessments", "campaigns", "leads")
OTHERS = ("admin/", "webhooks/")  # with logins of their own, and only for POST
VALUES = {"slug": "pmo", "number": "1", "language": "sv"}
TOKEN = re.compile(r"\(\?P<token>[^)]*\)|<str:token>|<token>")
OTHER = re.compile(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>")


@pytest.fixture
def enrolment() -> Enrolment:
    enrolment = make_enrolment(publish_campaign())
    Message.objects.all().delete()
    return enrolment


def get_live_tokens(enrolment: Enrolment) -> dict[str, str]:
    """One that works for each purpose there is."""
    person, response = enrolment.respondent_id, enrolment.response
    ask(make_response(response.version), email="bo@example.se", now=TUESDAY)
    origin = ConsentOrigin.objects.get(respondent__email="bo@example.se")
    move = AddressChange.objects.create(
        respondent_id=person, email="new@example.se", asked_at=TUESDAY
    )
    mark = letters.get_address_mark(enrolment.respondent.email)
    live = {
        "confirm": tokens.make("confirm", [origin.pk, origin.response_id.hex]),
        "unsubscribe": tokens.make("unsubscribe", [person, "tips", ""]),
        "go": tokens.make("go", "https://example.se/"),
        "stay": tokens.make("stay", person),
        "preferences": tokens.make("preferences", [person, ""]),
        "address": tokens.make("address", move.pk),
    }
    for act in acts.Act:
        content = [act.value, person, int(TUESDAY.timestamp()), mark]
        live[f"act {act}"] = tokens.make("act", content)
    for purpose in ("test", "result", "invite"):
        live[purpose] = test_tokens.make(purpose, response.pk)  # type: ignore[arg-type]  # a loop over its values
    return live


def get_addresses(live: dict[str, str]) -> Iterator[str]:
    for pattern in sorted(set(walk(get_resolver(), ""))):
        if pattern.startswith(OTHERS):
            continue
        path = pattern.replace("^", "").replace("/?$", "/").replace("$", "")
        for token in live.values() if TOKEN.search(path) else [""]:
            filled = TOKEN.sub(token, path)
            yield "/" + OTHER.sub(lambda found: VALUES.get(found[1] or found[2], "x"), filled)


def walk(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for each in resolver.url_patterns:
        own = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            yield own
        else:
            yield from walk(each, own)


def take_stock() -> dict[str, list[object]]:
    models = [model for name in APPS for model in apps.get_app_config(name).get_models()]
    return {
        model.__name__: list(model._default_manager.order_by("pk").values()) for model in models
    }


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_at_any_address_changes_no_row(
    client: Client, enrolment: Enrolment, method: str, settings: Settings
) -> None:
    addresses = list(get_addresses(get_live_tokens(enrolment)))
    assert sum("/m/" in each for each in addresses) > 50
    before = take_stock()
    statuses = set()
    for number, address in enumerate(addresses):
        # Each from somewhere else, or guessing wrong links would be stopped.
        origin = f"10.{number // 250}.{number % 250}.1"
        statuses.add(getattr(client, method)(address, REMOTE_ADDR=origin).status_code)
    assert take_stock() == before
    assert not [status for status in statuses if status >= 500]
    assert 200 in statuses or method == "options"
    assert Response.objects.exists()
