"""What the consent panel shows: the form, and the exact wording beside each tick box; and how much
may be asked for.
"""

import time
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from campaigns import permission
from campaigns.forms import ASKED_PURPOSES, OptInForm, get_page_language
from campaigns.models import ConsentWording
from pmoportal.limits import is_over

WORDINGS_KEPT_SECONDS = 60

ENOUGH = gettext_lazy(
    "Many confirmation mails have been asked for from your network. Try again in an hour, or "
    "tomorrow. Your result is still there."
)


def build_panel(*, token: str, is_taken: bool, form: OptInForm | None = None) -> dict[str, Any]:
    """The panel's template context. `is_taken`: the result is somebody's already. A form that
    comes back shows the newest words; what a first look shows may be a minute old, because the
    form posts which words it showed.
    """
    language = get_page_language()
    if form is None:
        form = OptInForm(now=timezone.now())
        wordings = get_recent_wordings(language, int(time.monotonic() // WORDINGS_KEPT_SECONDS))
    else:
        wordings = permission.get_wordings(language=language)
    return {
        "form": form,
        "stamp": form.get_stamp(),
        "token": token,
        "is_taken": is_taken,
        "purposes": [
            _build_purpose(form, each.value, wordings[each.value])
            for each in ASKED_PURPOSES
            if each.value in wordings
        ],
    }


def has_asked_enough(request: HttpRequest) -> bool:
    """Counts this request, for the visitor's address and for the network it is in."""
    hourly, daily = settings.CONFIRMATIONS_PER_HOUR, settings.CONFIRMATIONS_PER_DAY
    return is_over(request, "opt-in", limit=hourly, seconds=3600) or is_over(
        request, "opt-in-net", limit=daily, seconds=24 * 3600, ipv4_prefix=24
    )


@lru_cache(maxsize=8)
def get_recent_wordings(language: str, period: int) -> dict[str, ConsentWording]:
    """Read once per `period` and process."""
    return permission.get_wordings(language=language)


def _build_purpose(form: OptInForm, purpose: str, wording: ConsentWording) -> dict[str, Any]:
    """A tick stays only while the words beside it are the same: a yes is to these words."""
    wording_id = str(wording.pk)
    return {
        "name": purpose,
        "wording": wording.text,
        "wording_id": wording_id,
        "is_ticked": bool(form[purpose].value()) and form.get_shown_wording(purpose) == wording_id,
    }
