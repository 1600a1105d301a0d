"""Compiles the committed .po files with Babel, so that no machine needs gettext's tools."""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_translations(folder: Path) -> list[Path]:
    """Write each .mo that is missing or older than its .po, and name those written."""
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        unfinished = target.with_suffix(f".{os.getpid()}")
        with source.open("rb") as reading, unfinished.open("wb") as writing:
            write_mo(writing, read_po(reading, locale=source.parent.parent.name))
        unfinished.rename(target)
        written.append(target)
    return written
