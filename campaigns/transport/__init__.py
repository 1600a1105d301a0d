"""The only road to the wire. It says what happened and decides nothing about the message."""

from campaigns.transport.folder import FolderTransport
from campaigns.transport.outcomes import (
    CONNECTING,
    LOST,
    STOPPED,
    Accepted,
    Form,
    Mail,
    Outcome,
    Parcel,
    Refused,
    Server,
    Transport,
    TryLater,
    Unknown,
)
from campaigns.transport.provider import ProviderTransport
from campaigns.transport.smtp import SmtpTransport

__all__ = [
    "CONNECTING",
    "LOST",
    "STOPPED",
    "Accepted",
    "Form",
    "Mail",
    "Outcome",
    "Parcel",
    "Refused",
    "Transport",
    "TryLater",
    "Unknown",
    "open_transport",
]


def open_transport(*, email: Server, connections: int = 1) -> Transport:
    """Connects on the first mail, not here."""
    if email.kind == "smtp":
        return SmtpTransport(email=email, connections=connections)
    if email.kind == "file":
        return FolderTransport(path=email.path)
    return ProviderTransport(email=email)
