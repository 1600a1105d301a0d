"""What is ours to see to: the permit, the sender's address, workers, scheduler and clock."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection

from campaigns import permit
from campaigns.doctor.findings import Finding, failed, passed, unclear
from pmoportal import pulse
from pmoportal.celery import app

# The permit's words, by why there is none.
PERMITS = {
    "no_permit": "permit_none",
    "other_database": "permit_elsewhere",
    "other_host": "permit_elsewhere",
    "restored": "permit_restored",
    "revoked": "permit_revoked",
}
LATE = pulse.LATE
OFF = timedelta(seconds=2)
PING_SECONDS = 1.5


def check_permit() -> Sequence[Finding]:
    reason = permit.get_standing().reason
    if reason:
        return [failed("permit", PERMITS[reason])]
    return [passed("permit", "permit_ok", permit.get_host())]


def check_postal_address() -> Sequence[Finding]:
    if settings.POSTAL_ADDRESS == settings.DEMO_POSTAL_ADDRESS:
        return [failed("postal_address", "address_made_up", settings.POSTAL_ADDRESS)]
    return [passed("postal_address", "address_ok", settings.POSTAL_ADDRESS)]


def check_workers() -> Sequence[Finding]:
    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=1)
            heard = app.control.ping(timeout=PING_SECONDS, connection=broker)
    except Exception as error:  # noqa: BLE001  # whatever the broker's library raises
        return [failed("workers", "broker_away", type(error).__name__)]
    names = ", ".join(sorted(name for each in heard for name in each))
    return [passed("workers", "workers_ok", names) if names else failed("workers", "workers_none")]


def check_scheduler(*, now: datetime) -> Sequence[Finding]:
    """The sweep leaves a mark in the cache each time."""
    try:
        beaten_at = pulse.read()
    except pulse.Unheard:
        return [unclear("scheduler", "cache_away")]
    if beaten_at is None:
        return [failed("scheduler", "scheduler_none")]
    seconds = int((now - beaten_at).total_seconds())
    if now - beaten_at > LATE:
        return [failed("scheduler", "scheduler_late", f"{seconds} s")]
    return [passed("scheduler", "scheduler_ok", f"{seconds} s")]


def check_clock() -> Sequence[Finding]:
    """Ours and the database's must agree: leases run by one, and days by the other."""
    try:
        with connection.cursor() as cursor:
            before = datetime.now(tz=UTC)
            cursor.execute("SELECT clock_timestamp()")
            (theirs,) = cursor.fetchone()
            after = datetime.now(tz=UTC)
    except DatabaseError:
        return [unclear("clock", "database_away")]
    off = max(before - theirs, theirs - after, timedelta(0))
    if off > OFF:
        return [failed("clock", "clock_off", f"{off.total_seconds():.1f} s")]
    return [passed("clock", "clock_ok")]
