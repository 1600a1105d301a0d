"""Take what lies in the inbox. First the commit, then the mark: a mail that is taken twice is
known by its key, and one that is marked is never lost.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError

from campaigns.inbox import Inbox, Letter
from campaigns.receiving import take

logger = logging.getLogger(__name__)

# A tick opens no further mail after this.
BUDGET = timedelta(seconds=100)


def fetch(*, inbox: Inbox, limit: int, clock: Callable[[], datetime]) -> int:
    """Take up to `limit` mails; how many there were. Raises InboxError when it breaks off."""
    count, began_at = 0, clock()
    for letter in inbox.fetch(limit=limit):
        inbox.settle(letter.uid, is_taken=_take(letter, clock()))
        count += 1
        if clock() - began_at > BUDGET:
            break
    return count


def _take(letter: Letter, now: datetime) -> bool:
    """One mail that cannot be taken is left for a person to see, and is no matter of the rest."""
    try:
        take(raw=letter.raw, received_at=now)
    except (InterfaceError, OperationalError):
        raise
    except Exception as error:  # noqa: BLE001  # whatever a stranger wrote, the next one is read
        logger.error("a mail could not be taken: %s", type(error).__name__)  # noqa: TRY400  # its traceback may hold an address
        return False
    return True
