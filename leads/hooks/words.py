"""Why a webhook was not told, and how one stands, in words."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leads.models import Kind

REASONS = {
    "certificate": _("The certificate is not valid for this name."),
    "no_answer": _("Nobody answered, or the answer was not HTTP."),
    "no_consent": _("The person does not agree to be contacted any more, so nobody was told."),
    "no_such_host": _("There is no machine of that name."),
    "not_an_address": _(
        "This is not an address we can call. It looks like https://crm.example.com/in."
    ),
    "not_https": _("The address must begin with https://."),
    "port": _("Only the ports 443, 8443 and 80 can be called."),
    "private_address": _("The address leads into a closed network, where we do not call."),
    "timeout": _("There was no whole answer within five seconds."),
}


def describe_kind(kind: str) -> str:
    return str(Kind(kind).label) if kind in Kind.values else kind


def describe_reason(reason: str) -> str:
    return str(REASONS.get(reason, reason))


def describe_answer(status: int | None, words: str) -> str:
    """“200 OK thanks”, or why there was no answer."""
    if status is None:
        return describe_reason(words)
    said = gettext("Answered %(status)d.") % {"status": status}
    return f"{said} {words}".strip()
