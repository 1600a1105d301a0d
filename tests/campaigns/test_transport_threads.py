"""Several mails to a provider at once, each on a connection of its own."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core import mail as django_mail
from pytest_django import Settings

from campaigns.transport import LOST, Accepted, Parcel, open_transport
from campaigns.transport import provider as provider_module
from campaigns.transport.provider import ProviderTransport
from pmoportal.mail_url import MailServer, parse_mail_url
from tests.campaigns.provider_server import (
    Answer,
    Provider,
    Request,
    answer_like_postmark,
    get_settings,
    hand_over,
    make_parcels,
    serving,
)

ACCEPTED = ("Accepted", "", 0)
CLOSED = "http://127.0.0.1:9/"


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    with serving() as provider:
        settings.ANYMAIL = get_settings(provider.port)
        yield provider


@pytest.fixture
def transport() -> Iterator[ProviderTransport]:
    email = MailServer(kind="provider", provider="postmark")
    transport = ProviderTransport(email=email, connections=4)
    yield transport
    transport.close()


def get_to(request: Request) -> str:
    return str(request.body["To"])


def test_as_many_mails_are_under_way_as_there_are_connections(
    provider: Provider, transport: ProviderTransport, settings: Settings
) -> None:
    settings.ANYMAIL = get_settings(provider.port, REQUESTS_TIMEOUT=10)
    hand_over(transport, make_parcels(4))
    provider.together = 4
    parcels = make_parcels(8)

    assert hand_over(transport, parcels) == 8 * [ACCEPTED]
    assert provider.most == 4
    assert [getattr(each.outcome, "provider_id", "") for each in parcels] == [
        f"pm-p{number}@example.se" for number in range(8)
    ]


def test_connections_are_kept_between_calls(
    provider: Provider, transport: ProviderTransport
) -> None:
    for _ in range(3):
        hand_over(transport, make_parcels(12))

    assert len(provider.requests) == 36
    assert len({request.client for request in provider.requests}) <= 4


def test_a_bad_mail_stops_no_other(provider: Provider, transport: ProviderTransport) -> None:
    def refuse_one(request: Request) -> Answer:
        if get_to(request) == "p3@example.se":
            return Answer(status=422, body={"ErrorCode": 300, "Message": "Invalid 'Subject'"})
        return answer_like_postmark(request)

    provider.script = refuse_one
    parcels = make_parcels(8)
    parcels[5].mail = replace(parcels[5].mail, to="not an address")
    outcomes = hand_over(transport, parcels)

    assert outcomes.pop(5) == ("Refused", "address", 0)
    assert outcomes.pop(3) == ("Refused", "response", 422)
    assert outcomes == 6 * [ACCEPTED]


def test_a_lost_answer_leaves_one_mail_unknown(
    provider: Provider, transport: ProviderTransport
) -> None:
    def lose_one(request: Request) -> Answer:
        if get_to(request) == "p3@example.se":
            return Answer(does="stall")
        return answer_like_postmark(request)

    provider.script = lose_one
    outcomes = hand_over(transport, make_parcels(8))

    assert outcomes.pop(3) == ("Unknown", "response", 0)
    assert outcomes == 7 * [ACCEPTED]


def test_a_provider_that_cannot_be_reached_is_asked_once(
    provider: Provider, transport: ProviderTransport, settings: Settings
) -> None:
    settings.ANYMAIL = get_settings(provider.port, POSTMARK_API_URL=CLOSED)

    assert hand_over(transport, make_parcels(8)) == [("TryLater", "connect", 0)] + 7 * [("", "", 0)]


def test_a_key_that_is_no_longer_good_stops_the_rest(
    provider: Provider, transport: ProviderTransport
) -> None:
    hand_over(transport, make_parcels(4))
    provider.requests.clear()
    provider.script = lambda _: Answer(status=401, body={"ErrorCode": 10})
    outcomes = hand_over(transport, make_parcels(20))

    refused = outcomes.count(("TryLater", "auth", 401))
    assert 1 <= refused == len(provider.requests) <= 4
    assert outcomes.count(("", "", 0)) == 20 - refused


def test_nothing_is_begun_when_it_is_over(provider: Provider, transport: ProviderTransport) -> None:
    parcels = make_parcels(20)
    transport.send(parcels=parcels, is_over=lambda: len(provider.requests) >= 5)
    sent = [parcel for parcel in parcels if isinstance(parcel.outcome, Accepted)]

    assert 5 <= len(sent) == len(provider.requests) <= 9
    assert {parcel.outcome for parcel in parcels if parcel not in sent} == {None}


def test_the_end_of_a_tasks_time_leaves_every_mail_an_honest_outcome(
    provider: Provider,
    transport: ProviderTransport,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.ANYMAIL = get_settings(provider.port, REQUESTS_TIMEOUT=5)
    provider.script = lambda request: (
        answer_like_postmark(request) if len(provider.requests) <= 3 else Answer(does="stall")
    )
    join = threading.Thread.join

    def join_until_time_is_over(thread: threading.Thread, timeout: float | None = None) -> None:
        if timeout is not None:
            return join(thread, timeout)
        while len(provider.requests) < 3 + 4:
            time.sleep(0.01)
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(provider_module, "GRACE", 0.1)
    monkeypatch.setattr(threading.Thread, "join", join_until_time_is_over)
    parcels = make_parcels(20)
    with pytest.raises(SoftTimeLimitExceeded):
        transport.send(parcels=parcels, is_over=lambda: False)
    outcomes = [parcel.outcome for parcel in parcels]

    assert sum(isinstance(each, Accepted) for each in outcomes) == 3
    assert outcomes.count(LOST) == 4
    assert outcomes.count(None) == 13
    provider.done.set()
    time.sleep(0.3)  # the threads go on, and send nothing more
    assert len(provider.requests) == 7


def test_a_short_pause_that_the_provider_wants_is_kept(
    provider: Provider, transport: ProviderTransport
) -> None:
    def slow_down(request: Request) -> Answer:
        if len(provider.requests) in {2, 3}:
            return Answer(status=429, body="slower", headers={"Retry-After": "0.2"})
        return answer_like_postmark(request)

    provider.script = slow_down
    assert hand_over(transport, make_parcels(6)) == 6 * [ACCEPTED]
    assert len(provider.requests) == 8


@pytest.mark.parametrize("wait", ["3600", "soon", ""])
def test_a_long_pause_is_for_later(
    provider: Provider, transport: ProviderTransport, wait: str
) -> None:
    headers = {"Retry-After": wait} if wait else {}
    provider.script = lambda _: Answer(status=429, body="slower", headers=headers)

    assert hand_over(transport, make_parcels(2)) == 2 * [("TryLater", "response", 429)]
    assert len(provider.requests) == 2


def test_a_provider_that_wants_pauses_for_ever_is_tried_later(
    provider: Provider, transport: ProviderTransport
) -> None:
    provider.script = lambda _: Answer(status=429, body="slower", headers={"Retry-After": "0.01"})

    assert hand_over(transport, make_parcels(1)) == [("TryLater", "response", 429)]
    assert len(provider.requests) == 5


def test_other_backends_get_one_mail_after_the_other() -> None:
    transport = open_transport(email=parse_mail_url("locmem:"))
    parcels: list[Parcel] = make_parcels(6)

    assert hand_over(transport, parcels) == 6 * [ACCEPTED]
    assert [each.to for each in django_mail.outbox] == [[parcel.mail.to] for parcel in parcels]
