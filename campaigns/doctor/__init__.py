"""Everything that decides whether our mail is received, looked at from outside and from inside.

Asks names, the mail server, the site and the workers at once, each with a limit of time, and says
one thing of each. Changes nothing.
"""

import logging
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.conf import settings

from campaigns import mime
from campaigns.doctor import house, providers, received, relay, sender, site
from campaigns.doctor.findings import Finding, Job, unclear
from campaigns.doctor.names import Names
from pmoportal import env

__all__ = ["Finding", "examine", "examine_mail", "get_domain"]

logger = logging.getLogger(__name__)

# However many servers are silent, somebody waits for the answer.
SECONDS = 15.0


def examine(*, now: datetime, mail: bytes | None = None) -> list[Finding]:
    """A finding or more for each check, in the order in which one would set things right."""
    names = Names(settings.DNS_SERVERS)
    domain = get_domain()
    outside: dict[str, Job] = {
        "from_domain": partial(sender.check_domain, domain),
        "spf": partial(sender.check_spf, domain, names),
        "dkim_key": partial(sender.check_dkim_keys, domain, settings.DKIM_SELECTORS, names),
        "dmarc": partial(sender.check_dmarc, domain, names),
        "mx": partial(sender.check_mx, domain, names),
        "ptr": partial(relay.check_name, settings.EMAIL, settings.SENDING_HOST, names),
        "tls": partial(relay.check_tls, settings.EMAIL),
        "site": partial(site.check_site, settings.SITE_URL),
        "webhook": partial(site.check_webhook, settings.SITE_URL),
        "workers": house.check_workers,
    }
    inside: dict[str, Job] = {
        "provider": partial(
            providers.check_provider,
            settings.EMAIL,
            options=settings.ANYMAIL,
            signed_on=settings.PROVIDER_SIGNED_ON,
        ),
        "permit": house.check_permit,
        "postal_address": house.check_postal_address,
        "scheduler": partial(house.check_scheduler, now=now),
        "clock": house.check_clock,
    }
    found = run_together(outside, seconds=SECONDS)
    found += [finding for check, job in inside.items() for finding in _run(check, job)]
    return [*found, *examine_mail(mail, names=names)]


def examine_mail(raw: bytes | None, *, names: Names | None = None) -> Sequence[Finding]:
    """What one received mail says, as far as somebody has one."""
    if raw is None:
        return [unclear("signature", "no_mail")]
    asked = names or Names(settings.DNS_SERVERS)

    def check() -> Sequence[Finding]:
        is_strict = sender.is_strict(get_domain(), asked)
        return received.check_mail(raw, names=asked, is_strict=is_strict)

    return run_together({"signature": check}, seconds=SECONDS)


def get_domain() -> str:
    """The domain that our mail comes from, in ASCII; as it was written when it is none."""
    address = env.get_address(settings.DEFAULT_FROM_EMAIL)
    try:
        address = mime.get_ascii_address(address)
    except ValueError:
        logger.warning("the sender's address is not one that can be asked about")
    return address.rpartition("@")[2].lower()


def run_together(jobs: dict[str, Job], *, seconds: float) -> list[Finding]:
    """All at once, in the order given. One that is not done by then is left to itself."""
    found: dict[str, Sequence[Finding]] = {
        check: [unclear(check, "took_too_long")] for check in jobs
    }
    # A thread of a pool would be waited for when the program ends.
    threads = [
        threading.Thread(target=_keep, args=(found, check, job), daemon=True)
        for check, job in jobs.items()
    ]
    for thread in threads:
        thread.start()
    ends_at = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(ends_at - time.monotonic(), 0))
    return [finding for findings in list(found.values()) for finding in findings]


def _keep(found: dict[str, Sequence[Finding]], check: str, job: Job) -> None:
    found[check] = _run(check, job)


def _run(check: str, job: Job) -> Sequence[Finding]:
    try:
        return job()
    except Exception as error:  # the rest must still be told
        logger.exception("%s could not be examined", check)
        return [unclear(check, "broke", type(error).__name__)]
