"""Mails that lie as files on this host: what the catcher of a demonstration kept, or what was
written to a folder instead of being sent. Their names begin with the message's id.
"""

import logging
from collections.abc import Collection, Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

logger = logging.getLogger(__name__)


def get_folder() -> Path | None:
    """None where mail really leaves."""
    if settings.EMBEDDED.catcher:
        return Path(settings.VAR_DIR) / "mail"
    return Path(settings.EMAIL.path) if settings.EMAIL.kind == "file" else None


def forget_after_commit(message_ids: Collection[UUID]) -> None:
    transaction.on_commit(partial(forget, message_ids))


def forget(message_ids: Collection[UUID]) -> None:
    names = {str(message_id) for message_id in message_ids}
    for file in _get_files():
        if file.stem.partition("@")[0] in names:
            _remove(file)


def get_old(*, before: datetime) -> Iterator[Path]:
    for file in _get_files():
        try:
            if file.stat().st_mtime < before.timestamp():
                yield file
        except FileNotFoundError:
            continue


def forget_old(*, before: datetime, limit: int) -> int:
    """Up to `limit` files; how many they were."""
    files = list(islice(get_old(before=before), limit))
    for file in files:
        _remove(file)
    return len(files)


def _get_files() -> Iterator[Path]:
    folder = get_folder()
    yield from folder.glob("*.eml") if folder else ()


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        logger.error("a mail kept as a file could not be removed: %s", error.strerror)  # noqa: TRY400
