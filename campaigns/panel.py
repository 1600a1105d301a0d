"""What the consent panel shows: the form, and the exact wording beside each tick box."""

from typing import Any

from django.utils.translation import get_language

from assessments.profiles import Profile
from campaigns import permission
from campaigns.forms import ASKED_PURPOSES, OptInForm


def build_panel(
    *, token: str, profile: Profile | None, form: OptInForm | None = None
) -> dict[str, Any]:
    """The panel's template context. `profile` None: no result, so nothing to offer."""
    form = form or OptInForm()
    wordings = permission.get_wordings(language=(get_language() or "sv")[:2])
    return {
        "form": form,
        "token": token,
        "is_taken": profile is not None and profile.respondent_id is not None,
        "purposes": [
            {"field": form[each.value], "wording": wordings[each.value].text}
            for each in ASKED_PURPOSES
            if each.value in wordings
        ],
    }
