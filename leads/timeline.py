"""Everything that happened with one lead, newest first, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns import engagement, stories
from leads.models import Alert, HandOver, Lead, Note, StageChange
from leads.words import FACTS, describe_hand_over

SHOWN = 300
# These facts are said better by the consents.
SAID = ("confirmed", "contact_allowed")


class Kind(models.TextChoices):
    CONSENT = "consent", _("Consents")
    MAIL = "mail", _("Mail")
    ACT = "act", _("What they did")
    STAGE = "stage", _("Stages")
    NOTE = "note", _("Notes")
    HAND_OVER = "handover", _("Hand-overs")
    ALERT = "alert", _("Alerts")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """`under` says more in quiet words; `note` is Markdown; `note_id` is set for what the reader
    may remove; `mark` names the colour of the dot.
    """

    at: datetime
    kind: Kind
    what: str
    under: str = ""
    by: str = ""
    mark: str = "plain"
    note: str = ""
    note_id: int | None = None


def build(*, lead: Lead, story: stories.Story, reader_id: int) -> list[Entry]:
    """All kinds together. As many queries whatever there is."""
    entries = [
        *_read_story(story),
        *_read_facts(lead),
        *_read_stages(_get_rows(lead.stage_changes)),
        *_read_hand_overs(_get_rows(lead.hand_overs, "before", "after")),
        *_read_notes(_get_rows(lead.notes), reader_id),
        *_read_alerts(lead),
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def get_person(user: Any) -> str:
    """How colleagues are named; somebody whose account is gone is somebody."""
    if user is None:
        return gettext("somebody who has left")
    return user.get_full_name() or user.get_username()


def _get_rows(rows: Any, *also: str) -> Sequence[Any]:
    return rows.select_related("by", *also).order_by("-at", "-pk")[:SHOWN]


def _read_story(story: stories.Story) -> Iterator[Entry]:
    for word in story.words:
        yield Entry(at=word.at, kind=Kind.CONSENT, what=f"{word.purpose}: {word.what}", mark="good")
    for letter in story.letters:
        said = [letter.state_label, *letter.reports, letter.why]
        yield Entry(
            at=letter.at,
            kind=Kind.MAIL,
            what=letter.subject,
            under=" · ".join(each for each in said if each),
            mark="good" if letter.is_sent else "plain",
        )


def _read_facts(lead: Lead) -> Iterator[Entry]:
    standing = engagement.get_standing(respondent_id=lead.respondent_id)
    for fact in standing.facts if standing else ():
        if fact.kind not in SAID:
            what = str(FACTS.get(fact.kind, fact.kind))
            yield Entry(at=fact.at, kind=Kind.ACT, what=what[:1].upper() + what[1:], mark="good")


def _read_stages(changes: Sequence[StageChange]) -> Iterator[Entry]:
    for each in changes:
        yield Entry(
            at=each.at,
            kind=Kind.STAGE,
            what=f"{each.get_before_display()} → {each.get_after_display()}",
            under=". ".join(part.rstrip(".") for part in (each.reason, each.text) if part),
            by=get_person(each.by),
            mark={"won": "good", "booked": "good", "lost": "bad"}.get(each.after, "plain"),
        )


def _read_hand_overs(rows: Sequence[HandOver]) -> Iterator[Entry]:
    for each in rows:
        yield Entry(
            at=each.at,
            kind=Kind.HAND_OVER,
            what=describe_hand_over(
                kind=each.kind,
                before=get_person(each.before),
                after=get_person(each.after),
                is_for_organisation=each.is_for_organisation,
            ),
            under=each.reason,
            by="" if each.kind == HandOver.Kind.SILENT else get_person(each.by),
            mark="warn" if each.kind == HandOver.Kind.SILENT else "plain",
        )


def _read_notes(notes: Sequence[Note], reader_id: int) -> Iterator[Entry]:
    for each in notes:
        yield Entry(
            at=each.at,
            kind=Kind.NOTE,
            what=gettext("Note"),
            by=get_person(each.by),
            note=each.text,
            note_id=each.pk if each.by_id == reader_id else None,
        )


def _read_alerts(lead: Lead) -> Iterator[Entry]:
    """One line for what was told several at once."""
    told = Alert.objects.filter(lead=lead).exclude(kind=Alert.Kind.DIGEST)
    seen = set()
    for each in told.order_by("-at", "-pk")[:SHOWN]:
        if (each.kind, each.at) not in seen:
            seen.add((each.kind, each.at))
            what = gettext("Alert: %(what)s") % {"what": each.get_kind_display()}
            yield Entry(at=each.at, kind=Kind.ALERT, what=what)
