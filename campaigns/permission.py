"""Whether we may write to somebody: consent given, confirmed and withdrawn, and suppression.

Every change of a consent leaves an event for ever. Knows nothing of how mail is made or sent.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from campaigns.models import (
    Consent,
    ConsentEvent,
    ConsentOrigin,
    ConsentWording,
    Enrolment,
    Message,
    Suppression,
)
from campaigns.signals import consent_withdrawn

CONFIRMATION = "confirm"

# Limits of confirming mails to one address.
ASK_AGAIN_AFTER = timedelta(minutes=10)
ASKS_PER_DAY = 3
ASKS_WITHOUT_ANSWER = 5

HOUR = timedelta(hours=1)
TURN_LOCK = 7_071_001  # any number that no other advisory lock uses

# These end when the person asks for mail again and proves the address; the others are lifted
# only by an operator.
ENDED_BY_CONFIRMING = (Suppression.Reason.ERASED, Suppression.Reason.REMOVE_ME)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a message must not leave. `reason` becomes the message's reason."""

    reason: str


def get_subject_key(email: str) -> str:
    """The keyed hash (HMAC-SHA-256, 64 hex digits) by which an address is known without it."""
    return salted_hmac(
        "campaigns.subject", email.lower(), secret=settings.ADDRESS_KEY, algorithm="sha256"
    ).hexdigest()


def get_wordings(*, language: str) -> dict[str, ConsentWording]:
    """Purpose -> the sentence now shown beside its tick box."""
    wordings = ConsentWording.objects.filter(language=language).order_by("created_at", "pk")
    return {wording.purpose: wording for wording in wordings}


def may_ask_again(*, email: str, now: datetime) -> bool:
    """At most one confirming mail in ten minutes, three in a day, and five in a row that nobody
    answers. Counted in the events, which outlive the person's rows.
    """
    events = ConsentEvent.objects.filter(subject_key=get_subject_key(email))
    moments = events.filter(kind=ConsentEvent.Kind.ASKED).values_list("happened_at", flat=True)
    asked = set(moments)
    confirmed = events.filter(kind=ConsentEvent.Kind.CONFIRMED).order_by("-happened_at").first()
    unanswered = [at for at in asked if confirmed is None or at > confirmed.happened_at]
    return (
        len(unanswered) < ASKS_WITHOUT_ANSWER
        and sum(now - at < timedelta(days=1) for at in asked) < ASKS_PER_DAY
        and all(now - at >= ASK_AGAIN_AFTER for at in asked)
    )


def take_turn(*, now: datetime) -> datetime:
    """When the next confirming mail may leave: now, or so late that no hour has more than
    CONFIRMATIONS_PER_HOUR_ALL of them. All others who ask wait until the transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN_LOCK])
    last = settings.CONFIRMATIONS_PER_HOUR_ALL - 1
    due = ConsentOrigin.objects.order_by("-due_at").values_list("due_at", flat=True)
    return max([now, *(at + HOUR for at in due[last : last + 1])])


def ask(
    *, respondent_id: int, email: str, wordings: Iterable[ConsentWording], now: datetime
) -> list[Consent]:
    """Note what was ticked. Nothing that is confirmed, or was withdrawn, changes by asking."""
    wordings = list(wordings)
    Consent.objects.bulk_create(
        [
            Consent(respondent_id=respondent_id, purpose=wording.purpose, asked_at=now)
            for wording in wordings
        ],
        ignore_conflicts=True,
    )
    _record(ConsentEvent.Kind.ASKED, email, wordings, source="panel", now=now)
    purposes = [wording.purpose for wording in wordings]
    return list(_get_consents(respondent_id, purposes))


def confirm(
    *, respondent_id: int, email: str, wordings: Iterable[ConsentWording], now: datetime
) -> None:
    """The person proved the address and said yes to these wordings."""
    wordings = list(wordings)
    purposes = [wording.purpose for wording in wordings]
    _get_consents(respondent_id, purposes).update(
        state=Consent.State.CONFIRMED, confirmed_at=now, withdrawn_at=None
    )
    Suppression.objects.filter(
        subject_key=get_subject_key(email), reason__in=ENDED_BY_CONFIRMING
    ).delete()
    _record(ConsentEvent.Kind.CONFIRMED, email, wordings, source="confirming link", now=now)


@transaction.atomic
def withdraw(
    *, respondent_id: int, purposes: Collection[str], source: str, now: datetime
) -> list[str]:
    """Take back these purposes, stop what ran on them, and skip what was about to leave.

    The row lock taken here is the one `get_refusals` takes before a message is handed over:
    whichever commits first decides. Returns the purposes that had been given.
    """
    given = list(
        _get_consents(respondent_id, purposes)
        .exclude(state=Consent.State.WITHDRAWN)
        .select_related("respondent")
        .select_for_update(of=("self",))
    )
    if not given:
        return []
    withdrawn = [consent.purpose for consent in given]
    _get_consents(respondent_id, withdrawn).update(state=Consent.State.WITHDRAWN, withdrawn_at=now)
    _stop_enrolments(
        Enrolment.objects.filter(respondent_id=respondent_id, campaign__purpose__in=withdrawn),
        reason="unsubscribed",
        now=now,
    )
    email = given[0].respondent.email
    wordings = [ConsentWording(purpose=purpose) for purpose in withdrawn]
    _record(ConsentEvent.Kind.WITHDRAWN, email, wordings, source=source, now=now)
    transaction.on_commit(
        partial(
            consent_withdrawn.send_robust,
            sender=None,
            respondent_id=respondent_id,
            purposes=withdrawn,
        )
    )
    return withdrawn


@transaction.atomic
def suppress(*, email: str, reason: Suppression.Reason, now: datetime) -> None:
    """Never write to this address again, and stop everything under way to it. What only an
    operator may lift is not replaced by what the person may end.
    """
    key = get_subject_key(email)
    Suppression.objects.bulk_create(
        [Suppression(subject_key=key, reason=reason, created_at=now)], ignore_conflicts=True
    )
    present = Suppression.objects.filter(subject_key=key)
    if reason in ENDED_BY_CONFIRMING:
        present = present.filter(reason__in=ENDED_BY_CONFIRMING)
    present.update(reason=reason, created_at=now)
    _stop_enrolments(Enrolment.objects.filter(respondent__email=email), reason=str(reason), now=now)


def lift(*, email: str, reason: Suppression.Reason) -> None:
    """End a suppression that has turned out to be wrong, if this is its reason."""
    Suppression.objects.filter(subject_key=get_subject_key(email), reason=reason).delete()


def get_refusals(*, messages: Sequence[Message], lock: bool = False) -> dict[str, Refusal]:
    """Message key -> why it must not leave, for those that must not; four queries at most.

    `lock` holds the consents until the transaction ends, so that nobody withdraws between
    this look and the commit that hands the message over.
    """
    suppressed = _get_suppressed(messages)
    campaign = [each for each in messages if each.kind == Message.Kind.CAMPAIGN]
    consented = _get_consented(campaign, lock=lock)
    enrolments = Enrolment.objects.filter(
        pk__in={each.enrolment_id for each in campaign}
    ).select_related("campaign")
    under_way = {each.pk: each for each in enrolments}
    refusals = {}
    for message in messages:
        reason = _get_suppression_reason(message, suppressed)
        if not reason and message.kind == Message.Kind.CAMPAIGN:
            reason = _get_campaign_reason(message, under_way, consented)
        if reason:
            refusals[message.key] = Refusal(reason=reason)
    return refusals


def _get_consents(respondent_id: int, purposes: Collection[str]) -> QuerySet[Consent]:
    return Consent.objects.filter(respondent_id=respondent_id, purpose__in=purposes)


def _record(
    kind: ConsentEvent.Kind,
    email: str,
    wordings: Iterable[ConsentWording],
    *,
    source: str,
    now: datetime,
) -> None:
    ConsentEvent.objects.bulk_create(
        ConsentEvent(
            subject_key=get_subject_key(email),
            purpose=wording.purpose,
            kind=kind,
            wording=wording if wording.pk else None,
            source=source,
            happened_at=now,
        )
        for wording in wordings
    )


def _stop_enrolments(enrolments: QuerySet[Enrolment], *, reason: str, now: datetime) -> None:
    # Enrolments first: this waits for a planner at work, and so sees the message it writes.
    under_way = enrolments.filter(state__in=[Enrolment.State.ACTIVE, Enrolment.State.PAUSED])
    under_way.update(
        state=Enrolment.State.STOPPED,
        reason=reason,
        ended_at=now,
        next_due_at=None,
        hold_reason="",
        hold_until=None,
    )
    Message.objects.filter(enrolment__in=enrolments, state=Message.State.QUEUED).update(
        state=Message.State.SKIPPED, reason=reason, ended_at=now
    )


def _get_suppressed(messages: Sequence[Message]) -> dict[str, str]:
    keys = {get_subject_key(message.to) for message in messages}
    rows = Suppression.objects.filter(subject_key__in=keys)
    return dict(rows.values_list("subject_key", "reason"))


def _get_consented(messages: Sequence[Message], *, lock: bool) -> set[tuple[int, str]]:
    people = {each.respondent_id for each in messages if each.respondent_id is not None}
    consents = Consent.objects.filter(respondent_id__in=people, state=Consent.State.CONFIRMED)
    if lock:
        consents = consents.order_by("pk").select_for_update(no_key=True)
    return set(consents.values_list("respondent_id", "purpose"))


def _get_suppression_reason(message: Message, suppressed: dict[str, str]) -> str:
    reason = suppressed.get(get_subject_key(message.to), "")
    is_asked_for = message.template == CONFIRMATION and reason in ENDED_BY_CONFIRMING
    return "" if is_asked_for else reason


def _get_campaign_reason(
    message: Message,
    enrolments: dict[int, Enrolment],
    consented: set[tuple[int, str]],
) -> str:
    enrolment = enrolments.get(message.enrolment_id or 0)
    if enrolment is None:
        return "erased"
    if enrolment.state == Enrolment.State.STOPPED:
        return enrolment.reason
    if enrolment.state == Enrolment.State.PAUSED:
        return "paused"
    if (enrolment.respondent_id, enrolment.campaign.purpose) not in consented:
        return "no_consent"
    return ""
