"""The brief, as it leaves the printer: one A4, with the newest note and without forms."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.contrib.staticfiles import finders

from leads import seeding, working
from tests.admin import log_in, make_user
from tests.factories import TUESDAY, read_content
from tests.leads.making import make_lead

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
LONG = "Vill se exempel på en tavla och veta vad som brukar ta emot. " * 12


@pytest.fixture
def brief() -> str:
    seeding.seed_texts(shipped=read_content("leads.yaml"))
    lead, kim = make_lead(first_name="Alva"), make_user("Consultants", name="kim")
    for number, text in enumerate(("the older one", f"the newest one. {LONG}")):
        now = TUESDAY + timedelta(days=number)
        working.write_note(lead_id=lead.pk, text=text, by_id=kim.pk, now=now)
    return log_in("Consultants").get(f"/admin/leads/lead/{lead.pk}/change/").content.decode()


# A browser of its own: Django refuses the database while one is open.
@pytest.fixture
def page(brief: str, chromium: str) -> Iterator["Page"]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/*", serve)
        page.route("**/brief", lambda route: route.fulfill(body=brief, content_type="text/html"))
        page.goto("http://brief.test/brief")
        page.emulate_media(media="print")
        yield page
        browser.close()


def serve(route: "Route") -> None:
    """The file behind /static/leads.4f1c….css; nothing else is there."""
    name = re.sub(r"\.[0-9a-f]{12}(?=\.\w+$)", "", route.request.url.partition("/static/")[2])
    found = finders.find(name) if name else None
    route.fulfill(path=found) if found else route.abort()


def test_it_is_one_sheet(page: "Page") -> None:
    printed = page.pdf(format="A4", prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_it_holds_the_newest_note_and_no_form(page: "Page") -> None:
    assert page.get_by_text("the newest one").first.is_visible()
    assert not page.locator("#notes").get_by_text("the older one").is_visible()
    assert not page.locator("form").first.is_visible()
    assert page.get_by_text("Alva").first.is_visible()
