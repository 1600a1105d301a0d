"""What the consent panel and the stop page may be sent."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from typing import Any

from disposable_email_domains import blocklist
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature
from django.core.validators import validate_email
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from assessments import profiles
from campaigns.models import ConsentWording, Purpose, TipAnswer
from pmoportal.signers import get_signer

LONGEST_LOCAL_PART = 64
LONGEST_ANSWER = 1_000
ASKED_PURPOSES = (Purpose.TIPS, Purpose.CONTACT, Purpose.TRACKING)
# Clicks in mail that nobody asked for cannot be measured: this one goes with another.
ADDED_PURPOSE = Purpose.TRACKING
# Nobody reads and fills in the panel faster than this.
QUICKEST = timedelta(seconds=2)
SHOWN = "campaigns.shown"

# Names before the @, without dots and dashes. Nobody reads mail to the first ones, and several
# people read mail to the others.
UNREAD = "noreply donotreply svarainte svaraej mailerdaemon"
ROLES = (
    "abuse admin administration billing bokning contact ekonomi faktura hello help hej helpdesk "
    "hostmaster hr info invoice it jobb jobs kansli kontakt kontor kundservice kundtjanst mail "
    "marketing marknad office order orders personal post postmaster press reception registrator "
    "sales salj security service support team webmaster"
)

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def get_page_language() -> str:
    return (get_language() or "sv")[:2]


class AddressField(forms.CharField):
    """Exactly one address that a mail server on the internet can be asked to accept."""

    widget = forms.EmailInput(
        attrs={"autocomplete": "email", "inputmode": "email", "autocapitalize": "none"}
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, label=_("Your e-mail address"), **kwargs)

    def clean(self, value: Any) -> str:
        address = super().clean(value)
        local, _at, domain = address.rpartition("@")
        if not local.isascii():
            raise ValidationError(
                _("We cannot write to addresses with å, ä or ö before the @. Use another one.")
            )
        try:
            validate_email(address)
            normal = profiles.normalise_email(address)
        except (ValidationError, UnicodeError):
            raise ValidationError(self._get_advice()) from None
        is_public = "." in domain and not domain.startswith("[")
        if len(local) > LONGEST_LOCAL_PART or not is_public:
            raise ValidationError(self._get_advice())
        if normal == profiles.normalise_email(parseaddr(settings.DEFAULT_FROM_EMAIL)[1]):
            raise ValidationError(_("That is our own address. Write yours."))
        return normal

    def _get_advice(self) -> str:
        return gettext("Write one complete e-mail address, such as name@company.se.")


class OptInForm(forms.Form):
    """At least one purpose is ticked, and not only ADDED_PURPOSE; nothing is ticked beforehand.

    Beside each tick box the page posts which wording it showed (`tips_wording`), and with the
    form when it was shown first (`shown`). `remarks` is seen and filled in by programs only.
    """

    email = AddressField(error_messages={"required": _("Write the address you want tips to.")})
    first_name = forms.CharField(
        label=_("First name (optional)"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    tips = forms.BooleanField(required=False)
    contact = forms.BooleanField(required=False)
    tracking = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, now: datetime) -> None:
        super().__init__(data)
        self.now = now
        self.shown_at = _read_stamp(self.data.get("shown", ""))
        self.wordings: list[ConsentWording] = []

    def is_filled_by_program(self) -> bool:
        return bool(self.data.get("remarks"))

    def get_stamp(self) -> str:
        """When this form was first shown, signed."""
        return _make_stamp(self.shown_at or self.now)

    def get_purposes(self) -> list[str]:
        return [each.value for each in ASKED_PURPOSES if self.cleaned_data.get(each.value)]

    def get_shown_wording(self, purpose: str) -> str:
        """The id of the wording that was beside this tick box, as it was posted."""
        return str(self.data.get(f"{purpose}_wording", ""))

    def clean_email(self) -> str:
        address: str = self.cleaned_data["email"]
        refuse_unfit(address)
        return address

    def clean_first_name(self) -> str:
        return _UNPRINTABLE.sub("", self.cleaned_data["first_name"]).strip()

    def clean(self) -> dict[str, Any]:
        purposes = self.get_purposes()
        self.wordings = self._find_wordings(purposes)
        if not set(purposes) - {ADDED_PURPOSE}:
            self.add_error("tips", _("Tick what you want from us: tips, a call, or both."))
        elif len(self.wordings) < len(purposes):
            self.add_error("tips", _("The words here are new. Read them, and tick again."))
        if not self.errors and (self.shown_at is None or self.now - self.shown_at < QUICKEST):
            self.add_error(None, _("That was quick. Please press the button once more."))
        return self.cleaned_data

    def _find_wordings(self, purposes: list[str]) -> list[ConsentWording]:
        """The wordings that were ticked: of these purposes, in the language of the page."""
        rows = ConsentWording.objects.filter(purpose__in=purposes, language=get_page_language())
        known = {(each.purpose, str(each.pk)): each for each in rows}
        ticked = [(each, self.get_shown_wording(each)) for each in purposes]
        return [known[each] for each in ticked if each in known]


class StopForm(forms.Form):
    email = AddressField(error_messages={"required": _("Write the address we send to.")})


class AnswerForm(forms.Form):
    """How it went with a tip. The text may have lines, and no invisible characters."""

    choice = forms.ChoiceField(
        choices=TipAnswer.Choice.choices,
        error_messages={
            "required": _("Press one of the buttons."),
            "invalid_choice": _("Press one of the buttons."),
        },
    )
    text = forms.CharField(
        label=_("A few words, if you like"),
        max_length=LONGEST_ANSWER,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("That is long. 1,000 characters are what we can take.")},
    )

    def clean_text(self) -> str:
        lines = self.cleaned_data["text"].splitlines()
        return "\n".join(_UNPRINTABLE.sub("", line).strip() for line in lines).strip()


def refuse_unfit(address: str) -> None:
    local, _at, domain = address.rpartition("@")
    name = re.sub("[-._]", "", local.partition("+")[0])
    if name in UNREAD.split():
        raise ValidationError(_("Nobody reads mail to that address. Write one that you read."))
    if name in ROLES.split() and not settings.ALLOW_ROLE_ADDRESSES:
        raise ValidationError(_("That address belongs to several people. Write your own."))
    if _is_disposable(domain) and not settings.ALLOW_DISPOSABLE:
        raise ValidationError(_("That address will soon be gone. Write one that you keep."))


def _is_disposable(domain: str) -> bool:
    parts = domain.split(".")
    return any(".".join(parts[start:]) in blocklist for start in range(len(parts) - 1))


def _make_stamp(at: datetime) -> str:
    return get_signer(SHOWN).sign(str(round(at.timestamp() * 1000)))


def _read_stamp(stamp: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(get_signer(SHOWN).unsign(stamp)) / 1000, tz=UTC)
    except (BadSignature, ValueError):
        return None
