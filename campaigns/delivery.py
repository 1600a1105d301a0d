"""One report of a provider becomes one row and its consequences, however often it is told and in
whatever order: what follows is decided from all rows there are, by when things happened.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from campaigns import bounces, mime, permission
from campaigns.models import DeliveryEvent, Message, Purpose, Suppression
from campaigns.signals import delivery_recorded, message_sent
from pmoportal import crashing

Kind = DeliveryEvent.Kind

TURN = 7_071_002  # any number that no other advisory lock uses

# Each of these proves that the provider had taken the mail.
PROOFS = (
    Kind.ACCEPTED,
    Kind.DELIVERED,
    Kind.DEFERRED,
    Kind.HARD_BOUNCE,
    Kind.SOFT_BOUNCE,
    Kind.POLICY_BOUNCE,
    Kind.COMPLAINT,
    Kind.UNSUBSCRIBED,
)


@dataclass(frozen=True, kw_only=True)
class Report:
    """A provider's report in our words. `event_id` is the provider's own, if it has one;
    `message_id` is what we gave it (our Message-ID), `provider_id` what it gave us.
    """

    provider: str
    event_type: str
    event_id: str
    message_id: str
    provider_id: str
    recipient: str
    reject_reason: str
    words: str
    happened_at: datetime
    severity: bounces.Severity = ""


@transaction.atomic
def record(*, report: Report, received_at: datetime) -> DeliveryEvent | None:
    """Keep the report and do what follows. None when it is known already, or says nothing about
    delivery. A report of mail that we did not send is kept without consequences.
    """
    kind, code = bounces.classify(
        event_type=report.event_type,
        reject_reason=report.reject_reason,
        words=report.words,
        severity=report.severity,
    )
    if kind is None:
        return None
    message = _find_message(report)
    if message is not None and message.respondent_id is not None:
        _wait_for_turn(message.respondent_id)
    event, is_new = DeliveryEvent.objects.get_or_create(
        key=_get_key(report),
        defaults={
            "message": message,
            "claimed_id": None if message else get_claimed_id(report),
            "provider": report.provider,
            "kind": kind,
            "code": code,
            "happened_at": report.happened_at,
            "received_at": received_at,
        },
    )
    if not is_new:
        return None
    if message is not None:
        _follow(event, message)
    crashing.reach("in_webhook")
    return event


def settle_proven(*, now: datetime, limit: int) -> int:
    """Settle up to `limit` unknown messages by reports that came before we knew. How many."""
    reports = DeliveryEvent.objects.filter(message=OuterRef("pk"))
    unknown = Message.objects.filter(Exists(reports), state=Message.State.UNKNOWN)
    ids = list(unknown.values_list("pk", flat=True)[:limit])
    newest = DeliveryEvent.objects.filter(message__in=ids).select_related("message")
    settled = [_settle_unknown(event, event.message, now) for event in newest if event.message]
    return sum(settled)


@transaction.atomic
def settle_lost(*, now: datetime) -> int:
    """After a backup was restored: mail that had left since then is known by its reports. How many
    queued messages were settled by one.
    """
    queued = Message.objects.filter(state=Message.State.QUEUED, sending_at=None)
    lost = DeliveryEvent.objects.filter(message=None, kind__in=PROOFS)
    settled = 0
    for message in queued.filter(pk__in=lost.values("claimed_id")).select_for_update():
        reports = list(lost.filter(claimed_id=message.pk).order_by("happened_at"))
        first = reports[0].happened_at
        Message.objects.filter(pk=message.pk).update(
            state=Message.State.SENT, reason="proved", sending_at=first, sent_at=first, ended_at=now
        )
        lost.filter(claimed_id=message.pk).update(message=message)
        for report in reports:
            _follow(report, message)
        settled += 1
    return settled


def get_claimed_id(report: Report) -> uuid.UUID | None:
    """The name that we gave the mail, as the report says."""
    try:
        return uuid.UUID(report.message_id.strip("<>").partition("@")[0])
    except ValueError:
        return None


def _wait_for_turn(respondent_id: int) -> None:
    """Until the transaction ends, nobody else draws conclusions about this person: each would
    not see the other's row.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashint8(%s))", [TURN, respondent_id])


def _find_message(report: Report) -> Message | None:
    """The mail that the report is about, if we sent it to that address."""
    rows = Message.objects.filter(sending_at__isnull=False)
    ours = get_claimed_id(report)
    if ours is not None:
        rows = rows.filter(pk=ours)
    elif report.provider_id:
        rows = rows.filter(provider_id=report.provider_id)
    else:
        return None
    recipient = _get_plain_address(report.recipient)
    return next((row for row in rows[:100] if _get_plain_address(row.to) == recipient), None)


def _get_plain_address(address: str) -> str:
    """As it is on the wire, where providers see it: räka.se is xn--rka-qla.se there."""
    try:
        return mime.get_ascii_address(address).lower()
    except ValueError:
        return address.lower()


def _get_key(report: Report) -> str:
    parts = [report.provider, report.event_id]
    if not report.event_id:
        at = report.happened_at.isoformat()
        parts += [report.event_type, report.message_id, report.provider_id, report.recipient, at]
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def _follow(event: DeliveryEvent, message: Message) -> None:
    _settle_unknown(event, message, event.received_at)
    if event.kind == Kind.HARD_BOUNCE:
        _suppress(message, Suppression.Reason.BOUNCE, event.received_at)
    elif event.kind == Kind.COMPLAINT:
        _suppress(message, Suppression.Reason.COMPLAINT, event.received_at)
    elif event.kind in (Kind.SOFT_BOUNCE, Kind.DELIVERED):
        _judge_soft_bounces(message, event.received_at)
    elif event.kind == Kind.UNSUBSCRIBED and message.respondent_id is not None:
        permission.withdraw(
            respondent_id=message.respondent_id,
            purposes=Purpose.values,
            source="provider",
            now=event.received_at,
        )
    transaction.on_commit(
        partial(delivery_recorded.send_robust, sender=None, message_id=message.pk, kind=event.kind)
    )


def _settle_unknown(event: DeliveryEvent, message: Message, now: datetime) -> bool:
    """Whether the report settled what nobody knew. Only an unknown message moves."""
    unknown = Message.objects.filter(pk=message.pk, state=Message.State.UNKNOWN)
    if event.kind in PROOFS:
        changed = unknown.update(
            state=Message.State.SENT, reason="proved", sent_at=event.happened_at, ended_at=now
        )
        if changed:
            transaction.on_commit(
                partial(message_sent.send_robust, sender=None, message_id=message.pk)
            )
        return bool(changed)
    return bool(unknown.update(state=Message.State.FAILED, reason="refused", ended_at=now))


def _suppress(message: Message, reason: Suppression.Reason, now: datetime) -> None:
    permission.suppress(email=message.to, reason=reason, now=now)


def _judge_soft_bounces(message: Message, now: datetime) -> None:
    """A late report of a delivery can show that bounces were not in a row after all."""
    if message.respondent_id is None:
        return
    known = DeliveryEvent.objects.filter(message__respondent=message.respondent_id)
    history = list(known.values_list("happened_at", "kind"))
    if bounces.is_unreachable(history):
        _suppress(message, Suppression.Reason.BOUNCE, now)
    elif all(kind != Kind.HARD_BOUNCE for _, kind in history):
        permission.lift(email=message.to, reason=Suppression.Reason.BOUNCE)
