"""A mail that came in: whose it is, what it is, and what follows from it. Never an answer.

What follows can be taken back when a person knows better. Nothing that only an operator could
undo follows from a sender's address alone, which anybody can write.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from campaigns import delivery, replies
from campaigns.models import Reply
from campaigns.receiving.consequences import apply, take_back
from campaigns.receiving.origins import (
    Origin,
    find_by_token,
    find_message,
    find_origin,
    get_domain,
    get_email,
)

Verdict = Reply.Verdict

# What nobody needs to look at.
UNSTORED = (Verdict.AUTO_REPLY, Verdict.BOUNCE, Verdict.COMPLAINT)


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
    origin = find_origin(mail, recipients)
    is_nobodys = verdict.kind in UNSTORED or not mail.sender
    if origin.respondent_id is None and is_nobodys:
        return None
    reply = _keep(mail, raw, verdict, origin, received_at)
    if reply is None:
        return None
    apply(reply, origin.email, received_at)
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
    email = get_email(reply.respondent_id)
    take_back(reply, email, now)
    reply.verdict, reply.until, reply.corrected_by = verdict, until, by
    reply.save(update_fields=["verdict", "until", "corrected_by"])
    apply(reply, email, now)
    return reply


def _record_report(
    mail: replies.Received, key: str, recipients: Iterable[str], received_at: datetime
) -> None:
    """As a provider's report. Whoever encloses our Message-ID, or writes to the address that we
    gave with that one mail, has had it.
    """
    report = mail.report
    assert report is not None
    message = find_message(report.message_ids) or find_by_token(recipients)
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
    is_theirs = get_domain(mail.sender) == get_domain(origin.email)
    if kind == Verdict.GONE and (not is_theirs or origin.matched_by == Reply.Match.SENDER):
        return Verdict.UNSURE
    if kind == Verdict.AWAY and not is_theirs:
        return Verdict.AUTO_REPLY
    return kind


def _get_key(mail: replies.Received, raw: bytes) -> str:
    """The same for the same mail by whatever road it comes."""
    named = f"{mail.message_id}\0{mail.sender}".encode("utf-8", "replace")
    return hashlib.sha256(named if mail.message_id else raw).hexdigest()
