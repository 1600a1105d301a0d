"""Transports that do as they are told, and mails for them to take."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded

from campaigns import advancing, sending
from campaigns.models import Message
from campaigns.transport import CONNECTING, LOST, Accepted, Form, Mail, Outcome, Parcel
from tests.factories import TUESDAY, make_enrolment, publish_campaign

ACCEPTED = Accepted(evidence="250 ok", provider_id="")
MINUTE = timedelta(minutes=1)


@dataclass
class Wire:
    """A transport that keeps what it was given and answers as it was told."""

    outcomes: list[Outcome] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    takes: Form = "bytes"

    def send(self, *, parcels: Sequence[Parcel], is_over: Callable[[], bool]) -> None:
        for parcel in parcels:
            if is_over():
                return
            parcel.outcome = LOST
            parcel.outcome = self.take(parcel.mail)
            if getattr(parcel.outcome, "phase", "") in CONNECTING:
                return

    def take(self, mail: Mail) -> Outcome:
        self.mails.append(mail)
        return self.outcomes.pop(0) if self.outcomes else ACCEPTED

    def close(self) -> None: ...


@dataclass
class SlowWire(Wire):
    """Takes a minute for each mail, by a clock of its own."""

    now: datetime = TUESDAY

    def take(self, mail: Mail) -> Outcome:
        self.now += MINUTE
        return super().take(mail)

    def get_time(self) -> datetime:
        return self.now


@dataclass
class BreakingWire(Wire):
    """Its time is up with the second mail, of which `certain` is known."""

    certain: Outcome = LOST

    def send(self, *, parcels: Sequence[Parcel], is_over: Callable[[], bool]) -> None:
        for parcel in parcels:
            parcel.outcome = self.take(parcel.mail)
            if len(self.mails) == 2:
                parcel.outcome = self.certain
                raise SoftTimeLimitExceeded


def make_message() -> Message:
    """A result letter, queued and due."""
    make_enrolment(publish_campaign())
    advancing.plan_due(now=TUESDAY, limit=10)
    return Message.objects.get()


def make_five() -> list[Message]:
    """Five result letters, in the order in which they leave."""
    for number in range(5):
        make_enrolment(publish_campaign(), email=f"person{number}@example.se")
    advancing.plan_due(now=TUESDAY, limit=10)
    messages = list(Message.objects.order_by("to"))
    for number, message in enumerate(messages):
        message.due_at = TUESDAY - (5 - number) * MINUTE
    Message.objects.bulk_update(messages, ["due_at"])
    return messages


def send(wire: Wire, limit: int = 100) -> sending.Sent:
    return sending.send_due(now=TUESDAY, limit=limit, transport=wire)


def read(*columns: str) -> list[tuple[object, ...]]:
    """The columns of every message, in the order in which they leave."""
    return list(Message.objects.order_by("to").values_list(*columns))
