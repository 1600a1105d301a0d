"""One running site and one browser for every test that looks at pages."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.journeys.browser import find_browser
from tests.journeys.running import ROOT
from tests.journeys.site import Site, running_site

if TYPE_CHECKING:  # installed only where there is a browser
    from playwright.sync_api import Browser

TOOLS = ROOT / "tests" / "web" / "node_modules" / ".bin"


@pytest.fixture(scope="session")
def chromium() -> str:
    found = find_browser()
    if found is None:
        pytest.skip("no browser: apt-get install chromium, or set CHROMIUM to one")
    return found


@pytest.fixture(scope="session")
def tools() -> Path:
    """Where the programs of tests/web are."""
    if shutil.which("node") is None or not TOOLS.is_dir():
        pytest.skip("no Lighthouse: with Node.js 18.20 or later, npm ci --prefix tests/web")
    return TOOLS


@pytest.fixture(scope="session")
def site(chromium: str) -> Iterator[Site]:
    with running_site() as site:
        yield site


# Not for the session: while it is open an event loop runs, in which Django refuses the database.
@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()
