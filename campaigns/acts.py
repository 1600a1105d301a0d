"""Acts that could harm somebody whose mail was forwarded: to read everything, to erase it, to move
to another address. A link in every mail is not enough for them; each needs a fresh one, mailed to
the address that we know, good for two hours and for that act alone.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.utils import timezone

from assessments import profiles
from campaigns import letters, posting, tokens
from campaigns.models import Consent, Message

VALID_FOR = timedelta(hours=2)


class Act(StrEnum):
    EXPORT = "export"
    ERASE = "erase"
    ADDRESS = "address"


class Standing(StrEnum):
    """Where a fresh link stands."""

    OPEN = "open"
    EXPIRED = "expired"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True)
class Link:
    """What a fresh link is for. *gone*: the person is not here, or has another address now."""

    act: Act
    respondent_id: int
    standing: Standing
    email: str = ""
    language: str = "sv"


def mail_link(*, act: Act, respondent_id: int, now: datetime) -> bool:
    """Mail the link for this act to the person's own address, once a day at most. Nothing is
    mailed to an address that nobody ever confirmed.
    """
    person = profiles.get_people().filter(pk=respondent_id).first()
    if person is None or not has_confirmed(respondent_id=respondent_id):
        return False
    return posting.post(
        kind=Message.Kind.SYSTEM,
        key=f"act:{act}:{respondent_id}:{timezone.localdate(now)}",
        to=person.email,
        template=f"act_{act}",
        language=person.language,
        values={
            letters.ACT: [act.value, respondent_id, int(now.timestamp())],
            "asked_at": letters.get_moment(now, person.language),
        },
        respondent_id=respondent_id,
        now=now,
    )


def has_confirmed(*, respondent_id: int) -> bool:
    """Whether the person ever proved the address."""
    ever = Consent.objects.filter(respondent=respondent_id, confirmed_at__isnull=False)
    return ever.exists()


def read(*, token: str, now: datetime) -> Link | None:
    """None for a link that is not ours."""
    content: Any = tokens.read("act", token)
    if content is None:
        return None
    act, respondent_id, mailed_at, mark = content
    link = Link(act=Act(act), respondent_id=respondent_id, standing=Standing.GONE)
    person = profiles.get_people().filter(pk=respondent_id).first()
    if person is None or letters.get_address_mark(person.email) != mark:
        return link
    age = now - datetime.fromtimestamp(mailed_at, tz=UTC)
    return Link(
        act=link.act,
        respondent_id=respondent_id,
        standing=Standing.EXPIRED if age > VALID_FOR else Standing.OPEN,
        email=person.email,
        language=person.language,
    )
