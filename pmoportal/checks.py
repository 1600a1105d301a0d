"""What must not be true in production. One list for `check`, web server and worker."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.http.request import validate_host

from pmoportal.env import BadEnvironment


@dataclass(frozen=True, kw_only=True)
class Problem:
    number: int
    variable: str
    sentence: str


def check_production(*, app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    return [
        Error(f"{problem.variable} {problem.sentence}", id=f"pmoportal.E{problem.number:03}")
        for problem in get_problems()
    ]


def refuse_unfit_production() -> None:
    """Stop a long-running process before it starts; they do not run Django's checks."""
    if problems := list(get_problems()):
        raise BadEnvironment(
            "\n".join(f"{problem.variable} {problem.sentence}" for problem in problems)
        )


def get_problems() -> Iterator[Problem]:
    """Empty outside production mode."""
    if not settings.PRODUCTION:
        return
    site = urlsplit(settings.SITE_URL)
    if len(settings.SECRET_KEY) < 50 or len(set(settings.SECRET_KEY)) < 5:
        yield _problem(1, "SECRET_KEY", "must be at least 50 random characters in production.")
    if site.scheme != "https":
        yield _problem(2, "SITE_URL", "must start with https:// in production.")
    if settings.DEMO_DAY_SECONDS:
        yield _problem(3, "DEMO_DAY_SECONDS", "is for demonstrations: leave it out in production.")
    if "*" in settings.ALLOWED_HOSTS:
        yield _problem(4, "ALLOWED_HOSTS", "must name the hosts in production, not *.")
    elif not validate_host(site.hostname or "", settings.ALLOWED_HOSTS):
        yield _problem(5, "ALLOWED_HOSTS", "must hold the host of SITE_URL.")
    if settings.CRASH_AT:
        yield _problem(10, "CRASH_AT", "ends processes on purpose: leave it out in production.")
    if any(network.is_loopback for network in settings.WEBHOOK_ALLOWED_PRIVATE):
        yield _problem(
            11, "WEBHOOK_ALLOWED_PRIVATE", "must not name this machine itself in production."
        )
    yield from _get_mail_problems()


def _get_mail_problems() -> Iterator[Problem]:
    if settings.POSTAL_ADDRESS == settings.DEMO_POSTAL_ADDRESS:
        yield _problem(6, "POSTAL_ADDRESS", "must be given: the law wants it in every mail.")
    if settings.DEFAULT_FROM_EMAIL == settings.DEMO_FROM_EMAIL:
        yield _problem(7, "DEFAULT_FROM_EMAIL", "must be given: the address mail comes from.")
    yield from _get_problems_of_identity()
    yield from _get_problems_of_reports()
    yield from _get_problems_of_answers()


def _get_problems_of_identity() -> Iterator[Problem]:
    """What stands in every footer and in the privacy notice."""
    if settings.CONTROLLER_NAME == settings.DEMO_CONTROLLER_NAME:
        yield _problem(20, "CONTROLLER_NAME", "must be given: who answers for people's data.")
    if settings.ORG_NUMBER == settings.DEMO_ORG_NUMBER:
        yield _problem(21, "ORG_NUMBER", "must be given: it belongs in every mail and notice.")
    if settings.HOSTING_PROVIDER == settings.DEMO_PROVIDER:
        yield _problem(22, "HOSTING_PROVIDER", "must be given: the notice names who runs this.")
    if settings.MAIL_PROVIDER == settings.DEMO_PROVIDER:
        yield _problem(23, "MAIL_PROVIDER", "must be given: the notice names who carries the mail.")


def _get_problems_of_reports() -> Iterator[Problem]:
    if settings.EMAIL.kind == "provider" and not settings.WEBHOOK_SECRET:
        yield _problem(
            8, "WEBHOOK_SECRET", "must be given with a mail provider: user:password of its reports."
        )
    if extra := settings.EMAIL.missing_signature:
        yield _problem(
            9,
            "EMAIL_URL",
            f"must say ?{extra}=… too: without it no report of {settings.EMAIL.provider} is taken.",
        )


def _get_problems_of_answers() -> Iterator[Problem]:
    """An address that mail asks to answer to, and that nobody reads."""
    is_brought = settings.EMAIL.kind == "provider" and settings.WEBHOOK_SECRET
    if settings.INBOUND_ADDRESS and settings.INBOUND is None and not is_brought:
        yield _problem(
            25, "INBOUND_ADDRESS", "needs INBOUND_URL too, or a provider that brings the answers."
        )


def _problem(number: int, variable: str, sentence: str) -> Problem:
    return Problem(number=number, variable=variable, sentence=sentence)
