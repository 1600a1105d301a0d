"""A mail to ourselves: out by the way that all mail takes, and back as receivers get it."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings

from campaigns import letters, posting
from campaigns.inbox import ImapInbox
from campaigns.models import Message
from pmoportal import env, inbound_url

Place = Path | inbound_url.Inbox

MOST_FILES = 200
HEAD = 64_000
LOOK_EVERY = 0.5
# A server somewhere.
ASK_EVERY = 2.0
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")

# Of kind *test*: it has the headers of a campaign's mail, and its links stop nobody.
TEMPLATE = "doctor"


def get_inbox() -> Place | None:
    """Where our own mail arrives: the folder that was set (of .eml files, or a maildir), the
    mail catcher's, or the inbox that answers are fetched from.
    """
    if settings.DOCTOR_INBOX is not None:
        inbox: Path = settings.DOCTOR_INBOX
        return inbox
    if settings.EMBEDDED.catcher:
        return Path(settings.VAR_DIR / "mail")
    answers: inbound_url.Inbox | None = settings.INBOUND
    return Path(answers.path) if answers and answers.kind == "maildir" else answers


def get_own_address() -> str:
    """Whose mail arrives in that inbox."""
    is_for_answers = settings.DOCTOR_INBOX is None and not settings.EMBEDDED.catcher
    answers: str = settings.INBOUND_ADDRESS if is_for_answers and settings.INBOUND else ""
    return answers or env.get_address(settings.DEFAULT_FROM_EMAIL)


def post(*, to: str, now: datetime) -> str:
    """Queue it, and return its Message-ID. Whoever calls rings the bell."""
    to = to or get_own_address()
    key = f"{TEMPLATE}:{now:%Y%m%dT%H%M%S%f}"
    posting.post(
        kind=Message.Kind.TEST,
        key=key,
        to=to,
        template=TEMPLATE,
        language=settings.LANGUAGE_CODE,
        values={},
        now=now,
    )
    return letters.get_message_id(Message.objects.get(key=key))


def wait_for(message_id: str, *, inbox: Place, seconds: float) -> bytes | None:
    """The mail as it arrived; None when it has not by then. Raises InboxError where a mailbox
    cannot be read.
    """
    if isinstance(inbox, Path):
        return _wait(lambda: next(find(message_id, inbox=inbox), None), seconds, LOOK_EVERY)
    mailbox = ImapInbox(inbox)
    try:
        return _wait(partial(mailbox.find, message_id), seconds, ASK_EVERY)
    finally:
        mailbox.close()


def _wait(look: Callable[[], bytes | None], seconds: float, pause: float) -> bytes | None:
    ends_at = time.monotonic() + seconds
    while True:
        found = look()
        if found is not None or time.monotonic() >= ends_at:
            return found
        time.sleep(pause)


def find(message_id: str, *, inbox: Path) -> Iterator[bytes]:
    """Among the newest files."""
    header = re.compile(
        rb"^message-id:\s*" + re.escape(message_id.encode()), re.IGNORECASE | re.MULTILINE
    )
    folders = [inbox, inbox / "new", inbox / "cur"]
    files = [file for folder in folders if folder.is_dir() for file in folder.glob("[!.]*")]
    for file in sorted(files, key=_get_age, reverse=True)[:MOST_FILES]:
        try:
            raw = file.read_bytes()
        except OSError:  # a folder, or it was moved meanwhile
            continue
        if header.search(_END_OF_HEAD.split(raw[:HEAD], maxsplit=1)[0]):
            yield raw


def _get_age(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
