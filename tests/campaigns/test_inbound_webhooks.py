"""Mail that a provider received for us, through each provider's own door."""

from dataclasses import replace
from typing import Any

import anymail.urls
import pytest
from django.test import Client
from pytest_django import Settings

from campaigns import advancing, tokens
from campaigns.models import Message, Reply, Suppression
from tests.campaigns.corpus import OURS, build
from tests.campaigns.inbound_posts import BUILDERS, FETCHED, SECRETS, UNSIGNED, running_api
from tests.campaigns.inbound_posts import build as build_post
from tests.campaigns.reporting import SECRET, SETTINGS, install_stand_ins, post
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid"),
]

REFUSED = {400, 401, 403, 404, 405}
PROVIDERS = sorted(BUILDERS)


@pytest.fixture(autouse=True)
def _open_doors(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WEBHOOK_SECRET = SECRET
    settings.ANYMAIL = SETTINGS | SECRETS
    install_stand_ins(monkeypatch)


@pytest.fixture
def message() -> Message:
    make_enrolment(publish_campaign())
    advancing.plan_due(now=TUESDAY, limit=10)
    Message.objects.update(sending_at=TUESDAY, sent_at=TUESDAY, state="sent")
    return Message.objects.get()


def write(message: Message, body: str = "Hej, ring mig!", **row: Any) -> bytes:
    return build({"body": body, **row}).replace(OURS.encode(), str(message.pk).encode())


def bring(client: Client, provider: str, raw: bytes, settings: Settings, **given: Any) -> int:
    with running_api(raw) as url:
        settings.ANYMAIL = settings.ANYMAIL | {"RESEND_API_URL": url, "MAILTRAP_API_URL": url}
        return post(client, build_post(provider, raw, **given)).status_code


def test_every_inbound_door_of_anymail_is_tried() -> None:
    names = {str(each.name) for each in anymail.urls.urlpatterns if "inbound" in str(each.name)}
    doors = {name.removesuffix("_inbound_webhook") for name in names} - {"sendinblue"}
    assert doors | {"mandrill"} == set(PROVIDERS)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_mail_is_taken_once_from_each_provider(
    client: Client, message: Message, provider: str, settings: Settings
) -> None:
    raw = write(message, quote="gmail-sv")
    assert [bring(client, provider, raw, settings) for _ in range(2)] == [200, 200]
    reply = Reply.objects.get()
    assert (reply.verdict, reply.matched_by) == ("human", "reference")
    assert (reply.respondent_id, reply.sender) == (message.respondent_id, "alva@example.se")
    assert reply.text.startswith("Hej, ring mig!")


@pytest.mark.parametrize("provider", sorted(set(PROVIDERS) - FETCHED - {"mandrill"}))
def test_the_address_it_came_to_says_whose_it_is(
    client: Client, message: Message, provider: str, settings: Settings
) -> None:
    raw = build({"body": "Hej", "fresh": True, "from": "alva@home.example"})
    to = f"svar+{tokens.make_for_address(message.pk)}@example.com"
    assert bring(client, provider, raw, settings, to=to) == 200
    assert Reply.objects.get().matched_by == "token"


@pytest.mark.parametrize("secret", ["", "reports:wrong"])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_mail_without_the_secret_is_refused(
    client: Client, message: Message, provider: str, secret: str
) -> None:
    call = build_post(provider, write(message, "Ta bort mig från listan"))
    assert post(client, call, secret=secret).status_code in REFUSED
    assert (Reply.objects.count(), Suppression.objects.count()) == (0, 0)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_door_is_closed_without_a_secret_of_ours(
    client: Client, message: Message, provider: str, settings: Settings
) -> None:
    settings.WEBHOOK_SECRET = ""
    assert post(client, build_post(provider, write(message))).status_code == 404


@pytest.mark.parametrize("provider", sorted(set(PROVIDERS) - UNSIGNED))
def test_a_mail_with_a_wrong_signature_is_refused(
    client: Client, message: Message, provider: str
) -> None:
    call = build_post(provider, write(message))
    body = call.body.replace(b"signature=", b"signature=0")
    forged = replace(call, body=body, headers=dict.fromkeys(call.headers, "AAAA"))
    assert post(client, forged).status_code in REFUSED
    assert Reply.objects.count() == 0


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b"{}", b"\x00", b'{"items": [7]}'])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_nonsense_is_refused_and_no_error(client: Client, provider: str, body: bytes) -> None:
    call = replace(build_post(provider, b"From: a@b.se\r\nSubject: x\r\n\r\nx"), body=body)
    assert post(client, call).status_code in REFUSED | {200}
    assert Reply.objects.count() == 0


@pytest.mark.parametrize("provider", ["brevo", "mailjet", "postmark"])
def test_a_mail_that_cannot_be_put_together_again_is_taken_all_the_same(
    client: Client, message: Message, provider: str, settings: Settings
) -> None:
    """These take it apart, and a header may be one that no mail can have."""
    raw = write(message).replace(b"MIME-Version: 1.0", b"X-Odd: \xc3\xa5\xf0\x9f\x98\x80")
    assert bring(client, provider, raw, settings) == 200
    assert Reply.objects.get().respondent_id == message.respondent_id
