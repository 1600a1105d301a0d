"""Parcels that several threads take from, one by one, until there is a reason to stop.

Nothing leaves after `stop` has returned: what was not sent by then says so, whatever the threads
still do.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from campaigns.transport.outcomes import CONNECTING, LOST, STOPPED, Outcome, Parcel, TryLater

_TICK = 0.05


class Round:
    def __init__(self, *, parcels: Sequence[Parcel], is_over: Callable[[], bool]) -> None:
        self._lock = threading.Lock()
        self._waiting = deque(parcels)
        self._ask_is_over = is_over
        self._is_stopped = False
        self._resumes_at = 0.0

    def take(self) -> Parcel | None:
        """The next one, begun; None when there is none or it is enough."""
        self._rest()
        with self._lock:
            if not self._waiting or self._is_enough():
                return None
            parcel = self._waiting.popleft()
            parcel.outcome = STOPPED
            return parcel

    def let_go(self, parcel: Parcel) -> bool:
        """Whether it may be sent now. From here on nobody knows, until somebody does."""
        with self._lock:
            if not self._is_stopped:
                parcel.outcome = LOST
                return True
            if parcel.outcome is STOPPED:
                parcel.outcome = None
            return False

    def settle(self, parcel: Parcel, outcome: Outcome) -> None:
        parcel.outcome = outcome
        if isinstance(outcome, TryLater) and outcome.phase in CONNECTING:
            self.stop()

    def pause(self, parcel: Parcel, outcome: Outcome, *, seconds: float) -> bool:
        """All rest, because the server asked for it. Whether there is time for another try."""
        with self._lock:
            parcel.outcome = outcome
            self._resumes_at = max(self._resumes_at, time.monotonic() + seconds)
        self._rest()
        with self._lock:
            return not self._is_enough()

    def stop(self) -> None:
        with self._lock:
            self._is_stopped = True

    def _rest(self) -> None:
        while (left := self._resumes_at - time.monotonic()) > 0:
            with self._lock:
                if self._is_enough():
                    return
            time.sleep(min(left, _TICK))

    def _is_enough(self) -> bool:
        return self._is_stopped or self._ask_is_over()
