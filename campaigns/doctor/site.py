"""Whether others reach us: people our pages, and the provider the address for its reports."""

import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.urls import NoReverseMatch, reverse

from campaigns.doctor.findings import Finding, failed, passed, unclear
from campaigns.doctor.relay import is_local

SECONDS = (4.0, 6.0)
# They tell us nothing later.
SILENT = frozenset({"scaleway"})
OK = 200


def check_site(site_url: str) -> Sequence[Finding]:
    """As whoever follows a link in a mail sees it; the certificate is looked at too."""
    if is_local(urlsplit(site_url).hostname or ""):
        return [unclear("site", "site_local", site_url)]
    finding = _ask("site", f"{site_url}/healthz", {OK: "site_ok"}, otherwise="site_unwell")
    if finding.state == "pass" and not site_url.startswith("https:"):
        return [failed("site", "site_plain", site_url)]
    return [finding]


def check_webhook(site_url: str) -> Sequence[Finding]:
    """Without a provider nobody reports; without the secret no report is taken."""
    email = settings.EMAIL
    if email.kind != "provider" or email.provider in SILENT:
        return [passed("webhook", "webhook_none", email.provider or email.kind)]
    if not settings.WEBHOOK_SECRET:
        return [failed("webhook", "webhook_no_secret", email.provider)]
    if email.missing_signature:
        return [failed("webhook", "webhook_unsigned", email.missing_signature)]
    url = site_url + get_webhook_path(email.provider)
    return [_ask("webhook", url, {OK: "webhook_ok"}, otherwise="webhook_refused")]


def get_webhook_path(provider: str) -> str:
    name = provider.replace("-", "_")
    try:
        return reverse(f"anymail:{name}_tracking_webhook")
    except NoReverseMatch:  # one address for all that it reports
        return reverse(f"anymail:{name}_webhook")


def _ask(check: str, url: str, answers: dict[int, str], *, otherwise: str) -> Finding:
    """A HEAD asks for nothing and changes nothing; redirects are not followed."""
    try:
        answer = requests.head(url, timeout=SECONDS, allow_redirects=False)
    except requests.exceptions.SSLError:
        return failed(check, f"{check}_certificate", url)
    except requests.exceptions.Timeout:
        return failed(check, f"{check}_silent", url)
    except requests.exceptions.RequestException as error:
        reason = "unresolved" if _is_unresolved(error) else "unreachable"
        return failed(check, f"{check}_{reason}", url)
    if answer.status_code in answers:
        return passed(check, answers[answer.status_code], url)
    return failed(check, otherwise, f"{url}: {answer.status_code}")


def _is_unresolved(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, socket.gaierror):
            return True
        error = error.__context__ or error.__cause__
    return False
