"""A certificate for 127.0.0.1 that nobody trusts yet; key and certificate in one file."""

import shutil
import subprocess
from pathlib import Path

import pytest


def make_certificate(folder: Path) -> Path:
    openssl = shutil.which("openssl") or pytest.skip("openssl is not installed")
    path = folder / "certificate.pem"
    # fmt: off
    command = [
        openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
        "-subj", "/CN=fault", "-addext", "subjectAltName=IP:127.0.0.1",
        "-keyout", str(path), "-out", str(folder / "public.pem"),
    ]
    # fmt: on
    subprocess.run(command, check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + (folder / "public.pem").read_bytes())
    return path
