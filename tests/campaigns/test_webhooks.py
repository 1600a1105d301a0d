"""Every provider's reports, through its own door."""

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import anymail.urls
import pytest
from django.test import Client
from pytest_django import Settings

from campaigns import permission
from campaigns.models import DeliveryEvent, Message, Suppression
from tests.campaigns.reporting import (
    PROVIDERS,
    SECRET,
    SETTINGS,
    SIGNED,
    Post,
    build,
    get_kinds,
    install_stand_ins,
    post,
)
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid"),
]

REFUSED = {400, 401, 403, 404, 405}
MEANT_FOR_OLD_NAMES = {"sendinblue"}


@pytest.fixture(autouse=True)
def _open_doors(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WEBHOOK_SECRET = SECRET
    settings.ANYMAIL = SETTINGS
    install_stand_ins(monkeypatch)


@pytest.fixture
def message() -> Message:
    enrolment = make_enrolment(publish_campaign())
    return Message.objects.create(
        key="sent",
        kind=Message.Kind.CAMPAIGN,
        enrolment=enrolment,
        step_key="result",
        respondent=enrolment.respondent,
        to=enrolment.respondent.email,
        language="sv",
        state=Message.State.SENT,
        created_at=TUESDAY,
        due_at=TUESDAY,
        sending_at=TUESDAY,
        provider_id="<1152921-504@provider.example>",
    )


def read() -> list[tuple[Any, ...]]:
    rows = DeliveryEvent.objects.order_by("kind", "happened_at")
    return list(rows.values_list("kind", "code", "happened_at", "message_id"))


def get_suppression(message: Message) -> str:
    key = permission.get_subject_key(message.to)
    return "".join(Suppression.objects.filter(subject_key=key).values_list("reason", flat=True))


def test_every_door_is_tested() -> None:
    doors = {str(each.name).split("_tracking")[0] for each in anymail.urls.urlpatterns}
    doors = {each for each in doors if "inbound" not in each and "webhook" not in each}
    assert doors - MEANT_FOR_OLD_NAMES == set(PROVIDERS)


@pytest.mark.parametrize("knows_us", [True, False])
@pytest.mark.parametrize(
    ("provider", "kind"), [(each, kind) for each in PROVIDERS for kind in get_kinds(each)]
)
def test_a_report_becomes_one_row_of_its_kind(
    client: Client, message: Message, provider: str, kind: str, *, knows_us: bool
) -> None:
    call = build(provider, kind, message, knows_us=knows_us)
    assert [post(client, call).status_code for _ in range(2)] == [200, 200]

    event = DeliveryEvent.objects.get()
    assert (event.kind, event.message) == (kind, message)
    assert event.happened_at.date() == TUESDAY.replace(day=15, month=9).date()
    expected = {"hard_bounce": "bounce", "complaint": "complaint"}.get(kind, "")
    assert get_suppression(message) == expected


@pytest.mark.parametrize("provider", PROVIDERS)
def test_reports_in_any_order_and_often_are_the_same_rows(
    client: Client, message: Message, provider: str
) -> None:
    calls = [build(provider, kind, message) for kind in get_kinds(provider)]
    for call in calls:
        post(client, call)
    rows, suppression = read(), get_suppression(message)
    assert len(rows) == len(calls)
    for seed in range(3):
        DeliveryEvent.objects.all().delete()
        Suppression.objects.all().delete()
        shuffled = 3 * calls
        random.Random(seed).shuffle(shuffled)
        assert {post(client, call).status_code for call in shuffled} == {200}
        assert (read(), get_suppression(message)) == (rows, suppression)


@pytest.mark.parametrize("secret", ["", "reports:wrong", "a-long-secret", ":", "\x00:\x00"])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_report_without_the_secret_is_refused(
    client: Client, message: Message, provider: str, secret: str
) -> None:
    call = build(provider, "hard_bounce", message)
    assert post(client, call, secret=secret).status_code in REFUSED
    assert DeliveryEvent.objects.count() == 0


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_door_is_closed_without_a_secret_of_ours(
    client: Client, message: Message, provider: str, settings: Settings
) -> None:
    settings.WEBHOOK_SECRET = ""
    settings.ANYMAIL = {name: SETTINGS[name] for name in SETTINGS if name != "WEBHOOK_SECRET"}
    assert post(client, build(provider, "hard_bounce", message)).status_code == 404
    assert DeliveryEvent.objects.count() == 0


def damage_signature(call: Post) -> Post:
    body = call.body.replace(b'"signature": "', b'"signature": "0').replace(
        b'"auth": "', b'"auth": "0'
    )
    headers = {
        name: value if name.lower().endswith(("-id", "-timestamp")) else f"AAAA{value}"
        for name, value in call.headers.items()
    }
    return replace(call, body=body, headers=headers)


def drop_signature(call: Post) -> Post:
    body = call.body.replace(b'"signature"', b'"nothing"').replace(b'"auth"', b'"nothing"')
    return replace(call, body=body, headers={})


def damage_body(call: Post) -> Post:
    return replace(call, body=call.body.replace(b"alva", b"beda"))


@pytest.mark.parametrize(
    ("provider", "forge"),
    [
        (provider, forge)
        for provider in SIGNED
        for forge in (damage_signature, drop_signature, damage_body)
        # Mailgun signs a time and a token, and not what it says.
        if (provider, forge) != ("mailgun", damage_body)
    ],
)
def test_a_report_with_a_wrong_signature_is_refused(
    client: Client, message: Message, provider: str, forge: Any
) -> None:
    call = build(provider, "hard_bounce", message)
    forged = forge(call)
    assert forged != call
    assert post(client, forged).status_code in REFUSED
    assert DeliveryEvent.objects.count() == 0


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_report_means_nothing_at_another_providers_door(
    client: Client, message: Message, provider: str
) -> None:
    call = build(provider, "hard_bounce", message)
    for other in set(PROVIDERS) - {provider}:
        path = build(other, "hard_bounce", message).path
        assert post(client, replace(call, path=path)).status_code in REFUSED | {200}
    assert DeliveryEvent.objects.filter(message__isnull=False).count() == 0
    assert get_suppression(message) == ""


@pytest.mark.parametrize("provider", PROVIDERS)
def test_looking_at_a_door_changes_nothing(client: Client, message: Message, provider: str) -> None:
    path = build(provider, "hard_bounce", message).path
    # Unisender Go looks whether somebody is there.
    assert client.get(path).status_code in {200, 405}
    assert client.head(path).status_code in {200, 405}
    assert client.put(path).status_code == 405
    assert DeliveryEvent.objects.count() == 0


GARBAGE = [
    b"",
    b"{",
    b"null",
    b"7",
    b'"text"',
    b"[]",
    b"[[]]",
    b"{}",
    b'{"Type": 7}',
    b"\x00\xff",
    100_000 * b"[",
    b'[{"event": "bounce", "timestamp": 1e20, "email": "x"}]',
    b'{"event": "spam", "ts_epoch": 1e30, "email": "x"}',
    b'{"event": "spam", "time": Infinity, "email": "x"}',
    b'{"RecordType": "Bounce", "Type": "HardBounce", "Email": "a\\u0000@b.se", "ID": 1}',
    b'{"RecordType": "Bounce", "Type": "HardBounce", "Email": {"a": 1}, "ID": 2}',
    b'{"RecordType": "Bounce", "Type": "HardBounce", "Email": "\\ud800@b.se", "ID": 3}',
    b'{"RecordType": "Bounce", "Email": "x", "BouncedAt": "2026-09-15T08:30:00"}',
    b'{"RecordType": "Bounce", "Email": "x", "BouncedAt": "never"}',
    b'{"RecordType": "Bounce", "Email": "x", "Metadata": "text"}',
    b'{"RecordType": "Bounce", "Email": "x", "Metadata": {"message_id": [1]}}',
]


@pytest.mark.parametrize("secret", [SECRET, "reports:wrong"])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_nonsense_is_refused_and_no_error(
    client: Client, message: Message, provider: str, secret: str
) -> None:
    call = build(provider, "hard_bounce", message)
    for body in GARBAGE:
        answer = post(client, replace(call, body=body), secret=secret)
        assert answer.status_code in (REFUSED | {200} if secret == SECRET else REFUSED), body[:80]
    assert DeliveryEvent.objects.filter(message__isnull=False).count() == 0


@pytest.mark.parametrize("provider", ["mailersend", "mandrill", "postal", "unisender_go"])
def test_a_provider_that_is_not_set_up_is_nobody(
    client: Client, message: Message, provider: str, settings: Settings
) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}
    assert post(client, build(provider, "hard_bounce", message)).status_code == 404
    assert DeliveryEvent.objects.count() == 0


def test_amazon_is_asked_for_the_secret_before_it_gives_it(
    client: Client, message: Message
) -> None:
    answer = post(client, build("amazon_ses", "hard_bounce", message), secret="")
    assert (answer.status_code, answer["WWW-Authenticate"][:5]) == (401, "Basic")


def test_a_report_without_id_and_time_is_kept_once(client: Client, message: Message) -> None:
    call = build("mailjet", "complaint", message)
    said = {name: value for name, value in json.loads(call.body).items() if name != "time"}
    for _ in range(3):
        post(client, replace(call, body=json.dumps(said).encode()))
    assert DeliveryEvent.objects.count() == 1


def test_a_report_finds_an_address_with_letters_of_its_own(
    client: Client, message: Message
) -> None:
    message.to = "alva@räka.se"
    message.save()
    call = build("postmark", "complaint", message)
    on_the_wire = call.body.replace(b"r\\u00e4ka.se", b"xn--rka-qla.se")
    assert on_the_wire != call.body
    post(client, replace(call, body=on_the_wire))
    assert DeliveryEvent.objects.get().message == message


def test_a_report_of_somebody_elses_mail_has_no_consequence(
    client: Client, message: Message
) -> None:
    call = build("postmark", "complaint", message)
    said = json.loads(call.body) | {
        "MessageID": "other",
        "Metadata": {"message_id": f"<{uuid4()}@x>"},
    }
    assert post(client, replace(call, body=json.dumps(said).encode())).status_code == 200
    assert DeliveryEvent.objects.get().message is None
    assert get_suppression(message) == ""


def test_payloads_are_written_one_way() -> None:
    for path in (Path(__file__).parent / "payloads").glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert text == json.dumps(json.loads(text), indent=2) + "\n", path.name
