import itertools
import random
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from campaigns import delivery, permission, purging, sending
from campaigns.models import Consent, DeliveryEvent, Enrolment, Message, Suppression
from tests.factories import TUESDAY, get_consents, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECRET = "postmark:a-long-secret"


@pytest.fixture
def message() -> Message:
    return make_message()


def make_message(state: str = "sent", at: datetime = TUESDAY) -> Message:
    """A mail that left at `at`, and whose fate is `state`."""
    enrolment = Enrolment.objects.first() or make_enrolment(publish_campaign())
    count = Message.objects.count()
    values = {
        "unknown": {"reason": "lost_after_dot"},
        "sending": {"claim": uuid4(), "lease_until": at},
    }.get(state, {})
    return Message.objects.create(
        key=f"{enrolment.pk}:{count}",
        kind=Message.Kind.CAMPAIGN,
        enrolment=enrolment,
        step_key=f"step-{count}",
        respondent=enrolment.respondent,
        to=enrolment.respondent.email,
        language="sv",
        state=state,
        created_at=at,
        due_at=at,
        sending_at=at,
        **values,
    )


def report(message: Message, event_type: str, hours: float = 0, **values: str) -> delivery.Report:
    given = {
        "provider": "Postmark",
        "event_type": event_type,
        "event_id": "",
        "message_id": f"<{message.pk}@example.se>",
        "provider_id": "",
        "recipient": "alva@example.se",
        "reject_reason": "bounced" if event_type == "bounced" else "",
        "words": "",
    }
    return delivery.Report(**{**given, **values}, happened_at=TUESDAY + hours * HOUR)


def record(*reports: delivery.Report) -> list[DeliveryEvent | None]:
    return [delivery.record(report=each, received_at=TUESDAY + 200 * HOUR) for each in reports]


def get_suppression() -> str:
    row = Suppression.objects.filter(subject_key=permission.get_subject_key("alva@example.se"))
    return row.values_list("reason", flat=True).first() or ""


def test_a_report_is_kept_once_however_often_it_is_told(message: Message) -> None:
    told = record(*itertools.repeat(report(message, "delivered", event_id="e1"), 46))
    assert [each is not None for each in told] == [True] + 45 * [False]
    assert DeliveryEvent.objects.count() == 1


def test_a_report_without_an_id_is_known_by_what_it_says(message: Message) -> None:
    record(report(message, "delivered"), report(message, "delivered"))
    record(report(message, "delivered", hours=1))
    assert DeliveryEvent.objects.count() == 2


def test_a_hard_bounce_suppresses_the_address_and_stops_the_sequence(message: Message) -> None:
    record(report(message, "bounced", words="550 5.1.1 no such user"))
    assert get_suppression() == "bounce"
    enrolment = Enrolment.objects.get()
    assert (enrolment.state, enrolment.reason) == ("stopped", "bounce")


@pytest.mark.parametrize("reason", ["complaint", "manual"])
def test_a_bounce_does_not_make_liftable_what_was_not(message: Message, reason: str) -> None:
    permission.suppress(email=message.to, reason=Suppression.Reason(reason), now=TUESDAY)
    full = {"words": "452 4.2.2 mailbox full"}
    record(*(report(message, "bounced", hours, **full) for hours in (0, 40, 80)))
    record(report(message, "delivered", 60))
    assert get_suppression() == reason


def test_a_complaint_suppresses_the_address(message: Message) -> None:
    record(report(message, "complained"))
    assert get_suppression() == "complaint"


def test_one_soft_bounce_suppresses_nobody(message: Message) -> None:
    record(report(message, "bounced", words="452 4.2.2 mailbox full"))
    assert get_suppression() == ""


def test_a_refusal_because_of_us_does_not_blame_the_address(message: Message) -> None:
    record(report(message, "bounced", words="550 5.7.1 blocked"))
    assert get_suppression() == ""
    assert DeliveryEvent.objects.get().kind == "policy_bounce"


def test_unsubscribing_at_the_provider_withdraws_everything(message: Message) -> None:
    record(report(message, "unsubscribed"))
    assert set(get_consents(message.respondent_id or 0).values()) == {"withdrawn"}
    assert get_suppression() == ""


def test_a_report_of_mail_we_did_not_send_has_no_consequences(message: Message) -> None:
    foreign = report(message, "complained", message_id="<x@elsewhere.example>")
    other_address = report(message, "complained", recipient="someone@example.com")
    record(foreign, other_address)
    assert get_suppression() == ""
    assert [each.message for each in DeliveryEvent.objects.all()] == [None, None]


def test_a_message_that_never_left_cannot_have_bounced(message: Message) -> None:
    Message.objects.update(sending_at=None, state="queued")
    record(report(message, "complained"))
    assert get_suppression() == ""


def test_a_message_is_found_by_the_providers_own_id(message: Message) -> None:
    Message.objects.update(provider_id="p-1")
    record(report(message, "complained", message_id="", provider_id="p-1"))
    assert get_suppression() == "complaint"


def test_reports_of_mail_we_did_not_send_are_forgotten_after_thirty_days(message: Message) -> None:
    record(report(message, "delivered"), report(message, "delivered", recipient="x@example.com"))
    received_at = TUESDAY + 200 * HOUR
    purging.purge(now=received_at + 29 * DAY, limit=10)
    assert DeliveryEvent.objects.count() == 2
    purging.purge(now=received_at + 31 * DAY, limit=10)
    assert DeliveryEvent.objects.get().message == message


@pytest.mark.parametrize(
    ("event_type", "state"),
    [("delivered", "sent"), ("deferred", "sent"), ("bounced", "sent"), ("rejected", "failed")],
)
def test_a_report_settles_an_unknown_message(event_type: str, state: str) -> None:
    message = make_message("unknown")
    record(report(message, event_type))
    message.refresh_from_db()
    assert message.state == state


def test_a_report_that_came_before_the_worker_was_lost_settles_the_message_later() -> None:
    message = make_message("sending")
    record(report(message, "delivered"))
    sending.settle_stale(now=TUESDAY + HOUR)
    assert Message.objects.get().state == "unknown"
    assert delivery.settle_proven(now=TUESDAY + HOUR, limit=10) == 1
    assert (Message.objects.get().state, Message.objects.get().reason) == ("sent", "proved")


def test_reports_in_any_order_end_alike() -> None:
    messages = [make_message(at=TUESDAY + hours * HOUR) for hours in (0, 24, 48, 96)]
    full = {"words": "452 4.2.2 mailbox full"}
    story = [
        report(messages[0], "bounced", 0, **full),
        report(messages[1], "delivered", 24),
        report(messages[2], "bounced", 48, **full),
        report(messages[3], "bounced", 96, **full),
        report(messages[3], "deferred", 95),
    ]
    endings = set()
    for seed in range(12):
        shuffled = 3 * story
        random.Random(seed).shuffle(shuffled)
        record(*shuffled)
        counts = sorted(DeliveryEvent.objects.values_list("kind", flat=True))
        endings.add((get_suppression(), tuple(counts)))
        DeliveryEvent.objects.all().delete()
        Suppression.objects.all().delete()
    assert endings == {("", ("deferred", "delivered", "soft_bounce", "soft_bounce", "soft_bounce"))}


@pytest.mark.django_db(transaction=True)
def test_eight_deliveries_of_one_report_at_once_keep_it_once() -> None:
    told = report(make_message(), "complained", event_id="e1")

    def tell(_: int) -> bool:
        kept = delivery.record(report=told, received_at=TUESDAY)
        connection.close()
        return kept is not None

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(tell, range(46))) == 1
    assert DeliveryEvent.objects.count() == 1
    assert get_suppression() == "complaint"


# Over HTTP


@pytest.fixture
def post(settings: Settings, client: Client) -> Any:
    settings.WEBHOOK_SECRET = SECRET
    settings.ANYMAIL = settings.ANYMAIL | {"WEBHOOK_SECRET": SECRET}
    return partial(post_to, client)


def post_to(
    client: Client,
    content: Any,
    *,
    secret: str = SECRET,
    path: str = "/webhooks/postmark/tracking/",
) -> HttpResponse:
    headers = {"authorization": "Basic " + b64encode(secret.encode()).decode()} if secret else {}
    return client.post(path, content, content_type="application/json", headers=headers)


def build_bounce(message: Message) -> dict[str, Any]:
    """As Postmark's documentation shows it."""
    return {
        "RecordType": "Bounce",
        "ID": 4323372036854775807,
        "Type": "HardBounce",
        "TypeCode": 1,
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Description": "The server was unable to deliver your message.",
        "Details": "smtp;550 5.1.1 The email account does not exist.",
        "Email": message.to,
        "BouncedAt": "2026-09-15T16:33:54.9070259Z",
        "Metadata": {"message_id": f"<{message.pk}@example.se>"},
    }


def test_a_webhook_records_a_bounce(post: Any, message: Message) -> None:
    assert post(build_bounce(message)).status_code == 200
    event = DeliveryEvent.objects.get()
    assert (event.kind, event.code, event.message) == ("hard_bounce", "5.1.1", message)
    assert get_suppression() == "bounce"


@pytest.mark.parametrize("secret", ["", "postmark:wrong", ":", "a-long-secret"])
def test_a_webhook_without_the_secret_is_refused(post: Any, message: Message, secret: str) -> None:
    assert post(build_bounce(message), secret=secret).status_code == 400
    assert DeliveryEvent.objects.count() == 0


def test_no_webhook_is_open_when_no_secret_is_set(client: Client, message: Message) -> None:
    assert post_to(client, build_bounce(message), secret="").status_code == 404


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "7", '"text"', "{}", '{"RecordType": "Bounce"}', "\x00", "x" * 100_000],
)
def test_a_report_that_makes_no_sense_is_refused_and_no_error(post: Any, content: str) -> None:
    assert post(content).status_code in {200, 400}
    assert DeliveryEvent.objects.filter(message__isnull=False).count() == 0


def test_a_report_as_large_as_a_film_is_refused(post: Any) -> None:
    assert post("[" + "1," * 5_000_000 + "1]").status_code == 400


def test_looking_at_a_webhook_is_not_allowed(post: Any, client: Client) -> None:
    assert client.get("/webhooks/postmark/tracking/").status_code == 405


def test_consents_stay_as_they_are_after_a_bounce(post: Any, message: Message) -> None:
    before = set(Consent.objects.values_list("purpose", "state"))
    post(build_bounce(message))
    assert set(Consent.objects.values_list("purpose", "state")) == before
