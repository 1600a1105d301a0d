"""EMAIL_URL: one address for every way of sending mail."""

from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

Kind = Literal["smtp", "provider", "console", "file", "locmem"]
Tls = Literal["", "starttls", "ssl"]

SMTP: dict[str, tuple[Tls, int]] = {
    "smtp": ("", 25),
    "smtp+starttls": ("starttls", 587),
    "smtps": ("ssl", 465),
}
BACKENDS: dict[Kind, str] = {
    "smtp": "django.core.mail.backends.smtp.EmailBackend",
    "console": "django.core.mail.backends.console.EmailBackend",
    "file": "django.core.mail.backends.filebased.EmailBackend",
    "locmem": "django.core.mail.backends.locmem.EmailBackend",
}


@dataclass(frozen=True, kw_only=True)
class Provider:
    """One backend of anymail: which setting holds the key, and what else may be said.

    Without `signed_by` anymail takes none of the provider's reports.
    """

    key: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ("api_url",)
    signed_by: str = ""


PROVIDERS: dict[str, Provider] = {
    "amazon-ses": Provider(
        key="", optional=("region_name", "configuration_set_name", "message_tag_name")
    ),
    "brevo": Provider(key="api_key"),
    "mailersend": Provider(
        key="api_token",
        optional=("api_url", "batch_send_mode", "signing_secret", "inbound_secret"),
        signed_by="signing_secret",
    ),
    "mailgun": Provider(
        key="api_key", optional=("api_url", "sender_domain", "webhook_signing_key")
    ),
    "mailjet": Provider(key="api_key", required=("secret_key",)),
    "mailtrap": Provider(
        key="api_token", optional=("api_url", "sandbox_id", "tracking_secret", "inbound_secret")
    ),
    "mandrill": Provider(
        key="api_key",
        optional=("api_url", "webhook_key", "webhook_url"),
        signed_by="webhook_key",
    ),
    "postal": Provider(
        key="api_key",
        required=("api_url",),
        optional=("webhook_key",),
        signed_by="webhook_key",
    ),
    "postmark": Provider(key="server_token", optional=("api_url", "message_stream")),
    "resend": Provider(
        key="api_key", optional=("api_url", "batch", "signing_secret", "inbound_secret")
    ),
    "scaleway": Provider(
        key="secret_key", required=("project_id",), optional=("api_url", "region")
    ),
    "sendgrid": Provider(key="api_key", optional=("api_url", "tracking_webhook_verification_key")),
    "sparkpost": Provider(key="api_key", optional=("api_url", "subaccount")),
    "unisender-go": Provider(key="api_key", required=("api_url",), optional=()),
}

# What anymail needs to check a signature with these.
PACKAGES = {
    ("postal", "webhook_key"): "cryptography",
    ("resend", "inbound_secret"): "svix",
    ("resend", "signing_secret"): "svix",
    ("sendgrid", "tracking_webhook_verification_key"): "cryptography",
}


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """Where mail is handed over. `provider` and `anymail` are empty except for providers."""

    kind: Kind
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    tls: Tls = ""
    path: str = ""
    provider: str = ""
    anymail: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def backend(self) -> str:
        if self.kind == "provider":
            return f"anymail.backends.{self.provider.replace('-', '_')}.EmailBackend"
        return BACKENDS[self.kind]

    @property
    def missing_signature(self) -> str:
        """The extra that is missing for the provider's reports to be taken; else empty."""
        signed_by = PROVIDERS[self.provider].signed_by if self.provider else ""
        setting = f"{self.provider.replace('-', '_')}_{signed_by}".upper()
        return signed_by if signed_by and setting not in self.anymail else ""


def parse_mail_url(url: str) -> MailServer:
    """Raises ValueError with what is accepted instead."""
    try:
        parts = urlsplit(url)
        port = parts.port if parts.scheme in SMTP else 0
    except ValueError:
        raise ValueError("must have a port number after the host") from None
    provider = parts.scheme.replace("_", "-")
    if parts.scheme in SMTP:
        return _parse_smtp(parts, port)
    if parts.scheme in {"console", "locmem"} and url == f"{parts.scheme}:":
        return MailServer(kind="console" if parts.scheme == "console" else "locmem")
    if parts.scheme == "file" and not parts.netloc and Path(parts.path).is_absolute():
        return MailServer(kind="file", path=unquote(parts.path))
    if provider in PROVIDERS:
        return _parse_provider(provider, parts)
    raise ValueError(
        "must start with smtp:, smtp+starttls: or smtps: (//user:password@host:port), be "
        f"console:, locmem: or file:///folder, or <provider>://<key> with one of {_names()}"
    )


def _parse_smtp(parts: SplitResult, port: int | None) -> MailServer:
    tls, usual_port = SMTP[parts.scheme]
    if not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("must look like smtp://user:password@host:port, and no more")
    return MailServer(
        kind="smtp",
        host=parts.hostname,
        port=port or usual_port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
    )


def _parse_provider(name: str, parts: SplitResult) -> MailServer:
    provider = PROVIDERS[name]
    extras = dict(parse_qsl(parts.query))
    allowed = provider.required + provider.optional
    if unknown := sorted(extras.keys() - set(allowed)):
        raise ValueError(f"has unknown extras ({', '.join(unknown)}): {name} knows {allowed}")
    if missing := [each for each in provider.required if each not in extras]:
        raise ValueError(f"must say ?{missing[0]}=… for {name}")
    for extra in extras:
        package = PACKAGES.get((name, extra))
        if package and find_spec(package) is None:
            raise ValueError(f"says {extra}, which needs: pip install 'django-anymail[{name}]'")
    # Not parts.hostname: that one is lower-cased, and keys are not.
    key = unquote(parts.netloc)
    if name == "amazon-ses":
        return _parse_amazon(key, extras)
    if not key:
        raise ValueError(f"must hold the key of {name}: {name}://<key>")
    prefix = name.replace("-", "_").upper()
    settings = {f"{prefix}_{each.upper()}": value for each, value in extras.items()}
    settings[f"{prefix}_{provider.key.upper()}"] = key
    return MailServer(kind="provider", provider=name, anymail=settings)


def _parse_amazon(key: str, extras: dict[str, str]) -> MailServer:
    if find_spec("boto3") is None:
        raise ValueError("names amazon-ses, which needs: pip install 'django-anymail[amazon-ses]'")
    session = {"region_name": extras.pop("region_name")} if "region_name" in extras else {}
    if key:
        key_id, _, secret = key.partition(":")
        session |= {"aws_access_key_id": key_id, "aws_secret_access_key": secret}
    settings: dict[str, Any] = {f"AMAZON_SES_{name.upper()}": extras[name] for name in extras}
    settings["AMAZON_SES_SESSION_PARAMS"] = session
    # boto3 of itself repeats a call whose answer was lost, and the mail would arrive twice.
    client = {"retries": {"total_max_attempts": 1}, "connect_timeout": 10, "read_timeout": 30}
    settings["AMAZON_SES_CLIENT_PARAMS"] = {"config": client}
    return MailServer(kind="provider", provider="amazon-ses", anymail=settings)


def _names() -> str:
    return ", ".join(PROVIDERS)
