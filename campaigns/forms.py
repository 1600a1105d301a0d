"""What the consent panel and the stop page may be sent."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments import profiles
from campaigns.models import Purpose

LONGEST_LOCAL_PART = 64
ASKED_PURPOSES = (Purpose.TIPS, Purpose.CONTACT)

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


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
        if normal in settings.DEFAULT_FROM_EMAIL.lower():
            raise ValidationError(_("That is our own address. Write yours."))
        return normal

    def _get_advice(self) -> str:
        return gettext("Write one complete e-mail address, such as name@company.se.")


class OptInForm(forms.Form):
    """At least one purpose is ticked; nothing is ticked beforehand."""

    email = AddressField(error_messages={"required": _("Write the address you want tips to.")})
    first_name = forms.CharField(
        label=_("First name (optional)"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    tips = forms.BooleanField(required=False)
    contact = forms.BooleanField(required=False)

    def clean_first_name(self) -> str:
        return _UNPRINTABLE.sub("", self.cleaned_data["first_name"]).strip()

    def clean(self) -> dict[str, Any]:
        if not self.get_purposes():
            self.add_error("tips", _("Tick what you want from us: tips, a call, or both."))
        return self.cleaned_data

    def get_purposes(self) -> list[str]:
        return [each.value for each in ASKED_PURPOSES if self.cleaned_data.get(each.value)]


class StopForm(forms.Form):
    email = AddressField(error_messages={"required": _("Write the address we send to.")})
