"""Providers that know a mail again by its key."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from campaigns.transport import Accepted, get_key_life, open_transport
from pmoportal.mail_url import MailServer, parse_mail_url
from tests.campaigns.provider_server import (
    Answer,
    Provider,
    Request,
    answer_like_brevo,
    answer_like_resend,
    get_settings,
    hand_over,
    make_parcels,
    serving,
)

ACCEPTED = ("Accepted", "", 0)
HOURS = timedelta(hours=1)
RESEND = MailServer(kind="provider", provider="resend")
BREVO = MailServer(kind="provider", provider="brevo")
KEYS = [f"019309ab-0000-7000-8000-{number:012d}" for number in range(3)]


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    with serving() as provider:
        settings.ANYMAIL = get_settings(provider.port)
        yield provider


def test_resend_hears_the_key_with_the_request_and_not_in_the_mail(provider: Provider) -> None:
    provider.script = answer_like_resend
    assert hand_over(open_transport(email=RESEND), make_parcels(3)) == 3 * [ACCEPTED]
    requests = sorted(provider.requests, key=lambda each: str(each.body["to"]))

    assert [request.path for request in requests] == 3 * ["/emails"]
    assert [request.headers["idempotency-key"] for request in requests] == KEYS
    mail = requests[0].body
    assert "Idempotency-Key" not in mail["headers"]
    assert mail["headers"]["List-Unsubscribe"] == "<https://example.com/m/unsubscribe/x/>"
    assert mail["headers"]["X-Metadata"] == f'{{"message_id": "<{KEYS[0]}@example.com>"}}'


def test_brevo_hears_the_key_among_the_headers(provider: Provider) -> None:
    provider.script = answer_like_brevo
    parcels = make_parcels(3)
    assert hand_over(open_transport(email=BREVO), parcels) == 3 * [ACCEPTED]

    assert {request.body["headers"]["idempotencyKey"] for request in provider.requests} == set(KEYS)
    assert parcels[0].outcome == Accepted(
        evidence="HTTP 201 queued", provider_id="<br-p0@example.se>"
    )


@pytest.mark.parametrize("email", [RESEND, BREVO])
def test_the_same_mail_has_the_same_key_and_the_same_body(
    provider: Provider, email: MailServer
) -> None:
    provider.script = answer_like_resend if email is RESEND else answer_like_brevo
    hand_over(open_transport(email=email), make_parcels(1))
    hand_over(open_transport(email=email), make_parcels(1))
    first, second = provider.requests

    assert first.body == second.body
    assert first.headers.get("idempotency-key") == second.headers.get("idempotency-key")


@pytest.mark.parametrize(
    ("email", "status", "body", "outcome"),
    [
        (BREVO, 400, {"code": "duplicate_parameter", "message": "key"}, ACCEPTED),
        (BREVO, 400, {"code": "invalid_parameter"}, ("Refused", "response", 400)),
        (RESEND, 409, {"name": "invalid_idempotent_request"}, ACCEPTED),
        (RESEND, 409, {"name": "concurrent_idempotent_requests"}, ("Unknown", "response", 0)),
        (RESEND, 422, {"name": "validation_error"}, ("Refused", "response", 422)),
        (RESEND, 403, {"name": "validation_error"}, ("TryLater", "auth", 403)),
        (RESEND, 429, {"name": "daily_quota_exceeded"}, ("TryLater", "response", 429)),
        (RESEND, 409, "no json", ("Refused", "response", 409)),
        (RESEND, 409, [], ("Refused", "response", 409)),
    ],
)
def test_a_known_key_says_that_the_mail_was_accepted(
    provider: Provider, email: MailServer, status: int, body: Any, outcome: tuple[str, str, int]
) -> None:
    provider.script = lambda _: Answer(status=status, body=body)

    assert hand_over(open_transport(email=email), make_parcels(1)) == [outcome]


def test_a_mail_sent_again_after_a_lost_answer_arrives_once(provider: Provider) -> None:
    known: dict[str, Answer] = {}

    def lose_first(request: Request) -> Answer:
        key = request.headers["idempotency-key"]
        if key in known:
            return known[key]
        known[key] = answer_like_resend(request)
        return Answer(does="drop")

    provider.script = lose_first
    transport = open_transport(email=RESEND)
    assert hand_over(transport, make_parcels(3)) == 3 * [("Unknown", "response", 0)]
    assert hand_over(transport, make_parcels(3)) == 3 * [ACCEPTED]
    assert set(known) == set(KEYS)


@pytest.mark.parametrize(
    ("url", "life"),
    [
        ("resend://key", 24 * HOURS),
        ("brevo://key", HOURS / 4),
        ("postmark://key", 0 * HOURS),
        ("mailgun://key", 0 * HOURS),
        ("smtp://127.0.0.1", 0 * HOURS),
        ("locmem:", 0 * HOURS),
    ],
)
def test_a_key_lives_as_long_as_the_provider_says(
    settings: Settings, url: str, life: timedelta
) -> None:
    assert get_key_life(email=parse_mail_url(url)) == life


def test_no_key_of_a_mail_outlives_a_batch(settings: Settings) -> None:
    email = parse_mail_url("resend://key?batch=yes")
    settings.ANYMAIL = email.anymail

    assert get_key_life(email=email) == 0 * HOURS
