"""One person through the real stack by the links in real mail: pause, language, another address,
everything as a file, everything erased; and nothing leaves afterwards.
"""

import http.client
import io
import json
import re
import time
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.journeys.browsing import Form, Page, Visitor
from tests.journeys.inbox import Inbox, Letter
from tests.journeys.journey import get_links
from tests.journeys.running import RunningStack
from tests.journeys.site import Site

if TYPE_CHECKING:  # installed only where there is a browser
    from playwright.sync_api import Browser

pytestmark = pytest.mark.journey

OLD, NEW = "vera@kvarnby.example", "vera@annorstades.example"
# In this time a demonstration of a second a day sends the rest of a sequence.
QUIET_SECONDS = 20


def test_a_person_rules_over_their_mail_from_the_first_to_the_last() -> None:
    with Inbox() as inbox:
        mail = {"EMAIL_URL": f"smtp://127.0.0.1:{inbox.port}", "DEMO_DAY_SECONDS": "1"}
        with RunningStack(**mail) as stack:
            visitor = Visitor(stack.url)
            preferences = get_preferences(confirm(visitor, inbox))
            page = act(visitor, preferences, "pause", length="month")
            assert "Pausat till" in page.body or "Paused until" in page.body
            count_while_paused = wait_for_quiet(inbox)
            page = act(visitor, preferences, "language", language="en")
            assert '<html lang="en"' in page.body
            page = act(visitor, preferences, "resume")
            next_mail = inbox.wait(OLD, count_while_paused + 1, 60)[-1]
            assert "unsubscribe here" in next_mail.text
            change_address(visitor, inbox, preferences)
            export(visitor, inbox, preferences)
            receipt = erase(visitor, inbox, preferences)
            assert "receipt" in receipt.body.lower()
            gone = len(inbox.letters)
            time.sleep(QUIET_SECONDS)
            assert len(inbox.letters) == gone
            assert visitor.get(preferences).status == 410
            assert visitor.cookies == []
            assert OLD not in stack.log
            assert NEW not in stack.log


def confirm(visitor: Visitor, inbox: Inbox) -> Letter:
    """The result letter."""
    result = visitor.take_test("/", lambda form: form.choices["choice"][0])
    asked = {"email": OLD, "first_name": "Vera", "tips": "on", "contact": "on", "tracking": "on"}
    visitor.submit(result, result.get_form("email", "tips"), **asked)
    page = visitor.get(get_links(inbox.wait(OLD, 1, 30)[0], "/m/confirm/")[0])
    visitor.submit(page, page.get_form())
    return inbox.wait(OLD, 2, 30)[1]


def get_preferences(letter: Letter) -> str:
    return get_links(letter, "/m/preferences/")[0]


def act(visitor: Visitor, preferences: str, do: str, **values: str) -> Page:
    page = visitor.get(preferences)
    done = visitor.submit(page, get_form(page, do=do), **values)
    assert done.status == 200, done.body
    return done


def get_form(page: Page, **fields: str) -> Form:
    return next(form for form in page.forms if form.fields.items() >= fields.items())


def wait_for_quiet(inbox: Inbox) -> int:
    """What was on its way when the pause began has come; then nothing does."""
    time.sleep(3)
    before = len(inbox.get_letters(OLD))
    time.sleep(8)
    assert len(inbox.get_letters(OLD)) == before
    return before


def ask_for_link(visitor: Visitor, inbox: Inbox, preferences: str, what: str, to: str) -> Page:
    page = visitor.get(preferences)
    visitor.submit(page, get_form(page, do="link", act=what))
    return visitor.get(wait_for_link(inbox, to, "/m/act/"))


def wait_for_link(inbox: Inbox, to: str, path: str) -> str:
    """The newest link of its kind that came to the address, and has not been used yet."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        found = [link for letter in inbox.get_letters(to) for link in get_links(letter, path)]
        fresh = [link for link in found if link not in USED]
        if fresh:
            USED.add(fresh[-1])
            return fresh[-1]
        time.sleep(0.1)
    raise TimeoutError(f"no {path} came to {to}")


USED: set[str] = set()


def change_address(visitor: Visitor, inbox: Inbox, preferences: str) -> None:
    form = ask_for_link(visitor, inbox, preferences, "address", OLD)
    visitor.submit(form, form.get_form("email"), email=NEW)
    page = visitor.get(wait_for_link(inbox, NEW, "/m/address/"))
    done = visitor.submit(page, page.get_form())
    assert done.status == 200
    told = wait_for_letter(inbox, OLD, "another address")
    assert NEW not in told.text
    inbox.wait(NEW, 2, 60)  # the sequence goes on there


def wait_for_letter(inbox: Inbox, to: str, words: str) -> Letter:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        for letter in inbox.get_letters(to):
            if words in letter.subject:
                return letter
        time.sleep(0.1)
    raise TimeoutError(f"no letter about {words} came")


def export(visitor: Visitor, inbox: Inbox, preferences: str) -> None:
    page = ask_for_link(visitor, inbox, preferences, "export", NEW)
    with zipfile.ZipFile(io.BytesIO(post_raw(page.url))) as archive:
        data = json.loads(archive.read("person.json"))
    assert data["person"][0]["email"] == NEW
    assert {each["to"] for each in data["mails"]} == {OLD, NEW}
    assert [each["reason"] for each in data["freezes"]] == ["asked"]


def post_raw(url: str) -> bytes:
    parts = urlsplit(url)
    server = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    with closing(server) as connection:
        connection.request("POST", parts.path)
        answer = connection.getresponse()
        assert answer.headers["Content-Type"] == "application/zip"
        return answer.read()


def erase(visitor: Visitor, inbox: Inbox, preferences: str) -> Page:
    page = ask_for_link(visitor, inbox, preferences, "erase", NEW)
    done = visitor.submit(page, page.get_form())
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", done.body)
    return done


# --- In a browser ------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("has_script", [True, False])
def test_the_page_can_be_used_by_keyboard_alone(
    site: Site, browser: "Browser", has_script: bool
) -> None:
    context = browser.new_context(java_script_enabled=has_script, reduced_motion="reduce")
    page = context.new_page()
    page.goto(site.pages["en preferences"])
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator("input[name=cap_days]:focus").count():
            break
    page.keyboard.press("ArrowDown")
    chosen = page.locator("input[name=cap_days]:focus").get_attribute("value")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("status").first.wait_for()
    assert page.locator(f"input[name=cap_days][value='{chosen}']").is_checked()
    context.close()


@pytest.mark.browser
def test_a_pause_without_a_day_says_what_is_missing(site: Site, browser: "Browser") -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page()
    page.goto(site.pages["en preferences"])
    page.check("input[name=length][value=date]")
    page.click("text=Pause the mails")
    page.get_by_role("alert").first.wait_for()
    assert page.locator("#until").get_attribute("aria-invalid") == "true"
    assert Axe().run(page).response["violations"] == []
    page.close()
