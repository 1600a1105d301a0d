"""The columns of a sheet of leads: what goes out, and what may come in again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from leads.models import Lead

LANGUAGES = ("sv", "en")
# Whoever is new must bring these; see `leads.importing`.
EVIDENCE = ("consent_wording", "consent_at", "consent_source")


@dataclass(frozen=True, kw_only=True)
class Column:
    """`get` is what the sheet shows of a lead; a column that may come in is `editable`."""

    key: str
    label: str | Promise
    get: Callable[[Lead], str] = lambda _lead: ""
    is_editable: bool = False


def _show_date(lead: Lead) -> str:
    return timezone.localtime(lead.created_at).strftime("%Y-%m-%d")


COLUMNS = (
    Column(key="id", label=_("Number"), get=lambda lead: str(lead.pk)),
    Column(key="name", label=_("Name"), get=lambda lead: lead.respondent.first_name),
    Column(key="address", label=_("Address"), get=lambda lead: lead.respondent.email),
    Column(key="organisation", label=_("Organisation"), get=lambda lead: lead.organisation),
    Column(
        key="grade",
        label=_("Grade"),
        get=lambda lead: lead.effective_grade,
    ),
    Column(key="fit", label=_("Fit"), get=lambda lead: str(lead.fit)),
    Column(key="engagement", label=_("Engagement"), get=lambda lead: str(lead.engagement)),
    Column(key="weakest_role", label=_("Weakest role"), get=lambda lead: lead.weakest_role),
    Column(key="since", label=_("Since"), get=_show_date),
    Column(
        key="owner",
        label=_("Owner"),
        get=lambda lead: lead.owner.get_username() if lead.owner else "",
        is_editable=True,
    ),
    Column(
        key="stage",
        label=_("Stage"),
        get=lambda lead: str(lead.get_stage_display()),
        is_editable=True,
    ),
    Column(key="reason", label=_("Reason for the change"), is_editable=True),
    Column(
        key="next_step_at",
        label=_("Next step on"),
        get=lambda lead: lead.next_step_at.isoformat() if lead.next_step_at else "",
        is_editable=True,
    ),
    Column(
        key="next_step",
        label=_("Next step"),
        get=lambda lead: lead.next_step,
        is_editable=True,
    ),
    Column(key="note", label=_("New note"), is_editable=True),
)
EDITABLE = tuple(column.key for column in COLUMNS if column.is_editable)


def get_label(key: str) -> str:
    return next((str(column.label) for column in COLUMNS if column.key == key), key)


@cache
def get_names() -> Mapping[str, str]:
    """What may stand at the head of a column, in any language and in lower case -> its key."""
    names = {column.key: column.key for column in COLUMNS} | {key: key for key in EVIDENCE}
    for language in LANGUAGES:
        with translation.override(language):
            names |= {str(column.label).lower(): column.key for column in COLUMNS}
    return names
