"""The only road to the wire. It says what happened and decides nothing about the message."""

from campaigns.transport.batches import BatchTransport
from campaigns.transport.folder import FolderTransport
from campaigns.transport.keys import get_key_life, is_batching
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
    get_evidence,
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
    "get_evidence",
    "get_key_life",
    "open_transport",
]


def open_transport(*, email: Server, connections: int = 1) -> Transport:
    """Connects on the first mail, not here; several mails leave over `connections` at once."""
    if email.kind == "smtp":
        return SmtpTransport(email=email, connections=connections)
    if email.kind == "file":
        return FolderTransport(path=email.path)
    if is_batching(email):
        return BatchTransport(email=email, connections=connections)
    return ProviderTransport(email=email, connections=connections)
