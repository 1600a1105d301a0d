"""A person who has done all there is to do, by the pages and the worker's own verbs."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from assessments import answering, comparing, publishing, tokens
from assessments.models import Response
from campaigns import advancing, delivery, freezing, letters, preferring, rights, sending
from campaigns.models import (
    AddressChange,
    Click,
    ClickCount,
    ConsentOrigin,
    DeliveryEvent,
    Freeze,
    Lane,
    Message,
    Reply,
    TipAnswer,
)
from campaigns.transport import open_transport
from leads import grading, handover, working
from leads.models import Alert, Delivery, Hook, Lead, ScoreFault
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
    answer(person)
    work_on(Lead.objects.get(respondent=person))
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


def answer(person: int) -> None:
    """Wrote back, told how it went with a tip, and followed a link."""
    now, message = timezone.now(), Message.objects.filter(respondent=person).latest("created_at")
    said = {"said": "human", "verdict": "human", "received_at": now}
    Reply.objects.create(
        key="1", respondent_id=person, sender=EMAIL, subject=NAME, text=f"Hej! {NAME}", **said
    )
    told = {"choice": "done", "text": f"{NAME} gjorde det", "answered_at": now}
    TipAnswer.objects.create(message=message, respondent_id=person, **told)
    seen = {"is_head": False, "agent": "browser", "is_from_scanner": False, "seconds": 900}
    Click.objects.create(message=message, link=1, at=now, **seen)
    ClickCount.objects.create(message=message, human=1, clicked_at=now)
    rights.register(
        kind="access",
        respondent_id=person,
        road="phone",
        note=f"{NAME} ringde",
        on=now.date(),
        by_id=None,
        now=now,
    )


def work_on(lead: Lead) -> None:
    """Taken, moved, graded by hand, written about, alerted of, and told to another system."""
    now, by = timezone.now(), get_user_model().objects.create(username="konsult")
    own = {"lead_id": lead.pk, "by_id": by.pk, "now": now}
    handover.take(lead_ids=[lead.pk], owner_id=by.pk, now=now)
    handover.release(lead_ids=[lead.pk], reason="Semester", by_id=by.pk, now=now)
    working.move(stage=Lead.Stage.IN_TOUCH, reason_id=None, text=f"{NAME} ringde", **own)
    working.write_note(text=f"{NAME} <{EMAIL}>", **own)
    working.plan_step(lead_id=lead.pk, on=now.date(), text=f"Ring {NAME}", now=now)
    grading.override(grade="A1", reason=f"{NAME} är rätt", until=None, **own)
    Alert.objects.create(lead=lead, kind=Alert.Kind.GRADE, key="staff:1", at=now)
    ScoreFault.objects.create(lead=lead, columns=["fit"], found_at=now)
    hook = Hook.objects.create(name="CRM", url="https://crm.example.com/", created_at=now)
    person = {"respondent_id": lead.respondent_id, "lead_id": lead.pk}
    times = {"created_at": now, "next_at": now, "until": now}
    Delivery.objects.create(hook=hook, number=1, kind="lead.taken", body=NAME, **person, **times)


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
