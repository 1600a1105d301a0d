"""What a provider's report of one mail means. Pure: words in, one kind out.

Codes are those of RFC 3463: 5.1.x the address is wrong, 5.7.x the sender is not wanted, 4.x.x
not now. Where a report says nothing certain the address gets the benefit of the doubt.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

Kind = Literal[
    "accepted",
    "delivered",
    "deferred",
    "hard_bounce",
    "soft_bounce",
    "policy_bounce",
    "complaint",
    "unsubscribed",
    "refused",
]
Severity = Literal["", "soft", "hard"]

SOFT_IN_A_ROW = 3
SOFT_FOR = timedelta(hours=72)

# Of how many of a campaign's last mails complaints and bounces are counted.
COMPLAINTS_OF = 1_000
BOUNCES_OF = 500
# Shares at which mailbox providers begin to look askance at a sender, and to refuse it (Gmail's
# and Yahoo's rules for bulk senders). Below `least` a share says nothing.
COMPLAINTS_WARN = 0.001
COMPLAINTS_HALT, COMPLAINTS_LEAST = 0.003, 2
BOUNCES_HALT, BOUNCES_LEAST = 0.05, 5

Reputation = Literal["", "complaints_warn", "complaints", "bounces"]

_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_GONE = re.compile(r"5\.(1\.|2\.1$)")
# Anymail's event types and reject reasons that say it all.
_PLAIN: dict[str, Kind] = {
    "queued": "accepted",
    "sent": "accepted",
    "delivered": "delivered",
    "deferred": "deferred",
    "complained": "complaint",
    "unsubscribed": "unsubscribed",
}
_REFUSALS: dict[str, Kind] = {
    "bounced": "hard_bounce",
    "invalid": "hard_bounce",
    "spam": "complaint",
    "unsubscribed": "unsubscribed",
}


def classify(
    *, event_type: str, reject_reason: str, words: str, severity: Severity = ""
) -> tuple[Kind | None, str]:
    """The kind of an anymail event and the code in `words` (the receiving server's, or the
    provider's description); None for events that say nothing about delivery. `severity` is the
    provider's own word for whether a bounce is for ever, and counts where there is no code.
    """
    found = _ENHANCED.search(words)
    code = found[1] if found else ""
    if event_type == "bounced" or (event_type == "failed" and severity == "hard"):
        return _classify_bounce(reject_reason, code, severity), code
    if event_type in {"rejected", "failed"}:
        return _REFUSALS.get(reject_reason, "refused"), code
    return _PLAIN.get(event_type), code


def is_unreachable(history: Iterable[tuple[datetime, str]]) -> bool:
    """Whether there ever were three soft bounces in a row over 72 hours or more.

    Takes reports in any order; what counts is when things happened.
    """
    row: list[datetime] = []
    for at, kind in sorted(history):
        if kind == "delivered":
            row = []
        elif kind == "soft_bounce":
            row.append(at)
            if len(row) >= SOFT_IN_A_ROW and at - row[0] >= SOFT_FOR:
                return True
    return False


def judge_reputation(*, sent: int, complaints: int, recent: int, bounces: int) -> Reputation:
    """What the last mails of a campaign say: `complaints` of the last `sent` (COMPLAINTS_OF at
    most), `bounces` of the last `recent` (BOUNCES_OF). `complaints` and `bounces` halt it.
    """
    if complaints >= COMPLAINTS_LEAST and complaints >= COMPLAINTS_HALT * sent:
        return "complaints"
    if bounces >= BOUNCES_LEAST and bounces >= BOUNCES_HALT * recent:
        return "bounces"
    return "complaints_warn" if complaints and complaints >= COMPLAINTS_WARN * sent else ""


def _classify_bounce(reject_reason: str, code: str, severity: Severity) -> Kind:
    if code.startswith("5.7.") or reject_reason in {"spam", "blocked"}:
        return "policy_bounce"
    if _GONE.match(code):
        return "hard_bounce"
    if code or severity == "soft":
        return "soft_bounce"
    is_for_ever = severity == "hard" or reject_reason in {"bounced", "invalid"}
    return "hard_bounce" if is_for_ever else "soft_bounce"
