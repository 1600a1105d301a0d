"""Any Django mail backend, above all the mail providers of anymail: one call for each mail,
several at once.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded

from campaigns.transport import judging, keys
from campaigns.transport.composing import compose, open_connection
from campaigns.transport.outcomes import (
    CONNECTING,
    Form,
    Outcome,
    Parcel,
    Refused,
    Server,
    Unknown,
)
from campaigns.transport.rounds import Round

# Seconds for answers under way when the task is stopped, and a pause a provider may ask for.
GRACE = 5.0
PATIENCE = 10.0
_TRIES = 5


class ProviderTransport:
    takes: Form = "parts"

    def __init__(self, *, email: Server, connections: int = 1) -> None:
        self._email = email
        self._connections = connections if email.kind == "provider" else 1
        self._idle: list[Any] = []

    def send(self, *, parcels: Sequence[Parcel], is_over: Callable[[], bool]) -> None:
        work = Round(parcels=parcels, is_over=is_over)
        if self._connections == 1 or len(parcels) == 1:
            self._work(work)
            return
        # A door that is closed is knocked on once, not by every thread.
        if not self._idle and (first := work.take()):
            self._try(first, work)
        count = min(self._connections, len(parcels))
        threads = [
            threading.Thread(target=self._work, args=(work,), daemon=True) for _ in range(count)
        ]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:  # also when the task is stopped
            work.stop()
            ends_at = time.monotonic() + GRACE
            for thread in threads:
                if thread.is_alive():
                    thread.join(max(ends_at - time.monotonic(), 0))

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _work(self, work: Round) -> None:
        while parcel := work.take():
            self._try(parcel, work)

    def _try(self, parcel: Parcel, work: Round) -> None:
        try:
            message = compose(parcel.mail, email=self._email)
        except ValueError as error:
            work.settle(parcel, Refused(phase="address", code=0, evidence=str(error)))
            return
        for tries in range(1, _TRIES + 1):
            try:
                connection = self._open()
            except SoftTimeLimitExceeded:
                raise
            except Exception as error:  # noqa: BLE001  whatever a backend raises is an outcome
                work.settle(parcel, judging.judge(error))
                return
            if not work.let_go(parcel):
                self._idle.append(connection)
                return
            outcome, pause = self._hand_over(message, connection)
            if pause is None or pause > PATIENCE or tries == _TRIES:
                work.settle(parcel, outcome)
                return
            if not work.pause(parcel, outcome, seconds=pause):
                return

    def _open(self) -> Any:
        try:
            return self._idle.pop()
        except IndexError:
            return open_connection(self._email)

    def _hand_over(self, message: Any, connection: Any) -> tuple[Outcome, float | None]:
        """How it went, and the pause the provider asked for."""
        pause = None
        try:
            count = connection.send_messages([message])
        except SoftTimeLimitExceeded:
            connection.close()
            raise
        except Exception as error:  # noqa: BLE001  whatever a backend raises is an outcome
            outcome = keys.judge_with_key(error, provider=self._email.provider)
            pause = judging.get_pause(error)
        else:
            outcome = judging.read_status(getattr(message, "anymail_status", None))
            if not count:
                outcome = Refused(phase="message", code=0, evidence="the backend took no mail")
        if isinstance(outcome, Unknown) or getattr(outcome, "phase", "") in CONNECTING:
            connection.close()
        else:
            self._idle.append(connection)
        return outcome, pause
