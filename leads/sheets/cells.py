"""Cells that no spreadsheet takes for a formula, and back again without loss. Pure."""

import re

# What Excel, LibreOffice or Google may begin to compute; after spaces or full-width as well.
DANGEROUS = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20])")
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def protect(text: str) -> str:
    """With an apostrophe in front of what begins like a formula."""
    clean = UNPRINTABLE.sub("", text)
    return f"'{clean}" if DANGEROUS.match(clean) else clean


def restore(text: str) -> str:
    """What `protect` was given."""
    bare = text.removeprefix("'")
    return bare if bare != text and DANGEROUS.match(bare) else text
