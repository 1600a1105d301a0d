"""As whom an author looks at mail: somebody made up, by a few choices, or a real person."""

from collections.abc import Sequence
from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from assessments import examples, overview, profiles
from campaigns.models import Enrolment
from pmoportal.cockpit import LANGUAGES, offer

NAME = "Alva"
TIERS = [
    ("weak", _("To develop")),
    ("developing", _("On its way")),
    ("strong", _("Strong")),
]
# How the choices call what is not a role.
ALIKE, UNSCORED = "alike", "unscored"


class Reader(forms.Form):
    """Whoever is asked for in the address of a page; made up, one of `kinds`."""

    weakest = forms.ChoiceField(label=_("Weakest role"), required=False)
    tier = forms.ChoiceField(label=_("Which is"), choices=TIERS, required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    name = forms.BooleanField(label=_("Has told a first name"), required=False)
    person = forms.EmailField(
        label=_("Or a real person"), required=False, help_text=_("Whoever has entered a campaign.")
    )

    def __init__(
        self, request: HttpRequest, *, assessment_key: str, kinds: Sequence[examples.Kind]
    ) -> None:
        super().__init__(request.GET if "language" in request.GET else get_first_choice())
        self.assessment_key, self.kinds = assessment_key, kinds
        names = get_kind_names(assessment_key)
        codes = {name_kind(each) for each in kinds}
        tiers = {tier for _weakest, tier in kinds}
        offer(self, "weakest", [(code, name) for code, name in names.items() if code in codes])
        offer(self, "tier", [(tier, name) for tier, name in TIERS if tier in tiers])
        offer(self, "language", get_language_choices())
        if not request.user.has_perm("campaigns.view_enrolment"):
            del self.fields["person"]

    def clean_person(self) -> profiles.Profile | None:
        email = self.cleaned_data["person"]
        if not email:
            return None
        theirs = Enrolment.objects.filter(respondent__email=profiles.normalise_email(email))
        newest = theirs.order_by("-started_at").first()
        profile = profiles.get_profile(newest.response_id) if newest else None
        if profile is None:
            raise ValidationError(_("Nobody with this address has entered a campaign."))
        return profile

    def get_profile(self, now: datetime) -> profiles.Profile | None:
        """None when the published test has nobody like that."""
        chosen = self.cleaned_data if self.is_valid() else {}
        if chosen.get("person"):
            person: profiles.Profile = chosen["person"]
            return person
        kind = self._choose(chosen.get("weakest", ""), chosen.get("tier", ""))
        return kind and examples.make_kind(
            assessment_key=self.assessment_key,
            kind=kind,
            language=chosen.get("language") or LANGUAGES[0],
            first_name=NAME if chosen.get("name") else "",
            now=now,
        )

    def _choose(self, code: str, tier: str) -> examples.Kind | None:
        """The first one that is as asked for; where nothing is, one with a weakest role."""
        fitting = [
            each
            for each in self.kinds
            if (name_kind(each) == code or (not code and each[0])) and tier in ("", each[1])
        ]
        unscored = examples.UNSCORED if code == UNSCORED else None
        return unscored or next(iter(fitting), None)


def name_kind(kind: examples.Kind) -> str:
    """How the choice of the weakest role calls it."""
    return UNSCORED if kind == examples.UNSCORED else kind[0] or ALIKE


def get_kind_names(assessment_key: str) -> dict[str, str]:
    roles = dict(overview.get_roles().get(assessment_key, {}))
    return roles | {ALIKE: str(_("All alike")), UNSCORED: str(_("None: too few answers"))}


def get_first_choice() -> dict[str, str]:
    """What is shown before anything is chosen: somebody with a name, in the author's language."""
    return {"language": get_own_language(), "name": "on"}


def get_own_language() -> str:
    return "en" if (get_language() or "").startswith("en") else "sv"


def get_language_choices() -> list[tuple[str, str]]:
    return [(code, get_language_info(code)["name_translated"].capitalize()) for code in LANGUAGES]
