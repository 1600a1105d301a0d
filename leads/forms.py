"""What a consultant may be asked on the page of a lead, and what they choose for themselves."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leads.assigning import get_colleagues
from leads.models import ClosingReason, Lead, Preference
from leads.working import ENDINGS

FARTHEST = timedelta(days=3 * 365)


class ColleagueField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return obj.get_full_name() or obj.get_username()


class TakeForm(forms.Form):
    colleagues = forms.BooleanField(
        required=False, label=_("Hold the mail of colleagues in the same organisation too")
    )


class ReleaseForm(forms.Form):
    reason = forms.CharField(max_length=500, label=_("Why?"))


class ReassignForm(forms.Form):
    owner = ColleagueField(queryset=User.objects.none(), label=_("To whom?"))
    reason = forms.CharField(max_length=500, label=_("Why?"))

    def __init__(self, *args: Any, owner_id: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["owner"]
        assert isinstance(field, ColleagueField)
        field.queryset = get_colleagues().exclude(pk=owner_id or 0)


class MoveForm(forms.Form):
    stage = forms.ChoiceField(choices=Lead.Stage.choices, label=_("Stage"))
    reason = forms.TypedChoiceField(
        coerce=int,
        empty_value=None,
        required=False,
        label=_("Reason, when won or lost"),
    )
    text = forms.CharField(max_length=500, required=False, label=_("In your own words"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        assert isinstance(field, forms.TypedChoiceField)
        self._reasons = list(ClosingReason.objects.filter(is_active=True))
        field.choices = [("", "–")] + [
            (label, [(each.pk, each.name) for each in self._reasons if each.ending == ending])
            for ending, label in ClosingReason.Ending.choices
        ]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        stage, reason = values.get("stage"), values.get("reason")
        endings = {each.pk: each.ending for each in self._reasons}
        if stage in ENDINGS and (not reason or endings.get(reason) != stage):
            self.add_error("reason", _("Choose a reason that fits the stage."))
        elif stage and stage not in ENDINGS and not values.get("text"):
            self.add_error("text", _("Say in a few words why."))
        return values


class StepForm(forms.Form):
    on = forms.DateField(
        required=False,
        label=_("On"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    text = forms.CharField(max_length=200, required=False, label=_("What"))

    def clean_on(self) -> date | None:
        on: date | None = self.cleaned_data["on"]
        today = timezone.localdate()
        if on and not today <= on <= today + FARTHEST:
            raise forms.ValidationError(_("Choose a day from today on, within three years."))
        return on


class NoteForm(forms.Form):
    text = forms.CharField(
        max_length=5000,
        label=_("New note"),
        help_text=_("Markdown: **bold**, - list, [link](https://…)."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ChoicesForm(forms.ModelForm):
    class Meta:
        model = Preference
        fields = (
            "has_alerts",
            "has_reminders",
            "has_digest",
            "digest_weekday",
            "quiet_from",
            "quiet_until",
            "language",
            "is_lead_of_group",
        )
        widgets = {
            name: forms.TimeInput(format="%H:%M", attrs={"type": "time"})
            for name in ("quiet_from", "quiet_until")
        }

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if (values.get("quiet_from") is None) != (values.get("quiet_until") is None):
            self.add_error("quiet_until", _("Quiet hours need a beginning and an end."))
        return values
