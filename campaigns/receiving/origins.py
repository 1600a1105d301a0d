"""Whose mail it is: by what only a reader of our mail can know first, by its sender last."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from assessments import profiles
from campaigns import replies, tokens
from campaigns.models import Message, Reply

Match = Reply.Match


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Whose mail it is: the person, and the mail of ours that it answers, if it says so."""

    respondent_id: int | None = None
    email: str = ""
    message_id: uuid.UUID | None = None
    matched_by: Match = Match.NOBODY


def find_origin(mail: replies.Received, recipients: Iterable[str]) -> Origin:
    for matched_by, message in (
        (Match.REFERENCE, find_message(mail.references)),
        (Match.TOKEN, find_by_token(recipients)),
    ):
        if message is not None and message.respondent_id is not None:
            return Origin(
                respondent_id=message.respondent_id,
                email=get_email(message.respondent_id),
                message_id=message.pk,
                matched_by=matched_by,
            )
    email = normalise(mail.sender)
    person = profiles.get_people().filter(email=email).values_list("pk", flat=True).first()
    if not email or person is None:
        return Origin()
    return Origin(respondent_id=person, email=email, matched_by=Match.SENDER)


def find_message(references: Iterable[str]) -> Message | None:
    """The nearest of these that is a mail of ours and was sent."""
    ids = [each for each in map(_read_uuid, references) if each]
    known = Message.objects.filter(pk__in=ids, sending_at__isnull=False).in_bulk()
    return next((known[each] for each in ids if each in known), None)


def find_by_token(recipients: Iterable[str]) -> Message | None:
    parts = [each.partition("@")[0].partition("+")[2] for each in recipients]
    ids = [tokens.read_from_address(part) for part in parts if len(part) == tokens.ADDRESS_TOKEN]
    return Message.objects.filter(pk__in=[each for each in ids if each]).first()


def _read_uuid(reference: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(reference.partition("@")[0])
    except ValueError:
        return None


def get_email(respondent_id: int | None) -> str:
    people = profiles.get_people().filter(pk__in=[respondent_id])
    return people.values_list("email", flat=True).first() or ""


def normalise(address: str) -> str:
    try:
        return profiles.normalise_email(address) if "@" in address else ""
    except UnicodeError:
        return ""


def get_domain(address: str) -> str:
    return normalise(address).rpartition("@")[2]
