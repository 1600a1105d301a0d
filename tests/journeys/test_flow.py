"""The comforts in a real browser: no reload between questions, lost network, frames, going back."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from tests.journeys.site import Site

if TYPE_CHECKING:  # installed only where there is a browser
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.journey]


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    context = browser.new_context(locale="sv-SE")
    yield context.new_page()
    context.close()


def answer(page: "Page", number: int, choice: int = 1) -> None:
    page.wait_for_url(f"**/{number}/")
    page.locator("input[type=radio]").nth(choice).check()
    page.click("form.question [type=submit]")


def test_the_next_question_comes_without_a_new_page(site: Site, page: "Page") -> None:
    page.goto(f"{site.url}/test/pmo/")
    page.click("form.start [type=submit]")
    page.wait_for_url("**/1/")
    page.evaluate("window.mark = true")
    first = page.locator("h1").inner_text()
    answer(page, 1)
    page.wait_for_url("**/2/")
    assert page.evaluate("window.mark")
    assert page.locator("h1").inner_text() != first
    assert page.evaluate("document.activeElement.tagName") == "H1"
    page.go_back()
    page.wait_for_url("**/1/")
    assert page.locator("input[type=radio]").nth(1).is_checked()


def test_a_missing_answer_is_asked_for_without_a_new_page(site: Site, page: "Page") -> None:
    page.goto(site.pages["sv question"])
    page.evaluate("window.mark = true")
    page.click("form.question [type=submit]")
    page.get_by_role("alert").wait_for()
    assert page.evaluate("window.mark")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"


def test_an_answer_survives_a_lost_connection(site: Site, page: "Page") -> None:
    page.goto(f"{site.url}/test/pmo/")
    page.click("form.start [type=submit]")
    page.wait_for_url("**/1/")
    page.context.set_offline(True)
    answer(page, 1)
    page.get_by_text("Svaret gick inte att skicka").wait_for()
    assert page.locator("input[type=radio]").nth(1).is_checked()
    page.context.set_offline(False)
    page.click("form.question [type=submit]")
    page.wait_for_url("**/2/")


def test_the_test_goes_on_on_another_device(site: Site, browser: "Browser", page: "Page") -> None:
    page.goto(f"{site.url}/test/pmo/")
    page.click("form.start [type=submit]")
    answer(page, 1)
    page.wait_for_url("**/2/")
    page.click("summary")
    link = page.get_by_label("Din egen länk").input_value()
    other = browser.new_context(java_script_enabled=False).new_page()
    other.goto(link)
    assert other.url.endswith("/2/")
    other.context.close()


def test_the_test_stands_in_a_frame_as_tall_as_it_is_and_its_result_does_not(
    site: Site, page: "Page"
) -> None:
    with serve(site.embedding_port, f'<script src="{site.url}/static/embed.js"></script>') as url:
        page.goto(url)
        frame = page.frame_locator("iframe")
        frame.locator("form.start [type=submit]").click()
        for number in range(1, 14):
            frame.locator(f"progress[value='{number}']").wait_for()
            height = frame.locator("html").evaluate("html => html.offsetHeight")
            page.wait_for_function(
                "height => document.querySelector('iframe').offsetHeight === height", arg=height
            )
            frame.locator("input[type=radio]").nth(1).check()
            frame.locator("form.question [type=submit]").click()
        page.wait_for_url(f"{site.url}/resultat/**")


def test_a_site_that_is_not_named_gets_no_frame(site: Site, page: "Page") -> None:
    with serve(0, f'<script src="{site.url}/static/embed.js"></script>') as url:
        page.goto(url)
        page.wait_for_timeout(500)
        assert page.frames[1].url.startswith("chrome-error:")


@contextmanager
def serve(port: int, body: str) -> Iterator[str]:
    """Somebody else's page, on this port or any."""
    handler = partial(Elsewhere, body)
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


class Elsewhere(BaseHTTPRequestHandler):
    def __init__(self, body: str, *args: object) -> None:
        self.body = body
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"<!doctype html><title>x</title><body>{self.body}".encode())

    def log_message(self, *_: object) -> None:
        """Nobody asked."""
