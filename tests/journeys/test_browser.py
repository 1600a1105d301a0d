"""The public pages in a real browser: readable, usable by keyboard alone, and quiet."""

from typing import TYPE_CHECKING

import pytest

from tests.journeys.site import Site

if TYPE_CHECKING:  # installed only where there is a browser
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

pytestmark = [pytest.mark.browser, pytest.mark.journey]

LARGEST_PAGE = 60_000
SIZES = ((360, "light"), (360, "dark"), (1280, "light"), (1280, "dark"))


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_every_public_page_is_accessible_and_fits(
    site: Site, browser: "Browser", width: int, scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    faults: list[str] = []
    for name, address in site.pages.items():
        page.goto(address)
        found = Axe().run(page)
        faults += [f"{name}: {each['id']}: {each['help']}" for each in found.response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults.append(f"{name}: wider than {width} px")
    context.close()
    assert faults == []


def test_every_public_page_is_light_and_asks_nobody_else(site: Site, browser: "Browser") -> None:
    faults: list[str] = []
    for name, address in site.pages.items():
        context = browser.new_context()
        page = context.new_page()
        sizes: list[int] = []
        page.on("requestfinished", lambda request, sizes=sizes: sizes.append(get_size(request)))
        page.on("request", lambda request, name=name: faults.extend(get_foreign(request, name)))
        page.on("console", lambda message, name=name: faults.extend(get_noise(message, name)))
        page.goto(address, wait_until="networkidle")
        if sum(sizes) > LARGEST_PAGE:
            faults.append(f"{name}: {sum(sizes)} bytes")
        if context.cookies():
            faults.append(f"{name}: sets a cookie")
        context.close()
    assert faults == []


def get_size(request: "Request") -> int:
    sizes = request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]


def get_foreign(request: "Request", name: str) -> list[str]:
    is_ours = request.url.startswith(("http://127.0.0.1", "data:"))
    return [] if is_ours else [f"{name}: asks {request.url}"]


def get_noise(message: "ConsoleMessage", name: str) -> list[str]:
    is_expected = "404" in message.text and "missing" in name
    return [] if is_expected else [f"{name}: {message.text}"]


def test_going_on_without_an_answer_says_what_to_do(site: Site, browser: "Browser") -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page()
    page.goto(site.pages["sv question"])
    page.click("main button[type=submit]")
    page.get_by_role("alert").wait_for()
    assert Axe().run(page).response["violations"] == []
    page.close()


@pytest.mark.parametrize("has_script", [True, False])
def test_the_test_can_be_taken_by_keyboard_alone(
    site: Site,
    browser: "Browser",
    has_script: bool,
) -> None:
    context = browser.new_context(java_script_enabled=has_script, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{site.url}/test/pmo/")
    press_until(page, "button[type=submit]", "Enter")
    for number in range(1, 14):
        page.wait_for_url(f"**/{number}/")
        press_until(page, "input[type=radio]", "Space")
        page.keyboard.press("ArrowDown")
        press_until(page, "button[type=submit]", "Enter")
    page.wait_for_url("**/resultat/**")
    assert page.locator("h1").inner_text() != ""
    context.close()


def press_until(page: "Page", selector: str, key: str) -> None:
    """Tab to the first matching element, then press the key. Works without scripts."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            page.keyboard.press(key)
            return
    pytest.fail(f"{selector} cannot be reached by keyboard on {page.url}")
