"""A mailbox over IMAP on a loopback port: as much of RFC 3501 as a poller speaks, and faults.

`faults` names a command (LOGIN, SELECT, SEARCH, FETCH, STORE) and what happens at it: `drop`
cuts the wire, `no` refuses, `garbage` answers nonsense. `drop-half` cuts in the middle of a mail.
"""

import re
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import pytest

USER, PASSWORD = "svar@example.com", 'a secret with "quotes" and \\'
LINE = 64_000


@dataclass
class Mailbox:
    """`mails` by uid; `flags` holds what was stored. `log` names the commands as they came."""

    mails: dict[int, bytes] = field(default_factory=dict)
    flags: dict[int, set[str]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    port: int = 0

    def add(self, *mails: bytes) -> None:
        for raw in mails:
            uid = max(self.mails, default=100) + 1
            self.mails[uid] = raw
            self.flags[uid] = set()


class Dropped(Exception):
    pass


class Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.box: Mailbox = self.server.box  # type: ignore[attr-defined]  # set by run_server
        try:
            self.say("* OK ready")
            while line := self.rfile.readline(LINE):
                self.answer(line.decode().rstrip("\r\n"))
        except (Dropped, OSError):
            pass

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def answer(self, line: str) -> None:
        tag, _space, rest = line.partition(" ")
        words = rest.split(" ", 2)
        name = words[1].upper() if words[0].upper() == "UID" else words[0].upper()
        self.box.log.append(name)
        fault = self.box.faults.get(name)
        if fault == "drop":
            raise Dropped
        if fault == "garbage":
            self.say("* \x00\x01 what?")
            self.say("+ ?")
            raise Dropped
        if fault == "no":
            self.say(f"{tag} NO not today")
            return
        getattr(self, f"do_{name.lower()}", self.do_nothing)(rest)
        self.say(f"{tag} OK {name} done")
        if name == "LOGOUT":
            raise Dropped

    def do_nothing(self, rest: str) -> None:
        """The commands that need no answer of their own."""

    def do_capability(self, rest: str) -> None:
        self.say("* CAPABILITY IMAP4rev1")

    def do_login(self, rest: str) -> None:
        quoted = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
        if rest != f'LOGIN "{USER}" "{quoted}"':
            self.box.faults["SELECT"] = "drop"

    def do_select(self, rest: str) -> None:
        self.say(f"* {len(self.box.mails)} EXISTS")
        self.say("* OK [UIDVALIDITY 1] ids")

    def do_search(self, rest: str) -> None:
        asked = re.fullmatch(r'UID SEARCH HEADER Message-ID "(.+)"', rest)
        if asked:
            header = f"\r\nMessage-ID: {asked[1]}\r\n".encode()
            heads = {uid: raw.partition(b"\r\n\r\n")[0] for uid, raw in self.box.mails.items()}
            found = [str(uid) for uid, head in heads.items() if header in head + b"\r\n"]
            self.say(f"* SEARCH {' '.join(reversed(found))}".rstrip())
            return
        assert rest.upper() == "UID SEARCH UNSEEN UNDELETED"
        unseen = [str(uid) for uid in sorted(self.box.mails) if "\\Seen" not in self.box.flags[uid]]
        self.say(f"* SEARCH {' '.join(reversed(unseen))}".rstrip())

    def do_fetch(self, rest: str) -> None:
        found = re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", rest)
        assert found
        uid = int(found[1])
        if uid not in self.box.mails:
            return
        raw = self.box.mails[uid][: int(found[2])]
        self.say(f"* {uid - 100} FETCH (UID {uid} BODY[]<0> {{{len(raw)}}}")
        if self.box.faults.get("FETCH") == "drop-half":
            self.wfile.write(raw[: len(raw) // 2])
            raise Dropped
        self.wfile.write(raw)
        self.say(")")

    def do_store(self, rest: str) -> None:
        found = re.fullmatch(r"UID STORE (\d+) \+FLAGS\.SILENT \((.+)\)", rest)
        assert found
        self.box.flags[int(found[1])] |= set(found[2].split())


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    context: ssl.SSLContext

    def finish_request(self, request: object, client_address: object) -> None:
        try:
            encrypted = self.context.wrap_socket(request, server_side=True)  # type: ignore[call-overload]  # a socket
        except (OSError, ssl.SSLError):
            return
        with encrypted:
            Session(encrypted, client_address, self)  # type: ignore[arg-type]  # an address


@contextmanager
def running_imap_server(context: ssl.SSLContext) -> Iterator[Mailbox]:
    box = Mailbox()
    with Server(("127.0.0.1", 0), Session) as server:
        server.box = box  # type: ignore[attr-defined]  # for the sessions
        server.context = context
        box.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield box
        server.shutdown()
        thread.join()


@contextmanager
def running_trusted_server(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """Over TLS, with a certificate that this process trusts meanwhile."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with running_imap_server(context) as box:
        yield box
