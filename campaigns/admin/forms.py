"""What a marketer may save: texts are checked here already, so that Publish seldom refuses."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.dates import WEEKDAYS
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments import overview
from campaigns import placeholders, rendering
from campaigns.drafts import PARTS, SECOND_SUBJECT
from campaigns.faults import describe_problem
from campaigns.models import Campaign, Step, Tip
from campaigns.models.campaign import get_working_days
from campaigns.words import ROLE_RANKS, VARIABLES
from pmoportal.cockpit import LANGUAGES, Lines, pair

MOST_DAYS = 365
TEXTS = Lines(pair(part) for part in ("subject", SECOND_SUBJECT, "preview", "body"))


class DateLines(forms.Field):
    """A list of ISO dates, written one on each line."""

    widget = forms.Textarea(attrs={"rows": 4, "placeholder": "2026-12-28"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        dates = set()
        for number, line in enumerate((value or "").splitlines(), start=1):
            if not line.strip():
                continue
            try:
                dates.add(date.fromisoformat(line.strip()).isoformat())
            except ValueError:
                raise ValidationError(
                    _("Line %(line)d is not a date. Write it like 2026-12-28."),
                    params={"line": number},
                ) from None
        return sorted(dates)


class CampaignForm(forms.ModelForm):
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Weekdays"),
        coerce=int,
        choices=[(number + 1, name) for number, name in WEEKDAYS.items()],
        initial=get_working_days,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Mail leaves on these days, but never on Swedish public holidays."),
    )
    blackout_dates = DateLines(
        label=_("Days without mail"),
        required=False,
        help_text=_("One date on each line. Public holidays are known already."),
    )
    zone = forms.ChoiceField(label=_("Time zone"), initial="Europe/Stockholm")

    cap_days = forms.IntegerField(
        label=_("Days between mails"),
        min_value=0,
        max_value=MOST_DAYS,
        initial=1,
        help_text=_("A person gets at most one campaign mail in this many days."),
    )

    class Meta:
        model = Campaign
        exclude: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        opens, closes = cleaned.get("opens"), cleaned.get("closes")
        if opens and closes and opens >= closes:
            self.add_error("closes", _("The window must open before it closes."))
        return cleaned

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if test := self.fields.get("assessment"):
            known = list(test.queryset)  # type: ignore[attr-defined]
            test.choices = [(each.pk, each.title) for each in known]  # type: ignore[attr-defined]
            test.initial = known[0].pk if len(known) == 1 else None
        if zone := self.fields.get("zone"):
            places = sorted(each for each in available_timezones() if each.startswith("Europe/"))
            zone.choices = [(each, each) for each in [*places, "UTC"]]  # type: ignore[attr-defined]


class CheckedTexts(forms.ModelForm):
    """Refuses what could never be published: unknown placeholders, tags, broken links, subjects
    of several lines. An empty text may be saved; Publish asks for it.
    """

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for language in LANGUAGES if self.has_texts() else ():
            texts = {part: cleaned.get(f"{part}_{language}") or "" for part in PARTS}
            self._check(texts, language, {})
            second = cleaned.get(f"{SECOND_SUBJECT}_{language}") or ""
            self._check({**texts, "subject": second}, language, {"subject": SECOND_SUBJECT})
        return cleaned

    def _check(self, texts: Mapping[str, str], language: str, second: Mapping[str, str]) -> None:
        """`second` names the fields of the mail with the second subject: only what is its own."""
        for problem in rendering.check_mail(**texts, allowed=self.get_allowed()):
            place = second.get(problem.place, "" if second else problem.place)
            if problem.code != "empty" and place:
                self.add_error(f"{place}_{language}", describe_problem(problem))

    def has_texts(self) -> bool:
        return True

    def get_allowed(self) -> Mapping[str, placeholders.Variable]:
        return placeholders.CAMPAIGN_VARIABLES


class StepForm(CheckedTexts):
    delay_days = forms.IntegerField(
        label=_("Days after the step before"), min_value=0, max_value=MOST_DAYS, initial=7
    )
    useful_days = forms.IntegerField(
        label=_("Useful for days"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=14,
        help_text=_("A mail that could not leave within this many days is dropped."),
    )
    role_rank = forms.TypedChoiceField(
        label=_("For which role"),
        choices=[("", "–"), *ROLE_RANKS.items()],
        coerce=int,
        empty_value=None,
        required=False,
    )

    class Meta:
        model = Step
        exclude: tuple[str, ...] = ()

    def has_texts(self) -> bool:
        return self.cleaned_data.get("kind") != Step.Kind.TIP

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("kind") == Step.Kind.RESULT:
            cleaned["delay_days"] = 0  # it goes at once; its field is hidden
        if self.has_texts():
            cleaned["role_rank"] = None  # its field is hidden then
        elif cleaned.get("role_rank") is None:
            self.add_error("role_rank", _("Say for which of the person's roles the tip is."))
        return cleaned


class Words(forms.CharField):
    """A list of words, with commas between."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        words = (each.strip().lower() for each in super().clean(value).split(","))
        return list(dict.fromkeys(filter(None, words)))


class TipForm(CheckedTexts):
    role_key = forms.ChoiceField(label=_("Role"))
    tags = Words(
        label=_("Tags"),
        required=False,
        max_length=200,
        help_text=_("Words to find it by, with commas between. Readers never see them."),
    )

    class Meta:
        model = Tip
        exclude: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("role_key"):
            roles = {
                key: name for each in overview.get_roles().values() for key, name in each.items()
            }
            if self.instance.role_key:
                roles.setdefault(self.instance.role_key, self.instance.role_key)
            field.choices = list(roles.items())  # type: ignore[attr-defined]

    def get_allowed(self) -> Mapping[str, placeholders.Variable]:
        return placeholders.TIP_VARIABLES


def list_placeholders(allowed: Mapping[str, placeholders.Variable], *, kind: str) -> SafeString:
    """What may be written between {{ and }}, to stand beside the fields, and the toolbar."""
    variables = [
        {
            "written": _write(variable),
            # The author fills in what stands instead; until then it is a fault.
            "bare": f"{{{{ {name} | }}}}" if variable.optional else _write(variable),
            "is_url": variable.kind == "url",
            "meaning": VARIABLES[name],
        }
        for name, variable in allowed.items()
    ]
    context = {
        "variables": variables,
        "kind": kind,
        "link_marks": [("link", _("Link to…")), ("button", _("Button to…"))],
    }
    return render_to_string("admin/campaigns/_placeholders.html", context)


def _write(variable: placeholders.Variable) -> str:
    fallback = " | " + gettext("other words") if variable.optional else ""
    return f"{{{{ {variable.name}{fallback} }}}}"
