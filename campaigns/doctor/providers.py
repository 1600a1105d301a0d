"""Where mail providers are, and where their contracts about personal data are to be read.

By what they say themselves; contracts change, so look. The law wants a signed one, with a date.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from campaigns.doctor.findings import Finding, failed, passed, unclear
from campaigns.doctor.relay import is_local
from campaigns.transport.outcomes import Server


@dataclass(frozen=True, kw_only=True)
class Provider:
    """`country` is where the company sits, in two letters; empty when it is wherever you put it."""

    country: str
    contract: str = ""


# Those in the Union first, as the one who chooses should see them.
PROVIDERS: Mapping[str, Provider] = {
    "brevo": Provider(country="FR", contract="https://www.brevo.com/legal/termsofuse/"),
    "mailjet": Provider(country="FR", contract="https://www.mailjet.com/legal/dpa/"),
    "scaleway": Provider(country="FR", contract="https://www.scaleway.com/en/contracts/"),
    "postal": Provider(country=""),
    "amazon-ses": Provider(country="US", contract="https://aws.amazon.com/compliance/gdpr-center/"),
    "mailersend": Provider(country="US", contract="https://www.mailersend.com/legal"),
    "mailgun": Provider(country="US", contract="https://www.mailgun.com/legal/dpa/"),
    "mailtrap": Provider(country="US", contract="https://mailtrap.io/dpa/"),
    "mandrill": Provider(
        country="US", contract="https://mailchimp.com/legal/data-processing-addendum/"
    ),
    "postmark": Provider(country="US", contract="https://postmarkapp.com/dpa"),
    "resend": Provider(country="US", contract="https://resend.com/legal/dpa"),
    "sendgrid": Provider(
        country="US", contract="https://www.twilio.com/en-us/legal/data-protection-addendum"
    ),
    "sparkpost": Provider(country="US", contract="https://bird.com/en-us/legal"),
    "unisender-go": Provider(country="?", contract="https://www.unisender.com/"),
}
# fmt: off
EEA = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
})
# fmt: on


def check_provider(
    email: Server, *, options: Mapping[str, Any], signed_on: date | None
) -> Sequence[Finding]:
    if email.kind == "smtp" and not is_local(email.host):
        return [_check_contract(email.host, signed_on)]
    if email.kind != "provider":
        return [passed("provider", "provider_own", email.host or email.kind)]
    provider = PROVIDERS.get(email.provider, Provider(country="?"))
    if not provider.country:
        return [passed("provider", "provider_own", email.provider)]
    region = get_region(options)
    place = f"{email.provider} ({', '.join(filter(None, (provider.country, region)))})"
    if signed_on is None:
        return [failed("provider", "provider_unsigned", f"{place}: {provider.contract}")]
    if provider.country in EEA or region == "EU":
        return [passed("provider", "provider_ok", f"{place}, {signed_on}")]
    return [unclear("provider", "provider_outside", f"{place}, {signed_on}")]


def get_region(options: Mapping[str, Any]) -> str:
    """`EU` where the settings choose the provider's servers there; empty when they do not say."""
    said = [str(value) for name, value in options.items() if name.endswith(("_API_URL", "_REGION"))]
    session = options.get("AMAZON_SES_SESSION_PARAMS", {})
    said.append(str(session.get("region_name", "")))
    is_there = any(".eu." in each or "-eu." in each or each.startswith("eu-") for each in said)
    return "EU" if is_there else ""


def _check_contract(host: str, signed_on: date | None) -> Finding:
    """Whose the server is, only the owner knows."""
    if signed_on is None:
        return unclear("provider", "relay_whose", host)
    return passed("provider", "provider_ok", f"{host}, {signed_on}")
