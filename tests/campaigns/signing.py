"""Keys made in the test, and mails signed with them as a mail server would."""

import shutil
import subprocess
from base64 import b64encode
from dataclasses import dataclass
from functools import cache

import dkim
import pytest

HEADERS = (
    b"From", b"To", b"Subject", b"Date", b"Message-ID",
    b"List-Unsubscribe", b"List-Unsubscribe-Post",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Key:
    """`public` as it is published, `private` as a mail server has it."""

    private: bytes
    public: str


@cache
def make_key(bits: int = 2048) -> Key:
    openssl = shutil.which("openssl") or pytest.skip("openssl is not installed")
    private = _run(openssl, "genrsa", "-traditional", str(bits))
    public = _run(openssl, "rsa", "-pubout", "-outform", "DER", stdin=private)
    return Key(private=private, public=b64encode(public).decode())


def sign(
    raw: bytes,
    *,
    key: Key,
    domain: str = "firma.se",
    selector: str = "s1",
    headers: tuple[bytes, ...] = HEADERS,
) -> bytes:
    signature = dkim.sign(
        raw,
        selector.encode(),
        domain.encode(),
        key.private,
        include_headers=[each for each in headers if each.lower() + b":" in raw.lower()],
    )
    return bytes(signature + raw)


def _run(*command: str, stdin: bytes = b"") -> bytes:
    return subprocess.run(command, check=True, capture_output=True, input=stdin).stdout
