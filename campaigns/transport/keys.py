"""Providers that know a mail again: the same key within its life is never two mails.

The key is the id of our message, the same at every try, and the body is rendered to the same
bytes; so a mail whose answer was lost may be sent again, and the provider tells the two apart.

Such a key belongs to one HTTP call. For a batch it would stand for all mails in it, and could
only be used again for that very batch: but until then somebody in it may have withdrawn, and
nobody may be written to because somebody else's mail is in doubt. A batch's mails sent again one
by one have keys that the provider never saw, and would arrive twice. So a provider that knows
keys gets its mails one by one. Resend's batches are for who needs their speed more
(`?batch=yes`): its keys then live no longer than the call, and what stays unknown is for
evidence or a person, as with a provider that knows no keys.

Of anymail's providers, Resend (24 hours) and Brevo (15 minutes by its changelog, 30 by its
guide) have keys; for the others none were found.
"""

from datetime import timedelta
from typing import Any

from anymail.backends import resend
from anymail.utils import get_anymail_setting

from campaigns.transport.judging import get_said, judge
from campaigns.transport.outcomes import Accepted, Outcome, Server, Unknown

LIVES = {"resend": timedelta(hours=24), "brevo": timedelta(minutes=15)}


class ResendBackend(resend.EmailBackend):
    """anymail would put an extra header into the mail; this one belongs to the request."""

    def build_message_payload(self, message: Any, defaults: Any) -> Any:
        payload = super().build_message_payload(message, defaults)
        payload.headers["Idempotency-Key"] = get_key(message.metadata["message_id"])
        return payload


def get_key_life(*, email: Server) -> timedelta:
    """For how long the provider knows a mail again by its key, from the first try on."""
    is_single = email.kind == "provider" and not is_batching(email)
    return LIVES.get(email.provider, timedelta()) if is_single else timedelta()


def is_batching(email: Server) -> bool:
    """Whether several mails go in one call."""
    if email.provider == "resend":
        return bool(get_anymail_setting("batch", esp_name="Resend", default="") == "yes")
    return email.provider == "postmark"


def get_key(message_id: str) -> str:
    """A UUID, as Brevo wants it."""
    return message_id.strip("<>").partition("@")[0]


def judge_with_key(error: Exception, *, provider: str) -> Outcome:
    """As `judge`, but a refusal because the key is known says that the mail was accepted."""
    said = get_said(error)
    if provider == "brevo" and said.get("code") == "duplicate_parameter":
        return Accepted(evidence="HTTP 400 duplicate_parameter: accepted before")
    if provider == "resend" and said.get("name") == "invalid_idempotent_request":
        return Accepted(evidence="HTTP 409 invalid_idempotent_request: accepted before")
    if provider == "resend" and said.get("name") == "concurrent_idempotent_requests":
        return Unknown(phase="response", evidence="HTTP 409 concurrent_idempotent_requests")
    return judge(error)
