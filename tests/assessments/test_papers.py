"""The notice and the record say what is so, in both languages, because they are made from it."""

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from assessments import papers
from assessments.field_map import Kind, Purpose, Retention, get_fields
from tests.admin import log_in

PLACEHOLDER = re.compile(r"\{\{.*?\}\}")
LANGUAGES = ("sv", "en")
# GDPR, article 13: what must be said when the data is collected. A word or more for each.
ITEMS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "controller": (
        ("Personuppgiftsansvarig är", "Exempelbolaget AB", "556000-0001", "pmo@example.com"),
        ("The controller", "Exempelbolaget AB", "556000-0001", "pmo@example.com"),
    ),
    "purposes": (
        ("Att skicka tips per mejl", "Att visa resultatet av testet"),
        ("To send tips by mail", "To show the result of the test"),
    ),
    "legal basis": (
        ("Rättslig grund", "samtycke", "6.1 a", "6.1 f"),
        ("Legal basis", "consent", "6.1 a", "6.1 f"),
    ),
    "recipients": (("Exempeldrift AB", "Sverige"), ("Exempeldrift AB", "Sweden")),
    "transfers": (("EU och EES",), ("EU and the EEA",)),
    "retention": (
        ("Hur länge", "24 månader", "90 dagar", "7 dagar", "24 timmar"),
        ("How long", "24 months", "90 days", "7 days", "24 hours"),
    ),
    "rights": (
        ("få veta", "rättade", "raderat", "begränsa", "invända", "fil"),
        ("know what", "corrected", "erased", "restrict", "object", "file"),
    ),
    "withdrawal": (("Ta tillbaka ett samtycke",), ("Withdrawing a consent",)),
    "profiling logic": (
        ("profilering", "bakgrundsfrågorna", "I vilken ordning".lower(), "En människa"),
        ("profiling", "background questions", "the order in which", "A person"),
    ),
    "complaint": (("Integritetsskyddsmyndigheten", "imy.se"), ("IMY", "imy.se")),
}


def get_cases() -> Iterator[Any]:
    for place, language in enumerate(LANGUAGES):
        for name, words in ITEMS.items():
            yield pytest.param(language, words[place], id=f"{language} {name}")


def read_notice(client: Client, language: str) -> str:
    path = {"sv": "/integritet/", "en": "/en/integritet/"}[language]
    page = client.get(path).content.decode()
    return page.partition("<article")[2].partition("</article>")[0]


def test_there_are_ten_items() -> None:
    assert len(ITEMS) == 10


@pytest.mark.parametrize(("language", "words"), list(get_cases()))
def test_the_notice_has_the_ten_items(client: Client, language: str, words: tuple[str]) -> None:
    notice = read_notice(client, language)
    assert [word for word in words if word not in notice] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_placeholder_of_the_notice_is_filled_and_used(
    client: Client, settings: Settings, language: str
) -> None:
    assert not PLACEHOLDER.search(read_notice(client, language))
    source = (settings.CONTENT_DIR / f"privacy.{language}.md").read_text(encoding="utf-8")
    used = {found.strip("{} ") for found in PLACEHOLDER.findall(source)}
    assert set(papers.build_notice()) - used == {"sender_name"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_purpose_and_kind_in_the_field_map_is_in_the_notice(
    client: Client, language: str
) -> None:
    notice = read_notice(client, language).lower()
    with translation.override(language):
        for field in get_fields():
            if field.kind != Kind.STAFF:
                assert str(field.purpose.label).lower() in notice
                assert papers._describe_kind(field).lower() in notice


def test_the_notice_says_other_lengths_when_they_are_set(
    client: Client, settings: Settings
) -> None:
    settings.KEEP_MAIL_DAYS, settings.KEEP_IDLE_MONTHS = 45, 11
    notice = read_notice(client, "en")
    assert "45 days" in notice
    assert "11 months" in notice
    assert "90 days" in notice  # a completed test without an address


@pytest.mark.parametrize(("country", "sentence"), [("SE", "No data leaves"), ("US", "outside")])
def test_the_notice_says_whether_data_leaves_the_union(
    client: Client, settings: Settings, country: str, sentence: str
) -> None:
    settings.MAIL_PROVIDER, settings.MAIL_COUNTRY = "Sender Inc.", country
    notice = read_notice(client, "en")
    assert sentence in notice
    assert "Sender Inc." in notice


def test_the_notice_has_an_english_address_too(client: Client) -> None:
    assert client.get("/en/privacy/").headers["Location"] == "/en/integritet/"
    assert client.get("/privacy/").headers["Location"] == "/integritet/"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("retention", Retention)
def test_every_retention_has_words(language: str, retention: Retention) -> None:
    with translation.override(language):
        assert "%(" not in papers.describe_retention(retention)


@pytest.mark.parametrize("purpose", Purpose)
def test_every_purpose_has_a_basis(purpose: Purpose) -> None:
    assert "6.1" in papers.describe_basis(purpose)


@pytest.mark.parametrize(("language", "heading"), [("sv", "## Ändamål"), ("en", "## Purposes")])
def test_the_record_is_printed_with_every_column_of_the_field_map(
    language: str, heading: str
) -> None:
    said = StringIO()
    call_command("record_of_processing", language=language, stdout=said)
    record = said.getvalue()
    assert heading in record
    for field in get_fields():
        rows = [line for line in record.splitlines() if f"| {field.model._meta.db_table} |" in line]
        assert any(field.column in re.split(r"[ ,|]+", row) for row in rows), field
    for line in record.splitlines():
        assert not line.startswith("|") or line.count("|") in {4, 5, 6}


def test_administrators_see_the_record_and_the_erasures(db: None) -> None:
    client = log_in("Administrators")
    page = client.get("/admin/assessments/erasure/record/")
    assert page.status_code == 200
    assert "assessments_respondent" in page.content.decode()
    assert "/admin/assessments/erasure/record/" in (
        client.get("/admin/assessments/erasure/").content.decode()
    )


@pytest.mark.parametrize("group", ["Marketers", "Consultants"])
def test_others_do_not(db: None, group: str) -> None:
    assert log_in(group).get("/admin/assessments/erasure/record/").status_code == 403
