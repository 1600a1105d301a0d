"""What an examination says: one finding per check, in codes that `words` puts into sentences."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["pass", "fail", "unknown"]
LONGEST_DETAIL = 160


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`reason` says what was found; `detail` is what it was found of, safe to be shown."""

    check: str
    state: State
    reason: str
    detail: str = ""


Job = Callable[[], Sequence[Finding]]


def passed(check: str, reason: str, detail: object = "") -> Finding:
    return Finding(check=check, state="pass", reason=reason, detail=clean(detail))


def failed(check: str, reason: str, detail: object = "") -> Finding:
    return Finding(check=check, state="fail", reason=reason, detail=clean(detail))


def unclear(check: str, reason: str, detail: object = "") -> Finding:
    return Finding(check=check, state="unknown", reason=reason, detail=clean(detail))


def clean(text: object) -> str:
    """What a stranger's server said, as one short line that does nothing to who reads it."""
    line = "".join(each if each.isprintable() else " " for each in str(text))
    line = " ".join(line.split())
    return line if len(line) <= LONGEST_DETAIL else f"{line[:LONGEST_DETAIL]}…"
