"""A person's way into a campaign and out of it."""

import logging
import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from django.conf import settings
from django.db import connection, transaction

from assessments import profiles
from campaigns import evidence, freezing, letters, permission, posting
from campaigns.models import (
    Campaign,
    CampaignVersion,
    Consent,
    ConsentOrigin,
    ConsentWording,
    Enrolment,
    Message,
)
from campaigns.signals import consent_given

logger = logging.getLogger(__name__)

CONFIRM_WITHIN = timedelta(days=7)
HOUR = timedelta(hours=1)
TURN_LOCK = 7_071_001  # any number that no other advisory lock uses

# A door shows what lies behind it.
freeze = freezing.freeze
release = freezing.release


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
def opt_in(  # noqa: PLR0913  # each is a column of a row
    *,
    response_id: uuid.UUID,
    email: str,
    first_name: str,
    wordings: Collection[ConsentWording],
    language: str,
    ip: str | None,
    path: str,
    now: datetime,
    source: str = "panel",
) -> bool:
    """Ask the address's owner to confirm. `email` is normalised; `wordings` are what was ticked,
    at least one.

    Returns whether a confirming mail was queued; the visitor is never told, because the
    answer would say who else has used the address.
    """
    respondent_id = _lock_person(email=email, language=language, now=now)
    if not evidence.may_ask_again(email=email, now=now):
        return False
    consents = permission.ask(
        respondent_id=respondent_id, email=email, wordings=wordings, source=source, now=now
    )
    origin = ConsentOrigin.objects.create(
        respondent_id=respondent_id,
        response_id=response_id,
        first_name=first_name,
        language=language,
        ip=ip,
        path=path,
        asked_at=now,
        due_at=_take_turn(now=now),
    )
    origin.wordings.set(wordings)
    if origin.due_at > now:
        logger.warning("more confirming mails than an hour may have: one waits for its turn")
    key = f"confirm:{min(consent.pk for consent in consents)}:{origin.pk}"
    return _post_confirmation(key=key, to=email, origin=origin)


def _post_confirmation(*, key: str, to: str, origin: ConsentOrigin) -> bool:
    return posting.post(
        kind=Message.Kind.SYSTEM,
        key=key,
        to=to,
        template=permission.CONFIRMATION,
        language=origin.language,
        values={
            letters.CONFIRM_ORIGIN: [origin.pk, origin.response_id.hex],
            "asked_at": letters.get_moment(origin.asked_at, origin.language),
        },
        respondent_id=origin.respondent_id,
        now=origin.asked_at,
        due_at=origin.due_at,
    )


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
        Consent.objects.filter(respondent__email=email, state=Consent.State.CONFIRMED)
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


def _lock_person(*, email: str, language: str, now: datetime) -> int:
    """The person with this address, new or not. The row is locked, so that requests at the same
    moment are counted one after the other, and no purge takes the person away meanwhile.
    """
    people = profiles.get_people().filter(email=email).select_for_update(no_key=True)
    if not people:
        profiles.get_or_create_respondent(email=email, language=language, now=now)
    return people.values_list("pk", flat=True).get()


def _take_turn(*, now: datetime) -> datetime:
    """When the next confirming mail may leave: now, or so late that no hour has more than
    CONFIRMATIONS_PER_HOUR_ALL of them. All others who ask wait until the transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN_LOCK])
    last = settings.CONFIRMATIONS_PER_HOUR_ALL - 1
    due = ConsentOrigin.objects.order_by("-due_at").values_list("due_at", flat=True)
    return max([now, *(at + HOUR for at in due[last : last + 1])])


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
    return Standing.EXPIRED if now - origin.due_at > CONFIRM_WITHIN else Standing.OPEN


def _get_version(campaign: Campaign) -> CampaignVersion | None:
    """The one that newcomers get; None before the first, and when nobody new may enter."""
    if campaign.closed_at is not None:
        return None
    versions = CampaignVersion.objects.filter(campaign=campaign, withdrawn_at=None)
    return versions.order_by("-number").first()


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
            respondent_id=origin.respondent_id, campaign=campaign, state=Enrolment.State.ACTIVE
        )
        if under_way.update(response_id=origin.response_id):
            continue
        version = _get_version(campaign)
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
