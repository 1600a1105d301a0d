"""Reports told 46 times, in any order, eight at once, some before the mail was settled: all ends
as if each had been told once, in order.
"""

import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from campaigns import delivery, permission, sending
from campaigns.models import (
    Consent,
    DeliveryEvent,
    Enrolment,
    Message,
    Suppression,
)
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)
TIMES = 46
RECEIVED_AT = TUESDAY + 200 * HOUR
# Of each person: mails as they were when the reports began, and what is told of them.
STORIES: dict[str, tuple[list[str], list[tuple[int, str, float, str]]]] = {
    "complains": (
        ["sent"],
        [(0, "sent", 0, ""), (0, "delivered", 1, ""), (0, "complained", 9, "")],
    ),
    "unsubscribes": (["sent"], [(0, "delivered", 1, ""), (0, "unsubscribed", 9, "")]),
    "gone": (
        ["sent", "sent"],
        [(0, "delivered", 1, ""), (1, "deferred", 25, ""), (1, "bounced", 26, "550 5.1.1 unknown")],
    ),
    "gone and complaining": (
        ["sent", "sent"],
        [(0, "complained", 2, ""), (1, "bounced", 26, "550 5.1.1 unknown")],
    ),
    "full for days": (
        ["sent", "sent", "sent"],
        [(number, "bounced", 48 * number, "452 4.2.2 full") for number in range(3)],
    ),
    "full now and then": (
        ["sent", "sent", "sent", "sent"],
        [
            (0, "bounced", 0, "452 4.2.2 full"),
            (1, "delivered", 24, ""),
            (2, "bounced", 48, "452 4.2.2 full"),
            (3, "bounced", 96, "452 4.2.2 full"),
        ],
    ),
    "in doubt": (["unknown"], [(0, "sent", 0, ""), (0, "delivered", 1, "")]),
    "refused": (["unknown"], [(0, "rejected", 1, "")]),
    "before the commit": (["sending"], [(0, "delivered", 1, "")]),
}
# A series is stopped for good, so how long an address seemed lost for ever does leave a trace.
LEAVES_A_TRACE = "full now and then"


def make_reports() -> list[delivery.Report]:
    """Everybody's mails, and everybody's reports in the order in which things happened."""
    campaign = publish_campaign()
    reports = []
    for name, (states, told) in STORIES.items():
        email = f"{name.replace(' ', '.')}@example.se"
        enrolment = make_enrolment(campaign, email=email)
        messages = [make_message(enrolment, state, f"step-{n}") for n, state in enumerate(states)]
        reports += [
            delivery.Report(
                provider="Postmark",
                event_type=event_type,
                event_id="",
                message_id=f"<{messages[number].pk}@example.se>",
                provider_id="",
                recipient=email,
                reject_reason="bounced" if event_type == "bounced" else "",
                words=words,
                happened_at=TUESDAY + hours * HOUR,
            )
            for number, event_type, hours, words in told
        ]
    return sorted(reports, key=lambda report: report.happened_at)


def make_message(enrolment: Enrolment, state: str, step_key: str) -> Message:
    values: dict[str, Any] = {
        "unknown": {"reason": "lost_after_dot"},
        "sending": {"claim": uuid4(), "lease_until": TUESDAY},
    }.get(state, {})
    return Message.objects.create(
        key=f"{enrolment.pk}:{step_key}",
        kind=Message.Kind.CAMPAIGN,
        enrolment=enrolment,
        step_key=step_key,
        respondent=enrolment.respondent,
        to=enrolment.respondent.email,
        language="sv",
        state=state,
        created_at=TUESDAY,
        due_at=TUESDAY,
        sending_at=TUESDAY,
        **values,
    )


def tell(report: delivery.Report) -> bool:
    try:
        return delivery.record(report=report, received_at=RECEIVED_AT) is not None
    finally:
        connection.close()


def test_reports_of_one_person_wait_for_each_other() -> None:
    reports = {
        report.happened_at: report
        for report in make_reports()
        if report.recipient == "full.now.and.then@example.se"
    }
    first, delivered, second, third = (reports[at] for at in sorted(reports))
    tell(first)
    tell(second)
    has_told = threading.Event()

    def tell_slowly() -> None:
        with transaction.atomic():
            delivery.record(report=third, received_at=RECEIVED_AT)
            has_told.set()
            time.sleep(0.3)  # the other would not see what is not committed
        connection.close()

    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(tell_slowly)
        assert has_told.wait(10)
        threads.submit(tell, delivered).result()
        slow.result()
    assert not Suppression.objects.exists()


def tell_all_at_once(reports: Sequence[delivery.Report]) -> int:
    """How many of them were news."""
    with ThreadPoolExecutor(8) as threads:
        return sum(threads.map(tell, reports))


def read() -> dict[str, list[tuple[Any, ...]]]:
    keys = {permission.get_subject_key(each.to): each.to for each in Message.objects.all()}
    reasons = Suppression.objects.values_list("subject_key", "reason")
    enrolments = Enrolment.objects.exclude(
        respondent__email=f"{LEAVES_A_TRACE.replace(' ', '.')}@example.se"
    )
    return {
        "reports": sorted(
            DeliveryEvent.objects.values_list(
                "message__to", "message__step_key", "kind", "code", "happened_at"
            )
        ),
        "messages": sorted(Message.objects.values_list("to", "step_key", "state", "reason")),
        "suppressed": sorted((keys[key], reason) for key, reason in reasons),
        "consents": sorted(Consent.objects.values_list("respondent__email", "purpose", "state")),
        "enrolments": sorted(enrolments.values_list("respondent__email", "state")),
    }


def test_a_storm_of_reports_ends_as_one_ordered_telling() -> None:
    calm = make_reports()
    sending.settle_stale(now=TUESDAY + HOUR)
    for report in calm:
        tell(report)
    expected = read()
    assert dict(expected["suppressed"]) == {
        "complains@example.se": "complaint",
        "full.for.days@example.se": "bounce",
        "gone@example.se": "bounce",
        "gone.and.complaining@example.se": "complaint",
    }
    for model in (DeliveryEvent, Suppression, Message, Enrolment, Consent):
        model.objects.all().delete()

    reports = make_reports()
    storm = TIMES * reports
    random.Random(7).shuffle(storm)
    half = len(storm) // 2
    news = tell_all_at_once(storm[:half])
    sending.settle_stale(now=TUESDAY + HOUR)  # what was under way has lost its worker
    news += tell_all_at_once(storm[half:])
    delivery.settle_proven(now=RECEIVED_AT, limit=10)

    assert news == len(reports)
    assert read() == expected
