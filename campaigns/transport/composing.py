"""Our mail as Django's, and the backend that takes it."""

from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection

from campaigns import mime
from campaigns.transport import keys
from campaigns.transport.outcomes import Mail, Server

_NOT_BY_HEADER = frozenset({"from", "to", "reply-to"})
# anymail refuses to give them metadata; a tag comes back in their reports as well.
_ONLY_TAGS = frozenset({"mailersend", "postal"})
# These can be told for each mail that they are to leave its links alone and add no pixel. At the
# others it is a matter of the account.
_CAN_BE_TOLD = frozenset(
    {
        "mailersend",
        "mailgun",
        "mailjet",
        "mandrill",
        "postmark",
        "sendgrid",
        "sparkpost",
        "unisender-go",
    }
)


def open_connection(email: Server) -> Any:
    """A backend with its connection to be kept. Raises what a backend raises for its settings."""
    own = f"{keys.__name__}.{keys.ResendBackend.__name__}"
    connection = get_connection(own if email.provider == "resend" else email.backend)
    connection.open()
    return connection


def compose(mail: Mail, *, email: Server) -> EmailMultiAlternatives:
    """Raises ValueError for anything but one address."""
    mime.get_ascii_address(mail.to)
    given = {name.lower(): value for name, value in mail.headers.items()}
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        from_email=given.get("from", mail.envelope_from),
        to=[mail.to],
        reply_to=[given["reply-to"]] if "reply-to" in given else None,
        headers=_get_headers(mail, email),
    )
    message.attach_alternative(mail.html, "text/html")
    # What a webhook brings back even when the answer to this call was lost.
    if email.provider in _ONLY_TAGS:
        message.tags = [keys.get_key(mail.message_id)]  # type: ignore[attr-defined]
    else:
        message.metadata = {"message_id": mail.message_id}  # type: ignore[attr-defined]
    if email.provider in _CAN_BE_TOLD:
        message.track_clicks = message.track_opens = False  # type: ignore[attr-defined]
    return message


def _get_headers(mail: Mail, email: Server) -> dict[str, str]:
    headers = {
        name: value
        for name, value in mail.headers.items()
        if name.lower() not in _NOT_BY_HEADER
        # A provider dates the mail itself, and some refuse to be told.
        and not (email.kind == "provider" and name.lower() == "date")
    }
    if email.provider == "brevo":
        headers["idempotencyKey"] = keys.get_key(mail.message_id)
    return headers
