"""A person moves to another address: asked for from the old one, proved at the new one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from enum import StrEnum
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction

from assessments import profiles
from campaigns import evidence, letters, permission, posting
from campaigns.models import AddressChange, Consent, ConsentEvent, ConsentOrigin, Message
from campaigns.signals import address_changed

CONFIRM_WITHIN = timedelta(days=7)
ASKS_PER_DAY = 3
SOURCE = "change of address"
# Not handed over yet, so it goes to the new address.
WAITING = (Message.State.QUEUED, Message.State.CLAIMED)


class Standing(StrEnum):
    """Where the link in the mail to a new address stands."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    TAKEN = "taken"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True)
class Move:
    standing: Standing
    language: str = "sv"


@transaction.atomic
def ask(*, respondent_id: int, email: str, now: datetime) -> bool:
    """Ask the owner of the new (normalised) address to confirm; nothing else changes. Only for
    somebody who gets mail. Returns whether a mail was queued; whoever asks is never told, because
    that would say who is known.
    """
    person = _lock(respondent_id)
    lately = AddressChange.objects.filter(
        respondent=respondent_id, asked_at__gt=now - timedelta(days=1)
    )
    if person is None or lately.count() >= ASKS_PER_DAY:
        return False
    words = evidence.get_given(respondent_id=respondent_id, email=person.email)
    may_ask = evidence.may_ask_again(email=email, now=now)
    if not words or email == person.email or not may_ask:
        return False
    change = AddressChange.objects.create(respondent=person, email=email, asked_at=now)
    permission.record(ConsentEvent.Kind.ASKED, email, words, source=SOURCE, now=now)
    return posting.post(
        kind=Message.Kind.SYSTEM,
        key=f"move:{change.pk}",
        to=email,
        template="new_address",
        language=person.language,
        values={
            letters.ADDRESS_CHANGE: change.pk,
            "asked_at": letters.get_moment(now, person.language),
        },
        respondent_id=respondent_id,
        now=now,
    )


def get_move(*, change_id: int, now: datetime) -> Move:
    """How the link stands; changes nothing."""
    change = AddressChange.objects.filter(pk=change_id).select_related("respondent").first()
    return _read(change, now)


@transaction.atomic
def confirm(*, change_id: int, now: datetime) -> Move:
    """The new address is proved: the person, every yes and what waits to be sent go there, and
    the old address is told. Acts only on an open link.
    """
    asked = AddressChange.objects.filter(pk=change_id).values_list("respondent", flat=True).first()
    if asked is None or _lock(asked) is None:
        return Move(standing=Standing.GONE)
    change = AddressChange.objects.select_related("respondent").get(pk=change_id)
    move = _read(change, now)
    if move.standing != Standing.OPEN:
        return move
    try:
        with transaction.atomic():
            _forget_stranger(change.email)
            _move(change, now)
    except IntegrityError:  # somebody asked for mail to it just now
        return Move(standing=Standing.TAKEN, language=move.language)
    tell = partial(address_changed.send_robust, sender=None, respondent_id=asked)
    transaction.on_commit(tell)
    return Move(standing=Standing.CONFIRMED, language=move.language)


def _lock(respondent_id: int) -> profiles.Respondent | None:
    people = profiles.get_people().filter(pk=respondent_id)
    return people.select_for_update(no_key=True).first()


def _read(change: AddressChange | None, now: datetime) -> Move:
    if change is None:
        return Move(standing=Standing.GONE)
    return Move(standing=_get_standing(change, now), language=change.respondent.language)


def _get_standing(change: AddressChange, now: datetime) -> Standing:
    if change.confirmed_at is not None:
        return Standing.CONFIRMED
    newer = AddressChange.objects.filter(respondent=change.respondent_id, pk__gt=change.pk)
    if now - change.asked_at > CONFIRM_WITHIN or newer.exists():
        return Standing.EXPIRED
    return Standing.TAKEN if _is_somebody(change.email) else Standing.OPEN


def _is_somebody(email: str) -> bool:
    """Whether the address is that of a person who has confirmed something, or has a result."""
    people = profiles.get_people().filter(email=email)
    is_known = Consent.objects.filter(respondent__in=people, confirmed_at__isnull=False)
    return is_known.exists() or people.filter(responses__isnull=False).exists()


def _forget_stranger(email: str) -> None:
    """Somebody asked for mail to the new address and never confirmed. Its owner is here now."""
    profiles.get_people().filter(email=email).delete()


def _move(change: AddressChange, now: datetime) -> None:
    person, before = change.respondent, change.respondent.email
    evidence.take_along(
        respondent_id=person.pk, before=before, after=change.email, source=SOURCE, now=now
    )
    profiles.set_email(respondent_id=person.pk, email=change.email)
    AddressChange.objects.filter(pk=change.pk).update(confirmed_at=now)
    # What the old address was asked, it can no longer answer for the person.
    ConsentOrigin.objects.filter(respondent=person.pk, confirmed_at=None).delete()
    # A worker that holds one of these finds that its claim is over.
    Message.objects.filter(
        respondent=person.pk, kind=Message.Kind.CAMPAIGN, state__in=WAITING, doubted_at=None
    ).update(to=change.email, state=Message.State.QUEUED, claim=None, lease_until=None)
    posting.post(
        kind=Message.Kind.SYSTEM,
        key=f"moved:{change.pk}",
        to=before,
        template="address_moved",
        language=person.language,
        values={
            "asked_at": letters.get_moment(now, person.language),
            "contact_email": parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        },
        respondent_id=person.pk,
        now=now,
    )
