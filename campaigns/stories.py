"""What passed between us and one person, for whoever is about to call them. A door.

What they allowed and took back, each mail and what became of it, in words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext

from campaigns import freezing, mime, permission, placeholders
from campaigns.models import Consent, ConsentEvent, Enrolment, Message, Step
from campaigns.words import SYSTEM_MAILS, describe_reason

State = Message.State
# What a person may be told about; staff mail and test sends are no mail of theirs.
THEIRS = (Message.Kind.CAMPAIGN, Message.Kind.SYSTEM)
SHOWN = 300


@dataclass(frozen=True, kw_only=True)
class Word:
    """A yes or no to one purpose; both are words in the reader's language."""

    at: datetime
    purpose: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """Where the person stands on one purpose now, and since when."""

    purpose: str
    is_allowed: bool
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail: when it left, or what became of it instead. `reports` are the provider's, in
    words; `acts` what the person did with it, as far as they let us know; `tip_key` is empty for
    what is no tip.
    """

    message_id: object
    at: datetime
    subject: str
    state: str
    state_label: str
    why: str
    tip_key: str
    reports: tuple[str, ...]
    acts: tuple[str, ...]

    @property
    def is_sent(self) -> bool:
        return self.state == State.SENT


@dataclass(frozen=True, kw_only=True)
class Series:
    """One campaign that the person is, or was, under way in."""

    name: str
    state: str
    state_label: str
    why: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Story:
    """Newest first, and at most SHOWN of each kind."""

    allowed: Sequence[Allowed]
    words: Sequence[Word]
    letters: Sequence[Letter]
    series: Sequence[Series]


def get_story(*, respondent_id: int, email: str, now: datetime) -> Story:
    """Five queries, whatever there is."""
    return Story(
        allowed=_get_allowed(respondent_id),
        words=_get_words(email),
        letters=_get_letters(respondent_id),
        series=_get_series(respondent_id, now),
    )


def _get_allowed(respondent_id: int) -> list[Allowed]:
    """Of what they once answered; what was only asked for has no answer yet."""
    answered = Consent.objects.filter(respondent=respondent_id).exclude(
        state=Consent.State.UNCONFIRMED
    )
    return [
        Allowed(
            purpose=each.get_purpose_display(),
            is_allowed=each.state == Consent.State.CONFIRMED,
            since=each.withdrawn_at or each.confirmed_at or each.asked_at,
        )
        for each in answered.order_by("-purpose")
    ]


def _get_words(email: str) -> list[Word]:
    events = ConsentEvent.objects.filter(subject_key=permission.get_subject_key(email))
    return [
        Word(at=each.happened_at, purpose=each.get_purpose_display(), what=each.get_kind_display())
        for each in events.order_by("-happened_at", "-pk")[:SHOWN]
    ]


def _get_letters(respondent_id: int) -> list[Letter]:
    mails = (
        Message.objects.filter(respondent=respondent_id, kind__in=THEIRS)
        .select_related("compiled")
        .defer("compiled__html", "compiled__text")
        .select_related("click_count")
        .prefetch_related("delivery_events", "tip_answers")
        .order_by("-created_at", "-pk")
    )
    return [_read_letter(each) for each in mails[:SHOWN]]


def _read_letter(message: Message) -> Letter:
    reports = sorted(message.delivery_events.all(), key=lambda each: each.happened_at)
    return Letter(
        message_id=message.pk,
        at=message.sent_at or message.ended_at or message.due_at,
        subject=_get_subject(message),
        state=message.state,
        state_label=message.get_state_display(),
        why=describe_reason(message.reason),
        tip_key=message.tip_key,
        reports=tuple(dict.fromkeys(each.get_kind_display() for each in reports)),
        acts=tuple(_get_acts(message)),
    )


def _get_acts(message: Message) -> Iterator[str]:
    """A visit by a person is counted only where they allow it, and forgotten when they no longer
    do.
    """
    if hasattr(message, "click_count") and message.click_count.human:
        yield gettext("followed a link")
    answers = sorted(message.tip_answers.all(), key=lambda each: (each.answered_at, each.pk))
    if answers:
        yield str(answers[-1].get_choice_display())


def _get_subject(message: Message) -> str:
    """As it was sent. Without its values, which are forgotten in time, what kind of mail it was."""
    if message.compiled is None or (not message.values and "{{" in message.compiled.subject):
        kind = Step.Kind.TIP.label if message.tip_key else message.get_kind_display()
        return str(SYSTEM_MAILS.get(message.template, kind))
    try:
        segments = placeholders.parse(text=message.compiled.subject)
        filled = placeholders.fill(segments=segments, values=message.values, escape=str)
    except (LookupError, ValueError):
        filled = message.compiled.subject
    return mime.clean_subject(filled)


def _get_series(respondent_id: int, now: datetime) -> list[Series]:
    # A freeze holds at once; an enrolment says so only when its next step comes due.
    freezes = freezing.get_going_on(now=now).filter(respondent=OuterRef("respondent"))
    theirs = (
        Enrolment.objects.filter(respondent=respondent_id)
        .select_related("campaign")
        .annotate(frozen_by=Subquery(freezes.order_by("-began_at").values("reason")[:1]))
    )
    return [
        Series(
            name=each.campaign.name,
            state=each.state,
            state_label=each.get_state_display(),
            why=describe_reason(_get_reason(each, frozen_by=each.frozen_by)),
            started_at=each.started_at,
            ended_at=each.ended_at,
        )
        for each in theirs.order_by("-started_at")[:SHOWN]
    ]


def _get_reason(enrolment: Enrolment, *, frozen_by: str | None) -> str:
    """Why it ended, or why it waits; empty while it goes its way."""
    if frozen_by and enrolment.state == Enrolment.State.ACTIVE:
        return freezing.HELD_BY + frozen_by
    return enrolment.reason or enrolment.hold_reason
