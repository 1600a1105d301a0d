"""One POST on real sockets: pinned to the address that was checked, bounded in time and size."""

import ipaddress
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import dns.message
import dns.resolver
import dns.rrset
import pytest

from leads.hooks.wire import MOST_READ, Answer, Limits, post
from tests.leads.integrating import Receiver, reply, running_receiver

OPEN = Limits(allowed=[ipaddress.ip_network("127.0.0.0/8")], is_production=False, seconds=30)
HURRIED = replace(OPEN, seconds=1)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as server:
        yield server


def send(url: str, *, limits: Limits = OPEN, **more: object) -> Answer:
    return post(url=url, headers={"X-Test": "1"}, body=b"{}", limits=limits, **more)  # type: ignore[arg-type]  # tests name what they need


def test_the_body_arrives_and_the_answer_is_kept(receiver: Receiver) -> None:
    receiver.answer = lambda call: reply(call, 202, b"thanks\n  a lot \x00")
    assert send(receiver.url) == Answer(status=202, words="thanks a lot")
    headers, body = receiver.given[0]
    assert (body, headers["x-test"], headers["host"]) == (b"{}", "1", f"127.0.0.1:{receiver.port}")


def test_without_being_allowed_this_machine_is_not_called(receiver: Receiver) -> None:
    closed = Limits(is_production=False)
    answer = Answer(status=None, words="private_address")
    assert send(receiver.url, limits=closed) == answer
    assert send(receiver.url.replace("127.0.0.1", "localhost"), limits=closed) == answer
    assert receiver.given == []


def test_a_redirect_is_an_answer_like_any_other(receiver: Receiver) -> None:
    with running_receiver() as inside:
        receiver.answer = lambda call: reply(call, 307, Location=inside.url)
        answer = send(receiver.url)
        assert (answer.status, answer.is_taken, inside.given) == (307, False, [])


def test_a_closed_port_is_no_answer() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert send(f"http://127.0.0.1:{port}/") == Answer(status=None, words="no_answer")


def test_a_name_that_nobody_knows_is_said_so() -> None:
    assert send("https://nobody.invalid/").words == "no_such_host"


@contextmanager
def speaking(*parts: bytes, pause: float = 0) -> Iterator[str]:
    """A server that says these bytes, with pauses between, whatever it is told."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak() -> None:
            caller, _ = server.accept()
            with caller:
                caller.recv(65536)
                for part in parts:
                    time.sleep(pause)
                    try:
                        caller.sendall(part)
                    except OSError:
                        return

        thread = Thread(target=speak, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread.join()


def test_an_answer_that_drips_is_over_in_time() -> None:
    started = time.monotonic()
    with speaking(*[b"H"] * 400, pause=0.05) as url:
        assert send(url, limits=HURRIED).words == "timeout"
        assert time.monotonic() - started < 10


def test_a_body_that_never_ends_is_read_a_little() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n"
    with speaking(head, *[b"x" * 65536] * 40) as url:
        answer = send(url)
    assert (answer.status, len(answer.words)) == (200, 300)


def test_headers_that_never_end_are_no_answer() -> None:
    lines = b"X: " + b"y" * 1000 + b"\r\n"
    with speaking(b"HTTP/1.1 200 OK\r\n", *[lines] * (MOST_READ // 500)) as url:
        assert send(url) == Answer(status=None, words="no_answer")


@pytest.mark.parametrize("nonsense", [b"", b"\x00\xff\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_nonsense_is_no_answer(nonsense: bytes) -> None:
    with speaking(nonsense) as url:
        assert send(url) == Answer(status=None, words="no_answer")


class Rebinding:
    """A name server with a mind of its own: each question gets the next address, for 0 seconds."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = list(addresses)
        self.asked = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._resolver = dns.resolver.Resolver(configure=False)
        self._resolver.nameservers = ["127.0.0.1"]
        self._resolver.port = self._socket.getsockname()[1]
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            wire, caller = self._socket.recvfrom(4096)
            question = dns.message.from_wire(wire)
            answer = dns.message.make_response(question)
            address = self._addresses[min(self.asked, len(self._addresses) - 1)]
            self.asked += 1
            name = question.question[0].name
            answer.answer = [dns.rrset.from_text(name, 0, "IN", "A", address)]
            self._socket.sendto(answer.to_wire(), caller)

    def resolve(self, host: str, port: int) -> Sequence[str]:
        return [each.to_text() for each in self._resolver.resolve(host, "A")]


def test_a_name_that_rebinds_between_save_and_call_is_refused_at_the_call(
    receiver: Receiver,
) -> None:
    names = Rebinding("93.184.215.14", "127.0.0.1")
    assert names.resolve("crm.example.com", 443) == ["93.184.215.14"]  # what was checked at save
    closed = Limits(is_production=False)
    url = f"https://crm.example.com:{receiver.port}/"
    assert send(url, limits=closed, resolve=names.resolve).words == "private_address"
    assert (names.asked, receiver.given) == (2, [])


def test_the_call_goes_to_the_address_that_was_checked_and_no_second_question_is_asked(
    receiver: Receiver,
) -> None:
    """The second answer would lead elsewhere; nobody listens at 127.0.0.2."""
    names = Rebinding("127.0.0.1", "127.0.0.2")
    url = f"http://crm.example.com:{receiver.port}/"
    assert send(url, resolve=names.resolve).status == 204
    assert (names.asked, receiver.given[0][0]["host"]) == (1, f"crm.example.com:{receiver.port}")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """For crm.example.com only, signed by itself; key and certificate in one file."""
    openssl = shutil.which("openssl")
    assert openssl, "openssl is needed: apt-get install openssl"
    path, public = tmp_path / "certificate.pem", tmp_path / "public.pem"
    # fmt: off
    command = [
        openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
        "-subj", "/CN=crm", "-addext", "subjectAltName=DNS:crm.example.com",
        "-keyout", str(path), "-out", str(public),
    ]
    # fmt: on
    subprocess.run(command, check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + public.read_bytes())
    return path


def test_tls_is_for_the_name_although_the_call_goes_to_an_address(
    receiver: Receiver, certificate: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    receiver.socket = context.wrap_socket(receiver.socket, server_side=True)
    trust = ssl.create_default_context(cafile=str(certificate))

    def call(host: str, trust: ssl.SSLContext | None = trust) -> Answer:
        url = f"https://{host}:{receiver.port}/"
        return send(url, trust=trust, resolve=lambda *_: ["127.0.0.1"])

    assert call("crm.example.com").status == 204
    assert call("other.example.com").words == "certificate"
    assert call("crm.example.com", None).words == "certificate"
    assert names[0] == "crm.example.com"


def test_a_slow_name_server_costs_no_more_than_the_time_there_is() -> None:
    is_over = Event()

    def wait(host: str, port: int) -> Sequence[str]:
        is_over.wait(20)
        return ["127.0.0.1"]

    started = time.monotonic()
    answer = send("https://crm.example.com/", limits=HURRIED, resolve=wait)
    took = time.monotonic() - started
    is_over.set()
    assert answer.words == "no_such_host"
    assert took < 10
