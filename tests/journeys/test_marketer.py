"""A marketer in a real browser: from nothing to a published campaign, and all that comes after."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.journeys.browsing import Form, Visitor
from tests.journeys.inbox import Inbox
from tests.journeys.journey import get_links
from tests.journeys.running import RunningStack

if TYPE_CHECKING:  # installed only where there is a browser
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.journey]

BODY = "Hej {{ first_name | du }}!\n\nHär kommer en sak att prova i veckan."
LIVE = "/admin/campaigns/campaign/1/"


class Desk:
    """The site with its mail, and the page of a marketer who has logged in."""

    def __init__(self, stack: RunningStack, inbox: Inbox) -> None:
        self.stack, self.inbox = stack, inbox

    def log_in(self, browser: "Browser") -> "Page":
        page = browser.new_context(locale="en-GB").new_page()
        page.goto(f"{self.stack.url}/admin/login/")
        page.fill("#id_username", "marknad")
        page.fill("#id_password", "demo")
        page.press("#id_password", "Enter")
        page.wait_for_url("**/admin/")
        return page

    def open(self, page: "Page", path: str) -> None:
        page.goto(self.stack.url + path)

    def confirm(self, email: str) -> None:
        """Somebody takes the test and confirms the address."""
        visitor = Visitor(self.stack.url)
        result = visitor.take_test("/", choose)
        visitor.submit(result, result.get_form("email", "tips"), email=email, tips="on")
        link = get_links(self.inbox.wait(email, 1, 30)[0], "/m/confirm/")[0]
        page = visitor.get(link)
        visitor.submit(page, page.get_form())


def choose(form: Form) -> str:
    return form.choices["choice"][0]


@pytest.fixture(scope="module")
def desk(chromium: str) -> Iterator[Desk]:
    with (
        Inbox() as inbox,
        RunningStack(EMAIL_URL=f"smtp://127.0.0.1:{inbox.port}") as stack,
    ):
        yield Desk(stack, inbox)


def write_step(page: "Page", number: int, kind: str, days: int, subject: str) -> None:
    """Fill in the step that *Add another* has just brought; a tip has no text of its own."""
    name = f"steps-{number}"
    page.select_option(f"[name={name}-kind]", kind)
    if kind != "result":
        page.fill(f"[name={name}-delay_days]", str(days))
    if kind == "tip":
        page.select_option(f"[name={name}-role_rank]", "1")
        return
    for language in ("sv", "en"):
        page.fill(f"[name={name}-subject_{language}]", subject)
        page.fill(f"[name={name}-preview_{language}]", f"{subject}, och varför")
        page.fill(f"[name={name}-body_{language}]", BODY)


def save(page: "Page") -> None:
    page.click("[name=_continue]")
    page.wait_for_load_state()


def publish(desk: Desk, page: "Page", path: str, people: str = "") -> None:
    desk.open(page, f"{path}publish/")
    if people:
        page.check(f"[name=people][value={people}]")
    page.get_by_role("button", name="Publish").click()
    page.wait_for_load_state()


def test_a_campaign_of_three_steps_is_built_from_nothing_and_published(
    desk: Desk, browser: "Browser"
) -> None:
    page = desk.log_in(browser)
    desk.open(page, "/admin/campaigns/campaign/add/")
    page.fill("[name=name_sv]", "Höstens tips")
    page.fill("[name=name_en]", "Tips of the autumn")
    for number, (kind, days) in enumerate([("result", 0), ("tip", 3), ("text", 7)]):
        page.get_by_role("link", name="Add another Step").or_(
            page.get_by_role("button", name="Add another Step")
        ).click()
        write_step(page, number, kind, days, f"Rubrik {number}")
    save(page)
    assert page.locator(".sequence .day").all_inner_texts() == ["day 0", "day 3", "day 10"]
    path = page.url.removeprefix(desk.stack.url).removesuffix("change/")
    publish(desk, page, path)
    assert "Version 1 is published" in page.locator(".messagelist").inner_text()
    # Nobody is to enter it in the tests below.
    desk.open(page, f"{path}pause/")
    page.get_by_role("button", name="Close for newcomers").click()
    page.context.close()


def test_a_broken_text_is_told_while_it_is_written_and_refused_with_its_place(
    desk: Desk, browser: "Browser"
) -> None:
    page = desk.log_in(browser)
    desk.open(page, f"{LIVE}change/")
    step = page.locator(".inline-related.has_original", has_text="Day 45")
    step.locator("summary", has_text="The mail's text").click()
    subject = step.locator("[name$=-subject_sv]")
    right = subject.input_value()
    subject.fill("Hej {{ fist_name | du }}")
    step.locator(".live .fault").wait_for()
    assert "first_name" in step.locator(".live .fault").inner_text()
    save(page)
    assert "Please correct the error" in page.content()
    assert step.locator("[name$=-subject_sv]").input_value() == "Hej {{ fist_name | du }}"
    step.locator("[name$=-subject_sv]").fill(right)
    body = step.locator("[name$=-body_sv]")
    words = body.input_value()
    body.fill(f"{words}\n\n[Läs mer]({desk.stack.url}/saknas-helt/)")
    save(page)
    desk.open(page, f"{LIVE}publish/")
    assert "leads to no page of this site" in page.locator(".faults").first.inner_text()
    assert page.get_by_role("button", name="Publish").count() == 0
    page.locator(".faults a").first.click()
    page.wait_for_load_state()
    step = page.locator(".inline-related.has_original", has_text="Day 45")
    step.locator("[name$=-body_sv]").evaluate("(field, words) => { field.value = words }", words)
    save(page)
    desk.open(page, f"{LIVE}publish/")
    assert "Nothing new to publish" in page.content()
    page.context.close()


def test_a_test_mail_comes_to_ones_own_inbox_and_stops_nobody(
    desk: Desk, browser: "Browser"
) -> None:
    page = desk.log_in(browser)
    desk.open(page, f"{LIVE}steps/1/preview/?language=sv&name=on")
    page.get_by_role("button", name="Send it to me as a test").click()
    page.wait_for_load_state()
    letter = desk.inbox.wait("marknad@example.se", 1, 30)[0]
    assert letter.subject.startswith("[Test] ")
    stop = str(letter.message["List-Unsubscribe"]).strip("<>")
    answer = Visitor(desk.stack.url).post(stop, b"List-Unsubscribe=One-Click")
    assert answer.status == 200
    page.context.close()


def test_a_live_campaign_is_edited_in_three_ways(desk: Desk, browser: "Browser") -> None:
    """Those under way keep their version, move to the new one, or are done."""
    desk.confirm("under.way@example.se")
    desk.inbox.wait("under.way@example.se", 2, 30)
    page = desk.log_in(browser)
    seen = []
    for number, people in enumerate(("keep", "move", "finish")):
        desk.open(page, f"{LIVE}change/")
        page.fill("[name=steps-8-delay_days]", str(40 + number))
        save(page)
        publish(desk, page, LIVE, people)
        desk.open(page, "/admin/campaigns/enrolment/?campaign__id__exact=1")
        row = page.locator("#result_list tbody tr", has_text="under.way@example.se")
        seen.append([row.locator(f".field-{each}").inner_text() for each in ("number", "mark")])
    assert [number for number, _state in seen] == ["1", "3", "3"]
    assert [state.split("\n")[0] for _number, state in seen] == ["Active", "Active", "Stopped"]
    page.context.close()


def test_a_paused_campaign_sends_nothing_and_goes_on_where_it_was(
    desk: Desk, browser: "Browser"
) -> None:
    page = desk.log_in(browser)
    desk.open(page, f"{LIVE}pause/")
    page.get_by_role("button", name="Pause", exact=True).click()
    page.wait_for_load_state()
    desk.confirm("patient@example.se")
    with pytest.raises(TimeoutError):
        desk.inbox.wait("patient@example.se", 2, 6)
    desk.open(page, f"{LIVE}change/")
    assert "Paused" in page.locator(".standing").inner_text()
    desk.open(page, f"{LIVE}pause/")
    page.get_by_role("button", name="Let it go on").click()
    page.wait_for_load_state()
    letter = desk.inbox.wait("patient@example.se", 2, 40)[1]
    assert letter.message["List-Unsubscribe"]
    page.context.close()
