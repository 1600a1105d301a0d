"""A person's way into a campaign and out of it."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from django.db import transaction

from assessments import profiles
from campaigns import letters, permission, posting
from campaigns.models import (
    Campaign,
    CampaignVersion,
    Consent,
    ConsentOrigin,
    Enrolment,
    Message,
)
from campaigns.signals import consent_given

CONFIRM_WITHIN = timedelta(days=7)
ASK_AGAIN_AFTER = timedelta(minutes=10)
ASKS_PER_DAY = 3
ASKS_WITHOUT_ANSWER = 5


class Standing(StrEnum):
    """Where a confirming link stands."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    TAKEN = "taken"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the confirm page needs of one request for mail. `result_path` is empty when gone;
    `has_begun` says that this very confirmation began a sequence.
    """

    standing: Standing
    language: str = "sv"
    purposes: tuple[str, ...] = ()
    result_path: str = ""
    has_begun: bool = False


@transaction.atomic
def opt_in(
    *,
    response_id: uuid.UUID,
    email: str,
    first_name: str,
    purposes: Collection[str],
    language: str,
    ip: str | None,
    path: str,
    now: datetime,
) -> bool:
    """Ask the address's owner to confirm. `email` is normalised, `purposes` is not empty.

    Returns whether a confirming mail was queued; the visitor is never told, because the
    answer would say who else has used the address.
    """
    respondent_id = profiles.get_or_create_respondent(email=email, language=language, now=now)
    asked = _get_asked(respondent_id)
    if not may_ask_again(asked=asked, is_known=_is_known(respondent_id), now=now):
        return False
    shown = permission.get_wordings(language=language)
    wordings = [shown[purpose] for purpose in purposes]
    consents = permission.ask(respondent_id=respondent_id, email=email, wordings=wordings, now=now)
    origin = ConsentOrigin.objects.create(
        respondent_id=respondent_id,
        response_id=response_id,
        first_name=first_name,
        language=language,
        ip=ip,
        path=path,
        asked_at=now,
    )
    origin.wordings.set(wordings)
    # Two requests in the same moment count alike, make the same key, and one mail is sent.
    return posting.post(
        kind=Message.Kind.SYSTEM,
        key=f"confirm:{min(consent.pk for consent in consents)}:{len(asked) + 1}",
        to=email,
        template=permission.CONFIRMATION,
        language=language,
        values={
            letters.CONFIRM_ORIGIN: [origin.pk, response_id.hex],
            "asked_at": letters.get_moment(now, language),
        },
        respondent_id=respondent_id,
        now=now,
    )


def may_ask_again(*, asked: Sequence[datetime], is_known: bool, now: datetime) -> bool:
    """At most one confirming mail in ten minutes, three in a day, and five to a stranger ever."""
    if not is_known and len(asked) >= ASKS_WITHOUT_ANSWER:
        return False
    if sum(now - at < timedelta(days=1) for at in asked) >= ASKS_PER_DAY:
        return False
    return all(now - at >= ASK_AGAIN_AFTER for at in asked)


def get_request(*, origin_id: int, response_id: uuid.UUID, now: datetime) -> Request:
    """How the confirming link of this request stands; changes nothing.

    A request that was purged has expired; one whose response is gone, is gone.
    """
    origin = ConsentOrigin.objects.select_related("response").filter(pk=origin_id).first()
    return _read_request(origin, now) if origin else _read_lost_request(response_id)


@transaction.atomic
def confirm(*, origin_id: int, response_id: uuid.UUID, now: datetime) -> Request:
    """Make the request's consents valid and enrol the person. Acts only on an open request."""
    origin = (
        ConsentOrigin.objects.select_related("response__version", "respondent")
        .select_for_update(of=("self",))
        .filter(pk=origin_id)
        .first()
    )
    if origin is None:
        return _read_lost_request(response_id)
    request = _read_request(origin, now)
    if request.standing != Standing.OPEN:
        return request
    is_theirs = profiles.save_contact(
        respondent_id=origin.respondent_id,
        response_id=origin.response_id,
        first_name=origin.first_name,
        language=origin.language,
    )
    if not is_theirs:
        return replace(request, standing=Standing.TAKEN)
    permission.confirm(
        respondent_id=origin.respondent_id,
        email=origin.respondent.email,
        wordings=origin.wordings.all(),
        now=now,
    )
    origin.confirmed_at = now
    origin.save(update_fields=["confirmed_at"])
    has_begun = _enrol(origin, request.purposes, now)
    transaction.on_commit(
        partial(
            consent_given.send_robust,
            sender=None,
            respondent_id=origin.respondent_id,
            response_id=origin.response_id,
        )
    )
    return replace(request, standing=Standing.CONFIRMED, has_begun=has_begun)


def unsubscribe(
    *, respondent_id: int, purposes: Collection[str], source: str, now: datetime
) -> None:
    """Withdraw these purposes. Safe to repeat, and for a person who is no longer here."""
    permission.withdraw(respondent_id=respondent_id, purposes=purposes, source=source, now=now)


def mail_stop_link(*, email: str, now: datetime) -> bool:
    """Mail a link that stops everything, to an address we do write to, once a day at most."""
    consent = (
        Consent.objects.filter(respondent__email=email)
        .exclude(state=Consent.State.WITHDRAWN)
        .select_related("respondent")
        .first()
    )
    if consent is None:
        return False
    return posting.post(
        kind=Message.Kind.SYSTEM,
        key=f"stop:{consent.respondent_id}:{now:%Y-%m-%d}",
        to=email,
        template="stop",
        language=consent.respondent.language,
        values={letters.STOP_RESPONDENT: consent.respondent_id},
        respondent_id=consent.respondent_id,
        now=now,
    )


def get_language(*, respondent_id: int) -> str:
    """The language to answer this person in; Swedish when the person is no longer here."""
    consent = (
        Consent.objects.filter(respondent_id=respondent_id).select_related("respondent").first()
    )
    return consent.respondent.language if consent else "sv"


def _get_asked(respondent_id: int) -> list[datetime]:
    mails = Message.objects.filter(respondent_id=respondent_id, template=permission.CONFIRMATION)
    return list(mails.values_list("created_at", flat=True))


def _is_known(respondent_id: int) -> bool:
    confirmed = Consent.objects.filter(respondent_id=respondent_id, confirmed_at__isnull=False)
    return confirmed.exists()


def _read_lost_request(response_id: uuid.UUID) -> Request:
    profile = profiles.get_profile(response_id)
    if profile is None:
        return Request(standing=Standing.GONE)
    return Request(
        standing=Standing.EXPIRED,
        language=profile.language,
        result_path=profiles.get_result_path(response_id, profile.language),
    )


def _read_request(origin: ConsentOrigin, now: datetime) -> Request:
    purposes = tuple(sorted(wording.purpose for wording in origin.wordings.all()))
    return Request(
        standing=_get_standing(origin, purposes, now),
        language=origin.language,
        purposes=purposes,
        result_path=profiles.get_result_path(origin.response_id, origin.language),
    )


def _get_standing(origin: ConsentOrigin, purposes: Collection[str], now: datetime) -> Standing:
    withdrawn = Consent.objects.filter(
        respondent_id=origin.respondent_id,
        purpose__in=purposes,
        withdrawn_at__gte=origin.asked_at,
    )
    if withdrawn.exists():
        return Standing.WITHDRAWN
    if origin.confirmed_at is not None:
        return Standing.CONFIRMED
    if origin.response.respondent_id not in (None, origin.respondent_id):
        return Standing.TAKEN
    return Standing.EXPIRED if now - origin.asked_at > CONFIRM_WITHIN else Standing.OPEN


def _enrol(origin: ConsentOrigin, purposes: Collection[str], now: datetime) -> bool:
    """Start each published campaign on these consents, or turn one under way to the new result.

    Returns whether any was started.
    """
    has_begun = False
    campaigns = Campaign.objects.filter(
        purpose__in=purposes, assessment=origin.response.version.assessment_id
    )
    for campaign in campaigns:
        under_way = Enrolment.objects.filter(
            respondent_id=origin.respondent_id,
            campaign=campaign,
            state__in=[Enrolment.State.ACTIVE, Enrolment.State.PAUSED],
        )
        if under_way.update(response_id=origin.response_id):
            continue
        version = CampaignVersion.objects.filter(campaign=campaign).order_by("-number").first()
        if version is not None:
            has_begun = True
            Enrolment.objects.create(
                respondent_id=origin.respondent_id,
                response_id=origin.response_id,
                campaign=campaign,
                version=version,
                started_at=now,
                next_due_at=now,
            )
    return has_begun
