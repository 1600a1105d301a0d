"""The mail server that we hand our mail to: how it is reached, and by what name it is known."""

import ipaddress
import smtplib
import socket
import ssl
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from campaigns.doctor.findings import Finding, failed, passed, unclear
from campaigns.doctor.names import Names
from campaigns.transport.outcomes import Server

SECONDS = 6.0
EXPIRES_SOON_SECONDS = 14 * 24 * 60 * 60


def check_tls(email: Server) -> Sequence[Finding]:
    if email.kind == "provider":
        return [passed("tls", "tls_provider", email.provider)]
    if email.kind != "smtp":
        return [unclear("tls", "mail_stays", email.kind)]
    where = f"{email.host}:{email.port}"
    try:
        return [_look_at_wire(email, where)]
    except ssl.SSLCertVerificationError as error:
        return [failed("tls", "tls_bad_certificate", f"{where}: {error.verify_message}")]
    except (OSError, smtplib.SMTPException, ValueError) as error:
        # smtplib tells of a silence as of a connection that was closed.
        if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
            return [failed("tls", "relay_silent", where)]
        return [failed("tls", "relay_unreachable", f"{where}: {error}")]


def check_name(email: Server, host: str, names: Names) -> Sequence[Finding]:
    """The address that receivers see must have a name, and the name that address."""
    if email.kind == "provider" and not host:
        return [passed("ptr", "ptr_provider", email.provider)]
    host = host or email.host
    if not host:
        return [unclear("ptr", "mail_stays", email.kind)]
    addresses = [host] if _is_address(host) else list(names.ask_addresses(host).values)
    if not addresses:
        trouble = names.ask_addresses(host).trouble
        if trouble == "missing":
            return [failed("ptr", "host_missing", host)]
        return [unclear("ptr", f"dns_{trouble}", host)]
    if any(is_local(address) for address in addresses):
        return [unclear("ptr", "ptr_local", host)]
    return [_check_address(address, names) for address in addresses]


def is_local(host: str) -> bool:
    """Whether it is this machine, or one of a network of our own."""
    if not _is_address(host):
        return host == "localhost" or host.endswith(".localhost")
    return not ipaddress.ip_address(host).is_global


def _check_address(address: str, names: Names) -> Finding:
    answer = names.ask_name_of(address)
    if answer.trouble == "missing":
        return failed("ptr", "ptr_missing", address)
    if answer.trouble:
        return unclear("ptr", f"dns_{answer.trouble}", address)
    for name in answer.values:
        if address in map(_normalise, names.ask_addresses(name).values):
            return passed("ptr", "ptr_ok", f"{address} = {name}")
    return failed("ptr", "ptr_other", f"{address} = {answer.values[0]}")


def _look_at_wire(email: Server, where: str) -> Finding:
    context = ssl.create_default_context()
    if email.tls == "ssl":
        with smtplib.SMTP_SSL(email.host, email.port, timeout=SECONDS, context=context) as wire:
            return _judge_certificate(wire, where)
    with smtplib.SMTP(email.host, email.port, timeout=SECONDS) as wire:
        wire.ehlo()
        offers = wire.has_extn("starttls")
        if not email.tls and is_local(_get_peer(wire)):
            return passed("tls", "tls_local", where)
        if not offers:
            return failed("tls", "tls_missing", where)
        if not email.tls:
            return failed("tls", "tls_unused", where)
        wire.starttls(context=context)
        return _judge_certificate(wire, where)


def _judge_certificate(wire: smtplib.SMTP, where: str) -> Finding:
    assert isinstance(wire.sock, ssl.SSLSocket)
    certificate = wire.sock.getpeercert() or {}
    ends = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    detail = f"{where} (→ {datetime.fromtimestamp(ends, tz=UTC):%Y-%m-%d})"
    if ends - time.time() < EXPIRES_SOON_SECONDS:
        return failed("tls", "tls_expires", detail)
    return passed("tls", "tls_ok", detail)


def _get_peer(wire: smtplib.SMTP) -> str:
    assert isinstance(wire.sock, socket.socket)
    return str(wire.sock.getpeername()[0])


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _normalise(address: str) -> str:
    return str(ipaddress.ip_address(address))
