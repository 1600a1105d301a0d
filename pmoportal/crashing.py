"""Named points where a test may have the process die at once, as if it were killed there.

CRASH_AT names the point; `name:3` is the third time that it is reached. Refused in production.
"""

import os
import re
from collections import Counter

from django.conf import settings

STATUS = 137  # what a shell reports of a process that was killed
POINTS = frozenset(
    {
        "after_claim",
        "before_wire",
        "after_dot",
        "after_250",
        "after_commit",
        "in_planner",
        "in_webhook",
        "in_purge",
    }
)

_reached: Counter[str] = Counter()


def parse(value: str) -> tuple[str, int]:
    """The point, and which time it is to be deadly."""
    name, colon, time = value.partition(":")
    if name not in POINTS or (colon and not re.fullmatch("[1-9][0-9]{0,5}", time)):
        raise ValueError(f"must be one of {', '.join(sorted(POINTS))}, or such a name with :3")
    return name, int(time or 1)


def reach(name: str) -> None:
    """Nothing, unless CRASH_AT says that this is the end."""
    if settings.CRASH_AT is None or settings.CRASH_AT[0] != name:
        return
    _reached[name] += 1
    if _reached[name] == settings.CRASH_AT[1]:
        os._exit(STATUS)
