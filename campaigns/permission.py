"""Whether we may write to somebody: consent given, confirmed and withdrawn, and suppression.

Every change of a consent leaves an event for ever. Knows nothing of how mail is made or sent.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from assessments.personal_data import get_subject_key
from campaigns.models import (
    Click,
    ClickCount,
    Consent,
    ConsentEvent,
    ConsentWording,
    Enrolment,
    Message,
    Purpose,
    Suppression,
)
from campaigns.signals import consent_withdrawn

CONFIRMATION = "confirm"
PROOF = "confirming link"

# Why a message must not leave, an empty word for none. One rule, for planning and for sending.
# Whoever was erased or removed still gets the link that they have just asked for:
# FROM `asked` (id, subject key, person, enrolment, kind, template, urgent).
REASON = """
    CASE
        WHEN suppression.reason IS NOT NULL AND NOT (
            asked.template IN ('confirm', 'act_export', 'act_erase', 'act_address', 'new_address')
            AND suppression.reason IN ('erased', 'remove_me')
        ) THEN suppression.reason
        WHEN asked.kind <> 'campaign' THEN ''
        WHEN enrolment.id IS NULL THEN 'erased'
        WHEN enrolment.state = 'stopped' THEN enrolment.reason
        WHEN frozen.reason IS NOT NULL AND NOT asked.urgent THEN 'frozen_' || frozen.reason
        WHEN consent.state IS DISTINCT FROM 'confirmed' THEN 'no_consent'
        WHEN campaign.paused_at IS NOT NULL THEN 'campaign_paused'
        ELSE ''
    END
"""
# The limit cuts nothing. The planner takes a record set for a hundred rows, and would read whole
# tables for one mail: it tells how few are asked about.
FACTS = """
    (SELECT * FROM jsonb_to_recordset(%(asked)s::jsonb) AS row (
        id uuid, subject text, person bigint, enrolment bigint, kind text, template text,
        urgent boolean
    ) LIMIT %(asked_count)s) AS asked
    LEFT JOIN campaigns_suppression AS suppression ON suppression.subject_key = asked.subject
    LEFT JOIN campaigns_enrolment AS enrolment ON enrolment.id = asked.enrolment
    LEFT JOIN campaigns_campaign AS campaign ON campaign.id = enrolment.campaign_id
    LEFT JOIN campaigns_consent AS consent
        ON consent.respondent_id = asked.person AND consent.purpose = campaign.purpose
    LEFT JOIN LATERAL (
        SELECT reason FROM campaigns_freeze
        WHERE respondent_id = asked.person AND (until IS NULL OR until > %(now)s) LIMIT 1
    ) AS frozen ON true
"""

# These end when the person asks again and proves the address; the others, only by an operator.
ENDED_BY_CONFIRMING = (Suppression.Reason.ERASED, Suppression.Reason.REMOVE_ME)
# A later report, or a person who reads the mail again, may lift these.
LIFTED_BY_FACTS = (Suppression.Reason.BOUNCE, Suppression.Reason.GONE)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a message must not leave, or not now. `reason` becomes the message's reason."""

    reason: str

    @property
    def is_for_now(self) -> bool:
        return self.reason == "campaign_paused"


def get_wordings(*, language: str) -> dict[str, ConsentWording]:
    """Purpose -> the sentence now shown beside its tick box."""
    wordings = ConsentWording.objects.filter(language=language).order_by("created_at", "pk")
    return {wording.purpose: wording for wording in wordings}


def ask(
    *,
    respondent_id: int,
    email: str,
    wordings: Iterable[ConsentWording],
    now: datetime,
    source: str = "panel",
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
    record(ConsentEvent.Kind.ASKED, email, wordings, source=source, now=now)
    purposes = [wording.purpose for wording in wordings]
    return list(_get_consents(respondent_id, purposes))


def confirm(
    *,
    respondent_id: int,
    email: str,
    wordings: Iterable[ConsentWording],
    now: datetime,
    source: str = PROOF,
) -> None:
    """The person proved the address and said yes to these wordings. Who asked for it anew, and
    only they, ends what they had said before.
    """
    wordings = list(wordings)
    purposes = [wording.purpose for wording in wordings]
    _get_consents(respondent_id, purposes).update(
        state=Consent.State.CONFIRMED, confirmed_at=now, withdrawn_at=None
    )
    if source == PROOF:
        ended = Suppression.objects.filter(reason__in=ENDED_BY_CONFIRMING)
        ended.filter(subject_key=get_subject_key(email)).delete()
    record(ConsentEvent.Kind.CONFIRMED, email, wordings, source=source, now=now)


@transaction.atomic
def withdraw(
    *, respondent_id: int, purposes: Collection[str], source: str, now: datetime
) -> list[str]:
    """Take back these purposes, stop what ran on them, and skip what was about to leave. What was
    measured goes with the consent to measure.

    The row lock taken here is the one that `lock` takes before a message is handed over:
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
    theirs = Enrolment.objects.filter(respondent=respondent_id, campaign__purpose__in=withdrawn)
    stop(enrolments=theirs, reason="unsubscribed", now=now)
    if Purpose.TRACKING in withdrawn:
        Click.objects.filter(message__respondent=respondent_id).delete()
        ClickCount.objects.filter(message__respondent=respondent_id).delete()
    email = given[0].respondent.email
    wordings = [ConsentWording(purpose=purpose) for purpose in withdrawn]
    record(ConsentEvent.Kind.WITHDRAWN, email, wordings, source=source, now=now)
    tell = partial(consent_withdrawn.send_robust, sender=None, purposes=withdrawn)
    transaction.on_commit(partial(tell, respondent_id=respondent_id))
    return withdrawn


@transaction.atomic
def suppress(*, email: str, reason: Suppression.Reason, now: datetime) -> None:
    """Never write to this address again, and stop everything under way to it. What only an
    operator may lift is not replaced by what the person may end.
    """
    key = get_subject_key(email)
    # The lock that a hand-over takes: what is handed over after this commit sees it.
    list(Consent.objects.filter(respondent__email=email).order_by("pk").select_for_update())
    Suppression.objects.bulk_create(
        [Suppression(subject_key=key, reason=reason, created_at=now)], ignore_conflicts=True
    )
    present = Suppression.objects.filter(subject_key=key)
    if reason in ENDED_BY_CONFIRMING:
        present = present.filter(reason__in=ENDED_BY_CONFIRMING)
    elif reason in LIFTED_BY_FACTS:
        present = present.filter(reason__in=(*ENDED_BY_CONFIRMING, *LIFTED_BY_FACTS))
    present.update(reason=reason, created_at=now)
    stop(enrolments=Enrolment.objects.filter(respondent__email=email), reason=str(reason), now=now)


def suppress_erased(*, subject_key: str, now: datetime) -> None:
    """Nobody is written to by this hash, unless the person asks for it."""
    row = Suppression(subject_key=subject_key, reason=Suppression.Reason.ERASED, created_at=now)
    Suppression.objects.bulk_create([row], ignore_conflicts=True)


def lift(*, email: str, reason: Suppression.Reason, since: datetime | None = None) -> None:
    """End a suppression that was wrong, if this is its reason, and its moment."""
    found = Suppression.objects.filter(subject_key=get_subject_key(email), reason=reason)
    (found.filter(created_at=since) if since else found).delete()


def stop(*, enrolments: QuerySet[Enrolment], reason: str, now: datetime) -> int:
    """End those of them that are under way, with what is queued for them; how many they were."""
    # Enrolments first: this waits for a planner at work, and so sees the message it writes.
    under_way = enrolments.filter(state=Enrolment.State.ACTIVE)
    count = under_way.update(
        state=Enrolment.State.STOPPED,
        reason=reason,
        ended_at=now,
        next_due_at=None,
        hold_reason="",
        hold_until=None,
    )
    # What may have arrived is not said to have been skipped: its hand-over finds it unknown.
    Message.objects.filter(
        enrolment__in=enrolments, state=Message.State.QUEUED, doubted_at=None
    ).update(state=Message.State.SKIPPED, reason=reason, ended_at=now)
    return count


def get_refusals(*, messages: Sequence[Message], now: datetime) -> dict[str, Refusal]:
    """Message key -> why it must not leave, for those that must not; one query.

    What holds at the moment of sending is only certain after `locks.lock_messages`.
    """
    keys = {message.pk: message.key for message in messages}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT asked.id, {REASON} FROM {FACTS}",  # noqa: S608  # both are constants
            get_questions(messages) | {"now": now},
        )
        return {keys[pk]: Refusal(reason=reason) for pk, reason in cursor.fetchall() if reason}


def get_questions(messages: Sequence[Message]) -> dict[str, Any]:
    """What FACTS asks about these messages; `now` is for the caller to add."""
    rows = [
        {
            "id": each.pk,
            "subject": get_subject_key(each.to),
            "person": each.respondent_id,
            "enrolment": each.enrolment_id,
            "kind": each.kind,
            "template": each.template,
            "urgent": each.is_urgent,
        }
        for each in messages
    ]
    return {"asked": json.dumps(rows, default=str), "asked_count": len(rows)}


def _get_consents(respondent_id: int, purposes: Collection[str]) -> QuerySet[Consent]:
    return Consent.objects.filter(respondent_id=respondent_id, purpose__in=purposes)


def record(
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
