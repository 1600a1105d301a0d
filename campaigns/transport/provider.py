"""Any Django mail backend, above all the mail providers of anymail.

A provider's answer is translated once, here. What HTTP leaves open stays open: a lost answer
or a provider's own failure is Unknown, because the mail may be on its way.
"""

import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Any

import requests
from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailError,
    AnymailRecipientsRefused,
)
from celery.exceptions import SoftTimeLimitExceeded
from django.core.mail import EmailMultiAlternatives, get_connection
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from campaigns import mime
from campaigns.transport.outcomes import (
    LOST,
    Accepted,
    Form,
    Mail,
    Outcome,
    Parcel,
    Refused,
    Server,
    TryLater,
    Unknown,
    get_evidence,
)

# Our key, our address or our pace is wrong, not the mail.
OURS_TO_MEND = frozenset({401, 402, 403, 404, 405, 407, 408, 421, 425, 429})
_NOT_BY_HEADER = frozenset({"from", "to", "reply-to"})
_NEVER_CONNECTED = (ConnectTimeoutError, NewConnectionError, ssl.SSLCertVerificationError)
_BOTO_NEVER_CONNECTED = frozenset(
    {"ConnectTimeoutError", "EndpointConnectionError", "NoCredentialsError"}
)


class ProviderTransport:
    takes: Form = "parts"

    def __init__(self, *, email: Server) -> None:
        self._email = email
        self._connection: Any = None

    def send(self, *, parcels: Sequence[Parcel], is_over: Callable[[], bool]) -> None:
        for parcel in parcels:
            if is_over():
                return
            parcel.outcome = LOST
            parcel.outcome = self._send(parcel.mail)

    def _send(self, mail: Mail) -> Outcome:
        try:
            mime.get_ascii_address(mail.to)
        except ValueError as error:
            return Refused(phase="address", code=0, evidence=str(error))
        message = self._get_message(mail)
        try:
            if self._connection is None:
                self._connection = get_connection(self._email.backend)
                self._connection.open()
            count = self._connection.send_messages([message])
        except SoftTimeLimitExceeded:
            self.close()
            raise
        except Exception as error:  # noqa: BLE001  whatever a backend raises is an outcome
            self.close()
            return _judge(error)
        if not count:
            return Refused(phase="message", code=0, evidence="the backend took no mail")
        return _read_status(getattr(message, "anymail_status", None))

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _get_message(self, mail: Mail) -> EmailMultiAlternatives:
        headers = {
            name: value
            for name, value in mail.headers.items()
            if name.lower() not in _NOT_BY_HEADER
            # A provider dates the mail itself, and some refuse to be told.
            and not (self._email.kind == "provider" and name.lower() == "date")
        }
        given = {name.lower(): value for name, value in mail.headers.items()}
        message = EmailMultiAlternatives(
            subject=mail.subject,
            body=mail.text,
            from_email=given.get("from", mail.envelope_from),
            to=[mail.to],
            reply_to=[given["reply-to"]] if "reply-to" in given else None,
            headers=headers,
        )
        message.attach_alternative(mail.html, "text/html")
        # What a webhook brings back even when the answer to this call was lost.
        message.metadata = {"message_id": mail.message_id}  # type: ignore[attr-defined]
        return message


def _read_status(status: Any) -> Outcome:
    """`status` is anymail's; other backends have none and mean what they do not raise."""
    if status is None:
        return Accepted(evidence="handed to the backend")
    states = status.status or frozenset()
    code = getattr(status.esp_response, "status_code", 0)
    evidence = get_evidence(f"HTTP {code} {', '.join(sorted(map(str, states)))}")
    if states & {"failed", "invalid", "rejected"}:
        return Refused(phase="rcpt", code=0, evidence=evidence)
    # Some refusals reach us as an answer that says nothing, "unknown", of our recipient.
    if code // 100 == 4:
        return Refused(phase="rcpt", code=code, evidence=evidence)
    if not states:
        return Unknown(phase="response", evidence=evidence)
    name = status.message_id if isinstance(status.message_id, str) else ""
    return Accepted(evidence=evidence, provider_id=name)


def _judge(error: Exception) -> Outcome:
    code = _get_code(error)
    if isinstance(error, AnymailRecipientsRefused):
        return Refused(phase="rcpt", code=code, evidence=_describe(error, code))
    if isinstance(error, AnymailConfigurationError) or _is_before_sending(error):
        return TryLater(phase="connect", code=0, evidence=_describe(error, code))
    if code in OURS_TO_MEND or code // 100 == 3:
        phase = "auth" if code in {401, 403} else "response"
        return TryLater(phase=phase, code=code, evidence=_describe(error, code))
    if code // 100 == 4:
        return Refused(phase="response", code=code, evidence=_describe(error, code))
    is_local = isinstance(error, AnymailError | ValueError) and not isinstance(
        error, AnymailAPIError | OSError
    )
    if is_local:
        return Refused(phase="message", code=0, evidence=_describe(error, code))
    return Unknown(phase="response", evidence=_describe(error, code))


def _is_before_sending(error: Exception) -> bool:
    """True only when nothing of the mail can have been sent."""
    if isinstance(error, requests.ConnectTimeout | ConnectionRefusedError | socket.gaierror):
        return True
    if type(error.__cause__).__name__ in _BOTO_NEVER_CONNECTED:
        return True
    if not isinstance(error, requests.ConnectionError) or error.__cause__ is None:
        return False
    reason = next(iter(error.__cause__.args), None)
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    if isinstance(reason, _NEVER_CONNECTED):
        return True
    return any(isinstance(each, _NEVER_CONNECTED) for each in getattr(reason, "args", ()))


def _get_code(error: Exception) -> int:
    """The HTTP status, also when it hides in boto's own kind of answer."""
    code = getattr(error, "status_code", None)
    answer = getattr(error.__cause__, "response", None)
    if code is None and isinstance(answer, dict):
        code = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return int(code or 0)


def _describe(error: Exception, code: int) -> str:
    answer = getattr(error, "response", None)
    text = getattr(answer, "text", "") if code else ""
    cause = error.__cause__ or error
    return get_evidence(f"HTTP {code} {text}" if code else f"{type(cause).__name__}: {cause}")
