"""Who we are before the law, as footers and papers say it."""

from dataclasses import dataclass

from babel import Locale
from django.conf import settings
from django.utils.translation import get_language

LABELS = {"sv": "org.nr", "en": "reg. no."}
# The European Economic Area: where no more than the GDPR is asked of who receives data.
EEA = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
    *("IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
)


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """A company that works for us: what it does (`hosting` or `mail`), and where."""

    work: str
    name: str
    country: str

    @property
    def is_outside(self) -> bool:
        return self.country not in EEA


def get_imprint(language: str | None = None) -> str:
    """Name, registration number and address in one line, as the law wants it in every mail."""
    language = (language or get_language() or settings.LANGUAGE_CODE)[:2]
    address = settings.POSTAL_ADDRESS.removeprefix(settings.CONTROLLER_NAME).lstrip(", ")
    label = LABELS.get(language, LABELS["en"])
    return f"{settings.CONTROLLER_NAME}, {label} {settings.ORG_NUMBER}, {address}"


def get_recipients() -> tuple[Recipient, ...]:
    return (
        Recipient(work="hosting", name=settings.HOSTING_PROVIDER, country=settings.HOSTING_COUNTRY),
        Recipient(work="mail", name=settings.MAIL_PROVIDER, country=settings.MAIL_COUNTRY),
    )


def get_country(code: str) -> str:
    """The country's name in the active language; its code when that is not known."""
    language = (get_language() or settings.LANGUAGE_CODE)[:2]
    return str(Locale.parse(language).territories.get(code, code))
