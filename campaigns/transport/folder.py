"""Each mail as one file, for looking at. Django's own file backend names two mails of two
processes alike; here the name is the message's.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from campaigns.transport.outcomes import (
    Accepted,
    Form,
    Mail,
    Outcome,
    Parcel,
    TryLater,
    get_evidence,
)


class FolderTransport:
    takes: Form = "bytes"

    def __init__(self, *, path: str) -> None:
        self._folder = Path(path)

    def send(self, *, parcels: Sequence[Parcel], is_over: Callable[[], bool]) -> None:
        for parcel in parcels:
            if is_over():
                return
            parcel.outcome = self._write(parcel.mail)

    def close(self) -> None:
        """Nothing is kept open."""

    def _write(self, mail: Mail) -> Outcome:
        name = re.sub(r"[^A-Za-z0-9_-]", "", mail.message_id.partition("@")[0])
        unfinished = self._folder / f"{name}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(mail.raw)
            unfinished.replace(self._folder / f"{name}.eml")
        except OSError as error:
            return TryLater(phase="file", code=0, evidence=get_evidence(str(error.strerror)))
        return Accepted(evidence="written to a file", provider_id=name)
