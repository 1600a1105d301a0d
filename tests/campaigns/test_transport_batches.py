"""Many mails in one call: Postmark's and Resend's batches."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests
from anymail.exceptions import AnymailCancelSend
from anymail.signals import pre_send
from celery.exceptions import SoftTimeLimitExceeded
from pytest_django import Settings

from campaigns.transport import LOST, Transport, batches, open_transport
from campaigns.transport.batches import BatchTransport
from pmoportal.mail_url import MailServer
from tests.campaigns.provider_server import (
    Answer,
    Provider,
    Request,
    answer_like_postmark,
    answer_like_resend,
    get_settings,
    hand_over,
    make_parcels,
    serving,
)

ACCEPTED = ("Accepted", "", 0)
UNKNOWN = ("Unknown", "response", 0)
NOT_BEGUN = ("", "", 0)
CLOSED = "http://127.0.0.1:9/"


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    with serving() as provider:
        settings.ANYMAIL = get_settings(provider.port, RESEND_BATCH="yes")
        yield provider


@pytest.fixture
def postmark(provider: Provider) -> Iterator[Transport]:
    transport = open_transport(email=MailServer(kind="provider", provider="postmark"))
    yield transport
    transport.close()


@pytest.fixture
def resend(provider: Provider) -> Iterator[Transport]:
    provider.script = answer_like_resend
    transport = open_transport(email=MailServer(kind="provider", provider="resend"))
    yield transport
    transport.close()


def get_paths(provider: Provider) -> list[str]:
    return [request.path for request in provider.requests]


def test_postmark_gets_all_mails_in_one_call(provider: Provider, postmark: Transport) -> None:
    parcels = make_parcels(3)
    assert hand_over(postmark, parcels) == 3 * [ACCEPTED]
    assert get_paths(provider) == ["/email/batch"]
    (request,) = provider.requests
    assert request.headers["x-postmark-server-token"] == "sEcReT"
    assert [mail["To"] for mail in request.body] == [parcel.mail.to for parcel in parcels]
    second = parcels[1].mail
    assert request.body[1] == {
        "From": "PMO-testet <pmo@example.com>",
        "To": second.to,
        "Subject": "Ditt resultat",
        "ReplyTo": "svar@example.com",
        "Headers": [
            {"Name": "Message-ID", "Value": "<019309ab-0000-7000-8000-000000000000@example.com>"},
            {"Name": "List-Unsubscribe", "Value": "<https://example.com/m/unsubscribe/x/>"},
        ],
        "TextBody": "Hej Åsa",
        "HtmlBody": "<p>Hej Åsa</p>",
        "Metadata": {"message_id": second.message_id},
        "TrackLinks": "None",
        "TrackOpens": False,
    }
    assert getattr(parcels[2].outcome, "provider_id", "") == "pm-p2@example.se"


def test_each_mail_of_a_batch_has_its_own_outcome(provider: Provider, postmark: Transport) -> None:
    inactive = "Found inactive addresses: p3@example.se. Inactive recipients are ones that bounced."
    entries: list[Any] = [
        {"ErrorCode": 0, "Message": "OK", "MessageID": "pm-0", "To": "p0@example.se"},
        {"ErrorCode": 300, "Message": "Invalid 'From' address"},
        {"ErrorCode": 300, "Message": "Invalid 'To' address: 'p2@example.se'."},
        {"ErrorCode": 406, "Message": inactive},
        {"ErrorCode": 429, "Message": "Rate limit exceeded"},
        {"ErrorCode": 405, "Message": "Not allowed to send"},
        {"ErrorCode": 0, "Message": "OK"},
        "nonsense",
    ]
    provider.script = lambda _: Answer(body=entries)

    assert hand_over(postmark, make_parcels(8)) == [
        ACCEPTED,
        ("Refused", "response", 422),
        ("Refused", "rcpt", 0),
        ("Refused", "rcpt", 0),
        ("TryLater", "response", 422),
        ("TryLater", "auth", 422),
        UNKNOWN,
        UNKNOWN,
    ]


def test_resend_gets_a_batch_where_that_is_asked_for(provider: Provider, resend: Transport) -> None:
    parcels = make_parcels(3)
    assert hand_over(resend, parcels) == 3 * [ACCEPTED]
    assert get_paths(provider) == ["/emails/batch"]
    (request,) = provider.requests
    assert request.headers["idempotency-key"].startswith("batch/")
    assert [mail["to"] for mail in request.body] == [[parcel.mail.to] for parcel in parcels]
    assert parcels[1].mail.message_id in request.body[1]["headers"]["X-Metadata"]
    assert getattr(parcels[2].outcome, "provider_id", "") == "re-p2@example.se"


def test_resend_gets_single_mails_unless_it_is_asked_for(
    provider: Provider, settings: Settings
) -> None:
    settings.ANYMAIL = get_settings(provider.port)
    transport = open_transport(email=MailServer(kind="provider", provider="resend"))

    assert not isinstance(transport, BatchTransport)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_batch_that_is_refused_falls_apart_and_harms_only_the_mail_at_fault(
    provider: Provider, resend: Transport, status: int
) -> None:
    def refuse_bad(request: Request) -> Answer:
        if isinstance(request.body, list) or request.body["to"] == ["p1@example.se"]:
            return Answer(status=status, body={"name": "validation_error"})
        return answer_like_resend(request)

    provider.script = refuse_bad
    assert hand_over(resend, make_parcels(3)) == [
        ACCEPTED,
        ("Refused", "response", status),
        ACCEPTED,
    ]
    assert sorted(get_paths(provider)) == ["/emails", "/emails", "/emails", "/emails/batch"]


def test_postmarks_422_for_the_whole_call_fails_no_innocent(
    provider: Provider, postmark: Transport
) -> None:
    def refuse_batch(request: Request) -> Answer:
        if isinstance(request.body, list):
            return Answer(status=422, body={"ErrorCode": 410, "Message": "Too many"})
        return answer_like_postmark(request)

    provider.script = refuse_batch
    assert hand_over(postmark, make_parcels(3)) == 3 * [ACCEPTED]


@pytest.mark.parametrize("does", ["drop", "stall"])
def test_a_lost_answer_leaves_every_mail_of_the_call_unknown(
    provider: Provider, postmark: Transport, does: str
) -> None:
    provider.script = lambda _: Answer(does=does)

    assert hand_over(postmark, make_parcels(3)) == 3 * [UNKNOWN]
    assert len(provider.requests) == 1


@pytest.mark.parametrize("body", ["no json", [], {}, {"data": 7}, 7, [{"ErrorCode": 0}]])
def test_an_answer_that_does_not_fit_leaves_every_mail_unknown(
    provider: Provider, postmark: Transport, body: Any
) -> None:
    provider.script = lambda _: Answer(body=body)

    assert hand_over(postmark, make_parcels(3)) == 3 * [UNKNOWN]


def test_resend_is_asked_the_very_same_again_after_a_lost_answer(
    provider: Provider, resend: Transport
) -> None:
    provider.script = lambda request: (
        answer_like_resend(request) if len(provider.requests) > 1 else Answer(does="drop")
    )
    assert hand_over(resend, make_parcels(3)) == 3 * [ACCEPTED]
    first, second = provider.requests
    assert first.body == second.body
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


@pytest.mark.parametrize("then", [Answer(status=429), Answer(status=401), Answer(status=503)])
def test_what_a_lost_call_did_a_later_one_that_got_nowhere_cannot_say(
    provider: Provider, resend: Transport, then: Answer
) -> None:
    provider.script = lambda _: Answer(does="drop") if len(provider.requests) == 1 else then

    assert hand_over(resend, make_parcels(3)) == 3 * [UNKNOWN]


def test_a_provider_that_was_never_reached_is_tried_later(
    provider: Provider, postmark: Transport, settings: Settings
) -> None:
    settings.ANYMAIL = get_settings(provider.port, POSTMARK_API_URL=CLOSED)

    assert hand_over(postmark, make_parcels(3)) == [
        ("TryLater", "connect", 0),
        NOT_BEGUN,
        NOT_BEGUN,
    ]


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_not_good_stops_the_rest(
    provider: Provider, postmark: Transport, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(batches.LIMITS, "postmark", replace(batches.LIMITS["postmark"], mails=2))
    provider.script = lambda _: Answer(status=status)
    transport = open_transport(email=MailServer(kind="provider", provider="postmark"))

    assert hand_over(transport, make_parcels(5)) == [("TryLater", "auth", status)] + 4 * [NOT_BEGUN]
    assert len(provider.requests) == 1


def test_too_fast_is_for_later_or_after_a_short_pause(
    provider: Provider, postmark: Transport
) -> None:
    provider.script = lambda _: Answer(status=429, headers={"Retry-After": "3600"})
    assert hand_over(postmark, make_parcels(2)) == 2 * [("TryLater", "response", 429)]

    provider.requests.clear()
    provider.script = lambda request: (
        answer_like_postmark(request)
        if len(provider.requests) > 1
        else Answer(status=429, headers={"Retry-After": "0.01"})
    )
    assert hand_over(postmark, make_parcels(2)) == 2 * [ACCEPTED]


@pytest.mark.parametrize("limits", [{"mails": 2}, {"size": 1_100}])
def test_a_call_takes_no_more_than_the_provider_does(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, limits: dict[str, int]
) -> None:
    monkeypatch.setitem(batches.LIMITS, "postmark", replace(batches.LIMITS["postmark"], **limits))
    transport = open_transport(email=MailServer(kind="provider", provider="postmark"))

    assert hand_over(transport, make_parcels(5)) == 5 * [ACCEPTED]
    assert [len(request.body) for request in provider.requests] == [2, 2, 1]
    assert len({request.client for request in provider.requests}) == 1


def test_nothing_is_begun_when_it_is_over(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(batches.LIMITS, "postmark", replace(batches.LIMITS["postmark"], mails=2))
    transport = open_transport(email=MailServer(kind="provider", provider="postmark"))
    parcels = make_parcels(5)
    transport.send(parcels=parcels, is_over=lambda: len(provider.requests) == 1)

    assert [parcel.outcome is None for parcel in parcels] == [False, False, True, True, True]


def test_the_end_of_a_tasks_time_leaves_the_mails_of_the_call_unknown(
    provider: Provider, postmark: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def strike(*_: Any, **__: Any) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(requests.Session, "request", strike)
    parcels = make_parcels(3)
    with pytest.raises(SoftTimeLimitExceeded):
        postmark.send(parcels=parcels, is_over=lambda: False)
    assert [parcel.outcome for parcel in parcels] == 3 * [LOST]


def test_a_mail_that_cannot_be_made_is_left_out(provider: Provider, postmark: Transport) -> None:
    def stop_one(message: Any, **_: Any) -> None:
        if message.to == ["p3@example.se"]:
            raise AnymailCancelSend

    parcels = make_parcels(4)
    parcels[0].mail = replace(parcels[0].mail, to="a@b.se, c@d.se")
    parcels[1].mail = replace(parcels[1].mail, headers={"From": "not an address"})
    pre_send.connect(stop_one)
    try:
        outcomes = hand_over(postmark, parcels)
    finally:
        pre_send.disconnect(stop_one)

    assert outcomes == [
        ("Refused", "address", 0),
        ("Refused", "message", 0),
        ACCEPTED,
        ("Refused", "message", 0),
    ]
    assert [len(request.body) for request in provider.requests] == [1]


def test_a_missing_key_is_to_be_mended_and_tried_later(
    postmark: Transport, settings: Settings
) -> None:
    settings.ANYMAIL = {}

    assert hand_over(postmark, make_parcels(2)) == [("TryLater", "connect", 0), NOT_BEGUN]


def test_one_mail_alone_needs_no_batch(provider: Provider, postmark: Transport) -> None:
    assert hand_over(postmark, make_parcels(1)) == [ACCEPTED]
    assert get_paths(provider) == ["/email"]
