"""What follows from a reply, and how that is taken back. Mail stops; nothing is ever answered."""

from datetime import date, datetime, time, timedelta
from functools import partial

from django.db import transaction
from django.utils.timezone import get_current_timezone

from campaigns import enrolment, permission
from campaigns.models import Consent, Enrolment, Freeze, Reply, Suppression
from campaigns.signals import reply_received

Verdict = Reply.Verdict

MORNING = time(8)
# Of somebody who is away and does not say until when.
AWAY_DAYS = 7
STOPPING = (Verdict.HUMAN, Verdict.UNSURE)
SUPPRESSING = {
    Verdict.GONE: Suppression.Reason.GONE,
    Verdict.REMOVE_ME: Suppression.Reason.REMOVE_ME,
}
REPLIED = "replied"


def apply(reply: Reply, email: str, now: datetime) -> None:
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
        enrolment.freeze(respondent_ids=[person], reason=Freeze.Reason.AWAY, until=until, now=now)
    elif reply.verdict in SUPPRESSING:
        reason = SUPPRESSING[Verdict(reply.verdict)]
        permission.suppress(email=email, reason=reason, now=now)


def take_back(reply: Reply, email: str, now: datetime) -> None:
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
