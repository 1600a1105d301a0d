"""What a person's own page about our mail may be sent."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.acts import Act
from campaigns.forms import AddressField, refuse_unfit
from campaigns.models import Purpose
from campaigns.preferring import CAPS

MONTH = timedelta(days=30)
LONGEST_PAUSE = timedelta(days=366)
LANGUAGES = ("sv", "en")


class PauseForm(forms.Form):
    """`until` counts only when a date was chosen: `length` is *month* or *date*."""

    length = forms.ChoiceField(choices=[("month", ""), ("date", "")])
    until = forms.DateField(
        required=False,
        error_messages={"invalid": _("Write the date as year-month-day, such as 2026-12-24.")},
    )

    def __init__(self, data: Any = None, *, now: datetime) -> None:
        super().__init__(data)
        self.now = now

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("length") == "date" and "until" not in self.errors:
            self._check_date()
        return self.cleaned_data

    def get_end(self) -> datetime:
        """The morning of the day chosen, or the same time of day in a month."""
        until = self.cleaned_data["until"]
        if self.cleaned_data["length"] == "month":
            return self.now + MONTH
        return timezone.make_aware(datetime.combine(until, time()))

    def _check_date(self) -> None:
        if self.cleaned_data.get("until") is None:
            self.add_error("until", _("Choose the day when the mails may come again."))
        elif not self.now < self.get_end() <= self.now + LONGEST_PAUSE:
            self.add_error(
                "until", _("Choose a day after today and within a year, or stop the mails instead.")
            )


class CapForm(forms.Form):
    cap_days = forms.TypedChoiceField(choices=[(days, "") for days in CAPS], coerce=int)


class LanguageForm(forms.Form):
    language = forms.ChoiceField(choices=[(each, "") for each in LANGUAGES])


class PurposeForm(forms.Form):
    purpose = forms.ChoiceField(choices=[(each, "") for each in Purpose.values])


class ActForm(forms.Form):
    act = forms.ChoiceField(choices=[(each.value, "") for each in Act])


class NewAddressForm(forms.Form):
    """A new address is held to what the consent panel asks of one."""

    email = AddressField(error_messages={"required": _("Write the new address.")})

    def __init__(self, data: Any = None, *, present: str) -> None:
        super().__init__(data)
        self.present = present
        self.fields["email"].label = _("Your new e-mail address")

    def clean_email(self) -> str:
        address: str = self.cleaned_data["email"]
        refuse_unfit(address)
        if address == self.present:
            raise ValidationError(_("That is the address we have. Write the new one."))
        return address
