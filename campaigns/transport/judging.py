"""What a provider's answer means for one mail. Translated once, here.

What HTTP leaves open stays open: a lost answer or a provider's own failure is Unknown, because
the mail may be on its way.
"""

import socket
import ssl
from typing import Any

import requests
from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailError,
    AnymailRecipientsRefused,
)
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from campaigns.transport.outcomes import (
    Accepted,
    Outcome,
    Refused,
    TryLater,
    Unknown,
    get_evidence,
)

# Our key, our address or our pace is wrong, not the mail.
OURS_TO_MEND = frozenset({401, 402, 403, 404, 405, 407, 408, 421, 425, 429})
TOO_MANY = 429
# Postmark says these with HTTP 422, as it does when the mail is at fault: the token, the sender's
# signature, the account or its credit; and that it rests, or that we are too fast.
_POSTMARK_AUTH = frozenset({10, 400, 401, 405, 412, 413})
_POSTMARK_LATER = frozenset({100, 429})
_NEVER_CONNECTED = (ConnectTimeoutError, NewConnectionError, ssl.SSLCertVerificationError)
_BOTO_NEVER_CONNECTED = frozenset(
    {"ConnectTimeoutError", "EndpointConnectionError", "NoCredentialsError"}
)


def read_status(status: Any) -> Outcome:
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
    name = str(status.message_id) if isinstance(status.message_id, str | int) else ""
    return Accepted(evidence=evidence, provider_id=name)


def judge(error: Exception) -> Outcome:
    code = _get_code(error)
    evidence = _describe(error, code)
    if isinstance(error, AnymailRecipientsRefused):
        return Refused(phase="rcpt", code=code, evidence=evidence)
    if phase := _get_phase_of_trouble(error, code):
        return TryLater(phase=phase, code=code, evidence=evidence)
    if code // 100 == 4:
        return Refused(phase="response", code=code, evidence=evidence)
    is_local = isinstance(error, AnymailError | ValueError) and not isinstance(
        error, AnymailAPIError | OSError
    )
    if is_local:
        return Refused(phase="message", code=0, evidence=evidence)
    return Unknown(phase="response", evidence=evidence)


def get_pause(error: Exception) -> float | None:
    """The seconds a provider asks us to wait for, when it says that we are too fast."""
    if _get_code(error) != TOO_MANY:
        return None
    answer = getattr(error, "response", None)
    try:
        return float(answer.headers["Retry-After"])  # type: ignore[union-attr]
    except (AttributeError, KeyError, ValueError):
        return None


def get_said(error: Exception) -> dict[str, Any]:
    """What a provider said about its refusal, if that was an object of JSON."""
    try:
        said = error.response.json()  # type: ignore[attr-defined]
    except (AttributeError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _get_phase_of_trouble(error: Exception, code: int) -> str:
    """Where it went wrong when neither the mail nor chance is to blame; else empty."""
    if isinstance(error, AnymailConfigurationError) or _is_before_sending(error):
        return "connect"
    postmark_code = _get_postmark_code(error)
    if code in {401, 403} or postmark_code in _POSTMARK_AUTH:
        return "auth"
    is_ours = code in OURS_TO_MEND or code // 100 == 3 or postmark_code in _POSTMARK_LATER
    return "response" if is_ours else ""


def _get_postmark_code(error: Exception) -> Any:
    is_postmark = getattr(error, "esp_name", "") == "Postmark"
    return get_said(error).get("ErrorCode") if is_postmark else None


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
