"""Many mails in one call, for Postmark, and for Resend where that is asked for.

anymail makes each mail's payload as it would for a call of its own; here they become one body.
What concerns the whole call concerns every mail in it. A call refused for something in it falls
apart into single ones, so that the mail at fault is refused alone.
"""

import hashlib
import io
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urljoin

import requests
from anymail.exceptions import AnymailRequestsAPIError
from anymail.message import AnymailStatus
from celery.exceptions import SoftTimeLimitExceeded

from campaigns.transport import judging, keys
from campaigns.transport.composing import compose, open_connection
from campaigns.transport.outcomes import (
    CONNECTING,
    LOST,
    STOPPED,
    Form,
    Outcome,
    Parcel,
    Refused,
    Server,
    TryLater,
    Unknown,
    get_evidence,
)
from campaigns.transport.provider import PATIENCE, ProviderTransport

_TRIES = 3


@dataclass(frozen=True, kw_only=True)
class Limits:
    path: str
    mails: int
    size: int
    has_key: bool

    def is_full(self, mails: int, size: int) -> bool:
        """Whether one more would be too many after `mails`, or too long with it."""
        return mails > 0 and (mails == self.mails or size > self.size)


LIMITS = {
    # It takes 50 MB.
    "postmark": Limits(path="email/batch", mails=500, size=45_000_000, has_key=False),
    "resend": Limits(path="emails/batch", mails=100, size=35_000_000, has_key=True),
}


@dataclass(frozen=True, kw_only=True)
class Item:
    """One mail of a batch, made ready: `body` is its own part of the JSON."""

    parcel: Parcel
    message: Any
    payload: Any
    body: str


@dataclass(frozen=True, kw_only=True)
class Call:
    """What anymail's backend sees as a payload: all bodies under one address."""

    limits: Limits
    items: Sequence[Item]

    def get_request_params(self, api_url: str) -> dict[str, Any]:
        params: dict[str, Any] = self.items[0].payload.get_request_params(api_url)
        params["url"] = urljoin(api_url, self.limits.path)
        params["data"] = f"[{','.join(item.body for item in self.items)}]"
        params["headers"].pop("Idempotency-Key", None)
        if self.limits.has_key:
            names = "\n".join(item.parcel.mail.message_id for item in self.items)
            key = hashlib.sha256(names.encode()).hexdigest()
            params["headers"]["Idempotency-Key"] = f"batch/{key}"
        return params


class BatchTransport:
    takes: Form = "parts"

    def __init__(self, *, email: Server, connections: int = 1) -> None:
        self._email = email
        self._limits = LIMITS[email.provider]
        self._singles = ProviderTransport(email=email, connections=connections)
        self._backend: Any = None

    def send(self, *, parcels: Sequence[Parcel], is_over: Callable[[], bool]) -> None:
        if len(parcels) == 1:
            self._singles.send(parcels=parcels, is_over=is_over)
            return
        for items in self._fill(parcels, is_over):
            if is_over():
                break
            self._send_items(items, is_over)
            if any(is_closed(item.parcel.outcome) for item in items):
                break
        for parcel in parcels:  # made ready and not begun
            if parcel.outcome is STOPPED:
                parcel.outcome = None

    def close(self) -> None:
        self._singles.close()
        self._drop()

    def _fill(
        self, parcels: Sequence[Parcel], is_over: Callable[[], bool]
    ) -> Iterator[Sequence[Item]]:
        """What goes into each call. A mail that cannot be made, or a provider that cannot be
        called, has its outcome here.
        """
        items: list[Item] = []
        size = 0
        for parcel in parcels:
            if is_over():
                break
            item = self._make(parcel)
            if is_closed(parcel.outcome):
                break
            if item is None:
                continue
            if self._limits.is_full(len(items), size + len(item.body)):
                yield items
                items, size = [], 0
            items.append(item)
            size += len(item.body) + 1
        if items:
            yield items

    def _make(self, parcel: Parcel) -> Item | None:
        parcel.outcome = STOPPED
        try:
            message = compose(parcel.mail, email=self._email)
        except ValueError as error:
            parcel.outcome = Refused(phase="address", code=0, evidence=str(error))
            return None
        try:
            if self._backend is None:
                self._backend = open_connection(self._email)
            if not self._backend.run_pre_send(message):
                parcel.outcome = Refused(phase="message", code=0, evidence="stopped by a receiver")
                return None
            payload = self._backend.build_message_payload(message, self._backend.send_defaults)
            body = payload.serialize_data()
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:  # noqa: BLE001  whatever a backend raises is an outcome
            parcel.outcome = judging.judge(error)
            return None
        return Item(parcel=parcel, message=message, payload=payload, body=body)

    def _send_items(self, items: Sequence[Item], is_over: Callable[[], bool]) -> None:
        found = self._ask(Call(limits=self._limits, items=items), is_over)
        if isinstance(found, requests.Response):
            self._read(items, found)
        elif isinstance(found, Refused):
            # Nothing was accepted; whose fault it is, each mail's own call will say.
            _give_back(items)
            self._singles.send(parcels=[item.parcel for item in items], is_over=is_over)
        elif is_closed(found):
            _give_back(items)
            items[0].parcel.outcome = found
        else:
            _settle(items, found)

    def _ask(self, call: Call, is_over: Callable[[], bool]) -> requests.Response | Outcome:
        """The answer, or what to believe without one. Asked again after a pause the provider
        wanted, and where it knows the very same call again.
        """
        found: requests.Response | Outcome = STOPPED
        lost: Unknown | None = None
        for tries in range(1, _TRIES + 1):
            _settle(call.items, LOST)
            found, pause = self._post(call)
            if isinstance(found, Unknown):
                lost = found
                pause = 0.0 if self._limits.has_key else None
            if pause is None or pause > PATIENCE or tries == _TRIES or is_over():
                break
            _settle(call.items, lost or cast("Outcome", found))
            time.sleep(pause)
        # What the first call did, a later one that got nowhere cannot say.
        return lost if lost and isinstance(found, TryLater) else found

    def _post(self, call: Call) -> tuple[requests.Response | Outcome, float | None]:
        """What came of one call, and the pause that was asked for."""
        try:
            if self._backend is None:
                self._backend = open_connection(self._email)
            answer = self._backend.post_to_esp(call, None)
            _check(answer, self._backend)
        except SoftTimeLimitExceeded:
            self._drop()
            raise
        except Exception as error:  # noqa: BLE001  whatever a backend raises is an outcome
            outcome = keys.judge_with_key(error, provider=self._email.provider)
            if isinstance(outcome, Unknown) or is_closed(outcome):
                self._drop()
            return outcome, judging.get_pause(error)
        return answer, None

    def _read(self, items: Sequence[Item], answer: requests.Response) -> None:
        """One entry for each mail, in their order."""
        try:
            said = answer.json()
            entries = said["data"] if isinstance(said, dict) else said
            is_complete = len(entries) == len(items)
        except (KeyError, TypeError, ValueError):
            is_complete = False
        if not is_complete:
            evidence = get_evidence(f"HTTP {answer.status_code} {answer.text}")
            _settle(items, Unknown(phase="response", evidence=evidence))
            return
        for item, entry in zip(items, entries, strict=True):
            item.parcel.outcome = self._read_entry(item, entry)

    def _read_entry(self, item: Item, entry: Any) -> Outcome:
        """As anymail reads the answer to a single call."""
        is_good = isinstance(entry, dict) and not entry.get("ErrorCode")
        answer = requests.Response()
        answer.status_code = 200 if is_good else 422
        answer.raw = io.BytesIO(json.dumps(entry).encode())
        status = AnymailStatus()
        status.esp_response = answer
        given = {"response": answer, "payload": item.payload, "message": item.message}
        try:
            status.set_recipient_status(self._backend.parse_recipient_status(**given))
            self._backend.raise_for_recipient_status(anymail_status=status, **given)
        except Exception as error:  # noqa: BLE001  whatever a backend raises is an outcome
            return judging.judge(error)
        return judging.read_status(status)

    def _drop(self) -> None:
        backend, self._backend = self._backend, None
        if backend is not None:
            backend.close()


def is_closed(outcome: object) -> bool:
    """Whether the server would hear of no mail."""
    return isinstance(outcome, TryLater) and outcome.phase in CONNECTING


def _check(answer: requests.Response, backend: Any) -> None:
    """anymail lets some refusals pass, to read them as being about a mail's only recipient."""
    if not answer.ok:
        raise AnymailRequestsAPIError(response=answer, backend=backend)


def _settle(items: Sequence[Item], outcome: Outcome | None) -> None:
    for item in items:
        item.parcel.outcome = outcome


def _give_back(items: Sequence[Item]) -> None:
    _settle(items, None)
