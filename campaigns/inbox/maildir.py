"""A maildir: one file per mail, as a mail server on this host delivers it."""

import os
from collections.abc import Iterator
from pathlib import Path

from campaigns.inbox.box import MAX_BYTES, InboxError, Letter

SEEN, SEEN_AND_FLAGGED = ":2,S", ":2,FS"


class MaildirInbox:
    """Delivered is what lies in `new`; what was dealt with is moved to `cur`, as seen."""

    def __init__(self, path: str) -> None:
        self.new, self.cur = Path(path) / "new", Path(path) / "cur"
        if not self.new.is_dir() or not self.cur.is_dir():
            raise InboxError("the maildir is not there")

    def fetch(self, *, limit: int) -> Iterator[Letter]:
        for name in self._get_names()[:limit]:
            path = self.new / name
            try:
                with path.open("rb") as file:
                    yield Letter(uid=name, raw=file.read(MAX_BYTES))
            except OSError:
                continue  # somebody else took it just now

    def settle(self, uid: str, *, is_taken: bool) -> None:
        flags = SEEN if is_taken else SEEN_AND_FLAGGED
        name = uid.partition(":")[0]
        try:
            (self.new / uid).rename(self.cur / f"{name}{flags}")
        except FileNotFoundError:
            return
        except OSError as error:
            raise InboxError("the maildir cannot be written to") from error

    def close(self) -> None:
        """Nothing is open."""

    def _get_names(self) -> list[str]:
        """By the time in their names, which is when they were delivered. Links are not followed."""
        try:
            with os.scandir(self.new) as entries:
                files = [each for each in entries if each.is_file(follow_symlinks=False)]
        except OSError as error:
            raise InboxError("the maildir cannot be read") from error
        return sorted(each.name for each in files if not each.name.startswith("."))
