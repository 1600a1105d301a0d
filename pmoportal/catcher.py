"""A mail server for demonstrations: accepts everything and keeps each mail as one .eml file."""

import argparse
import asyncio
import os
import re
import signal
from email import message_from_bytes
from pathlib import Path
from uuid import uuid4

from aiosmtpd.smtp import SMTP, Envelope, Session


class Folder:
    """aiosmtpd's handler: the file appears under its name at once and whole."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = bytes(envelope.original_content or b"")
        name = get_file_name(str(message_from_bytes(content)["Message-ID"] or ""))
        unfinished = self.path / f".{uuid4().hex}"
        unfinished.write_bytes(content)
        unfinished.rename(self.path / name)
        return "250 OK"


def get_file_name(message_id: str) -> str:
    """The message's own id, without its brackets and what a file name should not hold."""
    safe = re.sub(r"[^A-Za-z0-9@._+-]", "_", message_id.strip().strip("<>")).lstrip(".")
    return f"{safe[:200] or uuid4().hex}.eml"


async def serve(*, port: int, folder: Path, pid_file: Path) -> None:
    loop = asyncio.get_running_loop()
    is_over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, is_over.set)
    # The greeting names the run folder: by it a starter knows its own catcher from another.
    ident = f"pmoportal {pid_file.parent.name}"
    server = await loop.create_server(
        lambda: SMTP(
            Folder(folder),
            hostname="localhost",
            ident=ident,
            data_size_limit=10_000_000,
            enable_SMTPUTF8=True,
            loop=loop,
        ),
        host="127.0.0.1",
        port=port,
    )
    async with server:
        await is_over.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--pid-file", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    arguments.pid_file.write_text(f"{os.getpid()}\n")
    asyncio.run(serve(port=arguments.port, folder=arguments.folder, pid_file=arguments.pid_file))


if __name__ == "__main__":
    main()
