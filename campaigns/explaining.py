"""What a person's own page about our mail says: what is chosen, and why each mail came.

Whoever holds any mail of ours can open that page, also when it was forwarded. So it tells no
answer, no score and no whole address; of earlier mails, only when they came and why.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments import profiles
from campaigns import evidence, permission, sequences
from campaigns.models import (
    Consent,
    ConsentEvent,
    ConsentOrigin,
    ConsentWording,
    Freeze,
    Message,
    Preference,
    Purpose,
)

State = Message.State
SHOWN = 10
ARRIVED = (State.SENT, State.UNKNOWN)
HIDDEN = "•••"

SYSTEM_MAILS = {
    "confirm": _("Somebody wrote this address on our test page. The mail asks whether it was you."),
    "stop": _("Somebody asked for a new link that stops our mails to this address."),
    "farewell": _("We had not heard from you for long. The mail asks whether we may keep you."),
    "act_export": _("Somebody asked on this page for everything that we have stored."),
    "act_erase": _("Somebody asked on this page to have everything erased."),
    "act_address": _("Somebody asked on this page to change the address."),
    "new_address": _(
        "You asked to get our mails at another address. The mail checks that address."
    ),
    "address_moved": _("Your address was changed. The old one was told."),
}
RANKS = {
    1: _("the weakest in your answers"),
    2: _("the second weakest in your answers"),
    3: _("the third weakest in your answers"),
    4: _("the fourth weakest in your answers"),
}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One purpose: where it stands since when, the words that were said yes to, and those that a
    new yes would be to.
    """

    purpose: str
    label: str
    state: str
    since: datetime | None
    said: str
    wording: ConsentWording | None

    @property
    def is_given(self) -> bool:
        return self.state == Consent.State.CONFIRMED


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why one mail came. `consent` is the yes that it rests on, None for mail that needs none."""

    at: datetime
    sentences: tuple[str, ...]
    consent: ConsentEvent | None = None


@dataclass(frozen=True, kw_only=True)
class Picture:
    """`address` is masked. `may_ask` says that the person once proved the address."""

    address: str
    language: str
    may_ask: bool
    has_objected: bool
    choices: tuple[Choice, ...]
    cap_days: int
    paused_until: datetime | None
    this: Reason | None
    earlier: tuple[Reason, ...]

    @property
    def gets_mail(self) -> bool:
        return any(each.is_given for each in self.choices)

    @property
    def has_everything(self) -> bool:
        return all(each.is_given for each in self.choices)


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What a new request for mail needs from the one before."""

    response_id: uuid.UUID
    email: str
    first_name: str


def get_person_language(*, respondent_id: int) -> str | None:
    """None when the person is no longer here."""
    people = profiles.get_people().filter(pk=respondent_id)
    return people.values_list("language", flat=True).first()


def get_picture(*, respondent_id: int, message_id: uuid.UUID | None, now: datetime) -> Picture:
    """In the language that is active; a constant number of queries."""
    person = profiles.get_people().get(pk=respondent_id)
    consents = {each.purpose: each for each in Consent.objects.filter(respondent=respondent_id)}
    yeses = evidence.get_yeses(email=person.email)
    preference = Preference.objects.filter(pk=respondent_id).first() or Preference()
    mails = Message.objects.filter(respondent=respondent_id).select_related("enrolment__campaign")
    this = mails.filter(pk=message_id).first() if message_id else None
    others = mails.exclude(pk=this.pk) if this else mails
    return Picture(
        address=mask(person.email),
        language=person.language,
        may_ask=any(each.confirmed_at for each in consents.values()),
        has_objected=has_objected(preference, consents.values()),
        choices=_get_choices(consents, yeses, person.language),
        cap_days=preference.cap_days,
        paused_until=_get_pause_end(respondent_id, now),
        this=_explain(this, yeses) if this else None,
        earlier=_get_earlier(others),
    )


def has_objected(preference: Preference, consents: Any) -> bool:
    """Until a later yes."""
    at = preference.objected_at
    return at is not None and not any(
        each.state == Consent.State.CONFIRMED and each.confirmed_at > at for each in consents
    )


def get_asking(*, respondent_id: int) -> Asking | None:
    """None for somebody who never confirmed anything."""
    origins = ConsentOrigin.objects.filter(respondent=respondent_id, confirmed_at__isnull=False)
    newest = origins.select_related("respondent").order_by("-confirmed_at").first()
    if newest is None:
        return None
    person = newest.respondent
    return Asking(response_id=newest.response_id, email=person.email, first_name=person.first_name)


def mask(email: str) -> str:
    """Enough of the address for its owner to know it by."""
    local, _at, domain = email.rpartition("@")
    name, dot, end = domain.rpartition(".")
    return f"{local[:1]}{HIDDEN}@{name[:1]}{HIDDEN}{dot}{end}"


def _get_choices(
    consents: dict[str, Consent], yeses: dict[str, ConsentEvent], language: str
) -> tuple[Choice, ...]:
    wordings = permission.get_wordings(language=language)
    return tuple(
        _get_choice(purpose, consents.get(purpose), yeses.get(purpose), wordings.get(purpose))
        for purpose in Purpose
    )


def _get_choice(
    purpose: Purpose,
    consent: Consent | None,
    yes: ConsentEvent | None,
    wording: ConsentWording | None,
) -> Choice:
    state = consent.state if consent else ""
    is_given = state == Consent.State.CONFIRMED
    return Choice(
        purpose=purpose.value,
        label=str(purpose.label),
        state=state,
        since=(consent.confirmed_at if is_given else consent.withdrawn_at) if consent else None,
        said=yes.wording.text if yes and yes.wording and is_given else "",
        wording=wording,
    )


def _get_pause_end(respondent_id: int, now: datetime) -> datetime | None:
    asked = Freeze.objects.filter(
        respondent=respondent_id, reason=Freeze.Reason.ASKED, until__gt=now
    )
    return asked.order_by("-until").values_list("until", flat=True).first()


def _get_earlier(mails: QuerySet[Message]) -> tuple[Reason, ...]:
    arrived = mails.filter(state__in=ARRIVED).defer("values", "evidence").order_by("-created_at")
    return tuple(_hint(each) for each in arrived[:SHOWN])


def _explain(mail: Message, yeses: dict[str, ConsentEvent]) -> Reason:
    """In full: whoever asks has the mail."""
    purpose = mail.enrolment.campaign.purpose if mail.enrolment else ""
    return Reason(
        at=mail.sent_at or mail.due_at,
        sentences=(_get_place(mail), *_get_tip_reasons(mail)),
        consent=yeses.get(purpose),
    )


def _hint(mail: Message) -> Reason:
    """Without saying which role: the page may be open before somebody else's eyes."""
    step = _get_step(mail)
    rank = RANKS.get(step.get("role_rank") or 0)
    words = [_get_place(mail)]
    words += [gettext("A tip for the role that is %(rank)s.") % {"rank": rank}] if rank else []
    return Reason(at=mail.sent_at or mail.due_at, sentences=tuple(words))


def _get_place(mail: Message) -> str:
    """The campaign, and which of its mails it was."""
    if mail.enrolment is None:
        return str(SYSTEM_MAILS.get(mail.template, ""))
    steps = sequences.get_document(mail.enrolment.version_id)["campaign"]["steps"]
    keys = [step["key"] for step in steps]
    name = mail.enrolment.campaign.name
    if mail.step_key not in keys:
        return gettext("A mail of the series “%(name)s”.") % {"name": name}
    return gettext("Mail %(number)s of %(count)s in the series “%(name)s”.") % {
        "number": keys.index(mail.step_key) + 1,
        "count": len(keys),
        "name": name,
    }


def _get_step(mail: Message) -> dict[str, Any]:
    if mail.enrolment is None:
        return {}
    steps = sequences.get_document(mail.enrolment.version_id)["campaign"]["steps"]
    return next((step for step in steps if step["key"] == mail.step_key), {})


def _get_tip_reasons(mail: Message) -> list[str]:
    if mail.enrolment is None:
        return []
    if not mail.tip_key:
        return [gettext("It goes to everybody who gets the series and comes this far.")]
    document = sequences.get_document(mail.enrolment.version_id)
    tip = next((each for each in document["tips"] if each["key"] == mail.tip_key), None)
    profile = profiles.get_profile(mail.enrolment.response_id)
    rank = RANKS.get(_get_step(mail).get("role_rank") or 0)
    if tip is None or profile is None or rank is None:
        return []
    role = profile.get_role(tip["role"]).name
    numbers = profiles.get_statements(mail.enrolment.response_id, tip["role"])
    return [
        gettext("The tip is for the role %(role)s, %(rank)s.") % {"role": role, "rank": rank},
        gettext("That follows from how you answered statements %(numbers)s.")
        % {"numbers": _join(numbers)},
        gettext("Of the tips for that role, it is the first that you had not had."),
    ]


def _join(numbers: tuple[int, ...]) -> str:
    *most, last = [str(each) for each in numbers]
    if not most:
        return last
    return gettext("%(most)s and %(last)s") % {"most": ", ".join(most), "last": last}
