"""What a person tells on the page that a tip links to. Only appended to; the last word counts.

To want a talk is not to have agreed to be contacted: that is a consent, in its own words.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from campaigns import letters, permission
from campaigns.models import Consent, Message, Purpose, TipAnswer
from campaigns.signals import consent_given, tip_answered

SOURCE = "answer form"
# Of one mail; more is a program at play.
MOST = 30


@dataclass(frozen=True, kw_only=True)
class Tip:
    """The mail that is answered. Not what was told before: a mail may have been forwarded.

    `subject` is empty when what was filled in is forgotten by now. `wording_id` is empty when
    the person is to be contacted already.
    """

    message_id: uuid.UUID
    language: str
    subject: str
    wording: str
    wording_id: str


def get_tip(*, message_id: uuid.UUID) -> Tip | None:
    """None when the mail, or its person, is no longer here."""
    message = _find(message_id)
    if message is None:
        return None
    agreed = Consent.objects.filter(
        respondent=message.respondent_id, purpose=Purpose.CONTACT, state=Consent.State.CONFIRMED
    )
    wording = permission.get_wordings(language=message.language).get(Purpose.CONTACT)
    is_asked = wording is not None and not agreed.exists()
    return Tip(
        message_id=message.pk,
        language=message.language,
        subject=_get_subject(message),
        wording=wording.text if wording and is_asked else "",
        wording_id=str(wording.pk) if wording and is_asked else "",
    )


@transaction.atomic
def record(*, message_id: uuid.UUID, choice: str, text: str, now: datetime) -> bool:
    """Whether it is new: the same once more, as of a double click, is no answer of its own."""
    message = _find(message_id)
    if message is None:
        return False
    Message.objects.select_for_update(no_key=True).get(pk=message_id)
    answers = message.tip_answers.order_by("-answered_at", "-pk")[:MOST]
    said = [(each.choice, each.text) for each in answers]
    if said[:1] == [(choice, text)] or len(said) >= MOST:
        return False
    assert message.respondent_id is not None
    TipAnswer.objects.create(
        message=message,
        respondent_id=message.respondent_id,
        choice=choice,
        text=text,
        answered_at=now,
    )
    tell = partial(tip_answered.send_robust, sender=None, message_id=message_id)
    transaction.on_commit(partial(tell, respondent_id=message.respondent_id))
    return True


@transaction.atomic
def allow_contact(*, message_id: uuid.UUID, wording_id: str, now: datetime) -> bool:
    """The reader of a mail to a confirmed address agrees to these very words. False when they
    are not the words that are shown now.
    """
    message = _find(message_id)
    if message is None or message.enrolment is None or message.respondent_id is None:
        return False
    wording = permission.get_wordings(language=message.language).get(Purpose.CONTACT)
    if wording is None or str(wording.pk) != wording_id:
        return False
    person, email = message.respondent_id, message.to
    for say in (permission.ask, permission.confirm):
        say(respondent_id=person, email=email, wordings=[wording], now=now, source=SOURCE)
    tell = partial(consent_given.send_robust, sender=None, respondent_id=person)
    transaction.on_commit(partial(tell, response_id=message.enrolment.response_id))
    return True


def _get_subject(message: Message) -> str:
    try:
        return letters.render(message).subject
    except (LookupError, ValueError):
        return ""


def _find(message_id: uuid.UUID) -> Message | None:
    sent = Message.objects.filter(pk=message_id, sending_at__isnull=False)
    return sent.exclude(respondent=None).select_related("enrolment__campaign").first()
