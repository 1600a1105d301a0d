"""A mail that came in: whose it is, what it is, and what follows from it. Never an answer.

What follows can be taken back when a person knows better. Nothing that only an operator could
undo follows from a sender's address alone, which anybody can write.
"""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.timezone import get_current_timezone

from assessments import profiles
from campaigns import delivery, enrolment, permission, replies, tokens
from campaigns.models import Consent, Enrolment, Freeze, Message, Reply, Suppression
from campaigns.signals import reply_received

Verdict = Reply.Verdict
Match = Reply.Match

MORNING = time(8)
# Of somebody who is away and does not say until when.
AWAY_DAYS = 7
# What nobody needs to look at.
UNSTORED = (Verdict.AUTO_REPLY, Verdict.BOUNCE, Verdict.COMPLAINT)
STOPPING = (Verdict.HUMAN, Verdict.UNSURE)
SUPPRESSING = {
    Verdict.GONE: Suppression.Reason.GONE,
    Verdict.REMOVE_ME: Suppression.Reason.REMOVE_ME,
}
REPLIED = "replied"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Whose mail it is: the person, and the mail of ours that it answers, if it says so."""

    respondent_id: int | None = None
    email: str = ""
    message_id: uuid.UUID | None = None
    matched_by: Match = Match.NOBODY


@transaction.atomic
def take(*, raw: bytes, received_at: datetime, envelope_to: str = "") -> int | None:
    """Keep the mail and do what follows from it, once however often it comes. The id of its row;
    None when there is none: a report, a program's word from nobody, or known already.
    """
    mail = replies.open_mail(raw)
    verdict = replies.judge(mail, received_at=received_at)
    recipients = (envelope_to.lower(), *mail.recipients)
    if mail.report is not None:
        _record_report(mail, _get_key(mail, raw), recipients, received_at)
        return None
    origin = _find_origin(mail, recipients)
    if origin.respondent_id is None and verdict.kind in UNSTORED:
        return None
    reply = _keep(mail, raw, verdict, origin, received_at)
    if reply is None:
        return None
    _apply(reply, origin.email, received_at)
    return reply.pk


@transaction.atomic
def correct(
    *, reply_id: int, verdict: str, until: date | None, by: Any, now: datetime
) -> Reply | None:
    """A person says what it was: what followed is taken back, and what should have follows.
    None, and nothing changes, when it counts as that already.
    """
    reply = Reply.objects.select_for_update().get(pk=reply_id)
    if (reply.verdict, reply.until) == (verdict, until):
        return None
    email = _get_email(reply.respondent_id)
    _take_back(reply, email, now)
    reply.verdict, reply.until, reply.corrected_by = verdict, until, by
    reply.save(update_fields=["verdict", "until", "corrected_by"])
    _apply(reply, email, now)
    return reply


def _record_report(
    mail: replies.Received, key: str, recipients: Iterable[str], received_at: datetime
) -> None:
    """As a provider's report. Whoever encloses our Message-ID, or writes to the address that we
    gave with that one mail, has had it.
    """
    report = mail.report
    assert report is not None
    message = _find_message(report.message_ids) or _find_by_token(recipients)
    happened_at = mail.sent_at or received_at
    if not timedelta(0) <= received_at - happened_at <= replies.CLOCKS_DIFFER:
        happened_at = received_at
    delivery.record(
        report=delivery.Report(
            provider="mail",
            event_type=report.kind,
            event_id=key,
            message_id=f"<{message.pk}@>" if message else "",
            provider_id="",
            recipient=message.to if message else "",
            reject_reason="",
            words=report.words,
            happened_at=happened_at,
            severity="soft" if report.code.startswith("4") else "",
        ),
        received_at=received_at,
    )


def _find_origin(mail: replies.Received, recipients: Iterable[str]) -> Origin:
    """By what only a reader of our mail can know, first; by the sender's address, last."""
    for matched_by, message in (
        (Match.REFERENCE, _find_message(mail.references)),
        (Match.TOKEN, _find_by_token(recipients)),
    ):
        if message is not None and message.respondent_id is not None:
            return Origin(
                respondent_id=message.respondent_id,
                email=_get_email(message.respondent_id),
                message_id=message.pk,
                matched_by=matched_by,
            )
    email = _normalise(mail.sender)
    person = profiles.get_people().filter(email=email).values_list("pk", flat=True).first()
    if not email or person is None:
        return Origin()
    return Origin(respondent_id=person, email=email, matched_by=Match.SENDER)


def _find_message(references: Iterable[str]) -> Message | None:
    """The nearest of these that is a mail of ours and was sent."""
    ids = [each for each in map(_read_uuid, references) if each]
    known = Message.objects.filter(pk__in=ids, sending_at__isnull=False).in_bulk()
    return next((known[each] for each in ids if each in known), None)


def _find_by_token(recipients: Iterable[str]) -> Message | None:
    parts = [each.partition("@")[0].partition("+")[2] for each in recipients]
    ids = [tokens.read_from_address(part) for part in parts if len(part) == tokens.ADDRESS_TOKEN]
    return Message.objects.filter(pk__in=[each for each in ids if each]).first()


def _read_uuid(reference: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(reference.partition("@")[0])
    except ValueError:
        return None


def _keep(
    mail: replies.Received,
    raw: bytes,
    verdict: replies.Verdict,
    origin: Origin,
    received_at: datetime,
) -> Reply | None:
    """None when the mail was taken before, also at this very moment by somebody else."""
    found = _weigh(verdict.kind, mail, origin)
    reply = Reply(
        key=_get_key(mail, raw),
        respondent_id=origin.respondent_id,
        message_id=origin.message_id,
        matched_by=origin.matched_by,
        sender=mail.sender[:254],
        subject=mail.subject[:300],
        text=mail.text,
        said=verdict.kind,
        verdict=found,
        until=verdict.until if found == Verdict.AWAY else None,
        reasons=[asdict(reason) for reason in verdict.reasons],
        received_at=received_at,
    )
    Reply.objects.bulk_create([reply], ignore_conflicts=True)
    kept = Reply.objects.filter(key=reply.key, received_at=received_at).first()
    return kept if kept and kept.applied_at is None else None


def _weigh(kind: str, mail: replies.Received, origin: Origin) -> str:
    """“Gone” of somebody else, or from an address that anybody can write, is for a person to
    judge; “away” of somebody else says nothing about ours.
    """
    is_theirs = _get_domain(mail.sender) == _get_domain(origin.email)
    if kind == Verdict.GONE and (not is_theirs or origin.matched_by == Match.SENDER):
        return Verdict.UNSURE
    if kind == Verdict.AWAY and not is_theirs:
        return Verdict.AUTO_REPLY
    return kind


def _apply(reply: Reply, email: str, now: datetime) -> None:
    Reply.objects.filter(pk=reply.pk).update(applied_at=now)
    reply.applied_at = now
    person = reply.respondent_id
    if person is None:
        return
    if reply.verdict in STOPPING:
        _lock(person)
        theirs = Enrolment.objects.filter(respondent=person)
        permission.stop(enrolments=theirs, reason=REPLIED, now=now)
        tell = partial(reply_received.send_robust, sender=None, respondent_id=person)
        transaction.on_commit(partial(tell, reply_id=reply.pk))
    elif reply.verdict == Verdict.AWAY:
        until = _get_end(reply.until, now)
        enrolment.freeze(
            respondent_ids=[person], reason=Freeze.Reason.AWAY, until=until, now=now
        )
    elif reply.verdict in SUPPRESSING:
        reason = SUPPRESSING[Verdict(reply.verdict)]
        permission.suppress(email=email, reason=reason, now=now)


def _take_back(reply: Reply, email: str, now: datetime) -> None:
    """Only what followed from this very mail: its moment names it."""
    person = reply.respondent_id
    if person is None:
        return
    if reply.verdict in STOPPING:
        _reinstate(person, REPLIED, reply.applied_at, now)
    elif reply.verdict == Verdict.AWAY:
        enrolment.release(respondent_ids=[person], reason=Freeze.Reason.AWAY, now=now)
    elif reply.verdict in SUPPRESSING:
        reason = SUPPRESSING[Verdict(reply.verdict)]
        permission.lift(email=email, reason=reason, since=reply.applied_at)
        _reinstate(person, str(reason), reply.applied_at, now)


def _reinstate(person: int, reason: str, since: datetime | None, now: datetime) -> None:
    """Those that this reason ended at this moment go on, if they may and nothing took their
    place. What was queued then stays skipped.
    """
    _lock(person)
    theirs = Enrolment.objects.filter(respondent=person)
    taken = theirs.filter(state=Enrolment.State.ACTIVE).values("campaign")
    agreed = Consent.objects.filter(respondent=person, state=Consent.State.CONFIRMED)
    ended = theirs.filter(state=Enrolment.State.STOPPED, reason=reason, ended_at=since)
    ended = ended.filter(campaign__purpose__in=agreed.values("purpose"))
    ended.exclude(campaign__in=taken).update(
        state=Enrolment.State.ACTIVE, reason="", ended_at=None, next_due_at=now
    )


def _lock(person: int) -> None:
    """The lock that a hand-over takes: what is handed over after this commit sees it."""
    list(Consent.objects.filter(respondent=person).order_by("pk").select_for_update())


def _get_end(until: date | None, now: datetime) -> datetime:
    """The morning after the first day back; a first day has enough mail in it."""
    zone = get_current_timezone()
    day = until + timedelta(days=1) if until else (now + timedelta(days=AWAY_DAYS)).date()
    return datetime.combine(day, MORNING, tzinfo=zone)


def _get_key(mail: replies.Received, raw: bytes) -> str:
    """The same for the same mail by whatever road it comes."""
    named = f"{mail.message_id}\0{mail.sender}".encode("utf-8", "replace")
    return hashlib.sha256(named if mail.message_id else raw).hexdigest()


def _get_email(respondent_id: int | None) -> str:
    people = profiles.get_people().filter(pk=respondent_id)
    return people.values_list("email", flat=True).first() or ""


def _normalise(address: str) -> str:
    try:
        return profiles.normalise_email(address) if "@" in address else ""
    except UnicodeError:
        return ""


def _get_domain(address: str) -> str:
    return _normalise(address).rpartition("@")[2]
