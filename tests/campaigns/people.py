"""A person who has done all there is to do, by the pages and the worker's own verbs."""

from datetime import timedelta

from django.conf import settings
from django.test import Client
from django.utils import timezone

from assessments import answering, comparing, publishing, tokens
from assessments.models import Response
from campaigns import advancing, delivery, freezing, letters, preferring, sending
from campaigns.models import AddressChange, ConsentOrigin, DeliveryEvent, Freeze, Lane, Message
from campaigns.transport import open_transport
from leads.models import Lead
from leads.refreshing import refresh_lead
from tests.campaigns.panels import post
from tests.factories import publish_campaign

EMAIL = "zebulon.q77@kvarnby.example"
NAME = "Zebulina"


def take_test(client: Client) -> Response:
    """By the pages, from the start button to the result."""
    before = set(Response.objects.values_list("pk", flat=True))
    page = client.post("/test/pmo/")
    while "/test/" in page.headers["Location"]:
        question = client.get(page.headers["Location"])
        choice = question.content.decode().split('name="choice" value="')[1].split('"')[0]
        page = client.post(page.headers["Location"], {"choice": choice})
    return Response.objects.exclude(pk__in=before).get()


def live_through_everything(client: Client) -> int:
    """Test, invitation, retake, all consents, confirmed; mails sent, reported and one refused;
    a lead with an owner. Returns the person's id.
    """
    publish_campaign()
    response = take_test(client)
    comparing.invite(response_id=response.pk, now=timezone.now())
    ask_and_confirm(client, response)
    person = Response.objects.get(pk=response.pk).respondent_id
    assert person is not None
    send_everything()
    report(person)
    choose(person)
    refresh_lead(respondent_id=person, now=timezone.now())
    Lead.objects.filter(respondent=person).update(organisation="Kvarnby")
    freezing.freeze(
        respondent_ids=[person], reason=Freeze.Reason.ASKED, until=None, now=timezone.now()
    )
    Lane.objects.create(name="kvarnby.example", evidence=f"421 <{EMAIL}> slow down")
    version = publishing.get_published(key="pmo")
    assert version is not None
    again = answering.start_response(
        version=version, language="sv", now=timezone.now(), previous=response
    )
    Response.objects.filter(pk=again.pk).update(respondent=person)
    return person


def ask_and_confirm(client: Client, response: Response) -> None:
    panel = f"/tips/{tokens.make('result', response.pk)}/"
    asked = post(
        client,
        panel,
        {"email": EMAIL, "first_name": NAME, "tips": "on", "contact": "on"},
        REMOTE_ADDR="198.51.100.7",
    )
    assert asked.status_code == 302, asked.content.decode()
    origin = ConsentOrigin.objects.latest("pk")
    link = letters.get_link("confirm", [origin.pk, response.pk.hex])
    assert client.post("/" + link.split("/", 3)[3]).status_code == 200


def send_everything() -> None:
    now = timezone.now()
    advancing.plan_due(now=now, limit=50)
    transport = open_transport(email=settings.EMAIL, connections=1)
    sending.send_due(now=now + timedelta(seconds=1), limit=50, transport=transport)


def choose(person: int) -> None:
    """Fewer mails, a pause, and another address that was never proved."""
    now = timezone.now()
    preferring.set_cap(respondent_id=person, cap_days=14, now=now)
    until = now + timedelta(days=30)
    freezing.freeze(respondent_ids=[person], reason=Freeze.Reason.ASKED, until=until, now=now)
    AddressChange.objects.create(respondent_id=person, email=f"new.{EMAIL}", asked_at=now)


def report(person: int) -> None:
    for message in Message.objects.filter(respondent=person):
        delivery.record(
            report=delivery.Report(
                provider="Postmark",
                event_type="delivered",
                event_id=f"{message.pk}",
                message_id=str(message.pk),
                provider_id="",
                recipient=EMAIL,
                reject_reason="",
                words=f"250 <{EMAIL}> ok",
                happened_at=timezone.now(),
            ),
            received_at=timezone.now(),
        )
    assert DeliveryEvent.objects.exists()
