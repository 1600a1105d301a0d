"""Takes the pictures of the real pages and mails: for the guides, and for looking at them all.

Run as a program: `make shots`. Writes the guides' pictures to docs/pictures, and every page at
360 and 1280 px, light and dark, in both languages, to the folder shots.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tests.journeys.browser import find_browser
from tests.journeys.browsing import Form, Visitor
from tests.journeys.inbox import Inbox
from tests.journeys.journey import get_links
from tests.journeys.running import ROOT, RunningStack

if TYPE_CHECKING:  # installed only where there is a browser
    from playwright.sync_api import Browser, Page

PICTURES = ROOT / "docs" / "pictures"
SHOTS = ROOT / "shots"
WIDTHS = {"narrow": 360, "middle": 768, "wide": 1280}
SHARE_WORDS = {
    "sv": (
        "Kontrollfunktion eller utvecklingsmotor?",
        "Nio påståenden, fyra minuter och en bild av ert PMO i fyra roller.",
    ),
    "en": (
        "Control function or development engine?",
        "Nine statements, four minutes, and a picture of your PMO in four roles.",
    ),
}
IN_THREE_DAYS = datetime.now(UTC).date() + timedelta(days=3)
ADMIN_PAGES = {
    "marknad": {
        "marketer-start": "/admin/",
        "marketer-campaign": "/admin/campaigns/campaign/",
        "marketer-campaign-page": "/admin/campaigns/campaign/1/change/",
        "marketer-preview": "/admin/campaigns/campaign/1/steps/1/preview/",
        "marketer-wall": "/admin/campaigns/campaign/1/steps/1/preview/wall/",
        "marketer-walk": "/admin/campaigns/campaign/1/walk/",
        "marketer-forecast": "/admin/campaigns/campaign/1/forecast/",
        "marketer-day": f"/admin/campaigns/campaign/1/forecast/{IN_THREE_DAYS}/",
        "marketer-pause": "/admin/campaigns/campaign/1/pause/",
        "marketer-ledger": "/admin/campaigns/campaign/1/ledger/",
        "marketer-publish": "/admin/campaigns/campaign/1/publish/",
        "marketer-tips": "/admin/campaigns/tip/",
        "marketer-messages": "/admin/campaigns/message/",
        "marketer-test": "/admin/assessments/assessment/",
        "marketer-pace": "/admin/assessments/assessment/1/pace/",
        "marketer-enrolments": "/admin/campaigns/enrolment/",
        "marketer-rules": "/admin/leads/scorerules/add/",
    },
    "konsult": {
        "consultant-start": "/admin/",
        "consultant-leads": "/admin/leads/lead/",
        "consultant-lead": "/admin/leads/lead/1/change/",
        "consultant-replies": "/admin/campaigns/reply/",
    },
    "admin": {
        "administrator-start": "/admin/",
        "administrator-requests": "/admin/campaigns/rightsrequest/",
        "administrator-request": "/admin/campaigns/rightsrequest/add/",
        "administrator-person": "/admin/assessments/respondent/1/change/",
        "administrator-export": "/admin/campaigns/rightsrequest/person/1/export/",
        "administrator-erase": "/admin/campaigns/rightsrequest/person/1/erase/",
        "administrator-object": "/admin/campaigns/rightsrequest/person/1/object/",
        "administrator-history": "/admin/campaigns/campaign/1/history/",
    },
}
# What the guides and the README show: the upper part of these pages.
SHOWN = {
    "sv-result-wide-light",
    "marketer-start-wide-light",
    "marketer-preview-wide-light",
    "marketer-wall-wide-light",
    "marketer-walk-wide-light",
    "marketer-ledger-wide-light",
    "marketer-publish-wide-light",
    "marketer-tips-wide-light",
    "marketer-campaign-page-wide-light",
    "marketer-pace-wide-light",
    "consultant-leads-wide-light",
    "consultant-lead-wide-light",
}


def main() -> int:
    executable = find_browser()
    if executable is None:
        print("There is no browser: apt-get install chromium, or set CHROMIUM.")
        return 1
    from playwright.sync_api import sync_playwright

    for folder in (PICTURES, SHOTS):
        folder.mkdir(parents=True, exist_ok=True)
    draw_share_pictures()
    with Inbox() as inbox:
        mail = f"smtp://127.0.0.1:{inbox.port}"
        with RunningStack(EMAIL_URL=mail, DEMO_DAY_SECONDS="1") as stack:
            pages = visit_everything(stack, inbox)
            for name, path in json.loads(stack.run("tests.journeys.crowd")).items():
                if not path.endswith(".pdf"):
                    pages[name.replace(" ", "-")] = stack.url + path
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=executable, args=["--no-sandbox"]
                )
                take_public(browser, pages)
                take_mails(browser, inbox)
                take_admin(browser, stack)
                browser.close()
    print(f"{len(list(SHOTS.glob('*.png')))} pictures in {SHOTS.name}/")
    return 0


def draw_share_pictures() -> None:
    """The pictures beside shared links, one per language, into static/."""
    import typst

    source = ROOT / "templates" / "assessments" / "share.typ"
    for language, (title, promise) in SHARE_WORDS.items():
        values = {"title": title, "promise": promise}
        typst.compile(
            source,
            output=ROOT / "static" / f"share.{language}.png",
            ignore_system_fonts=True,
            format="png",
            ppi=72,
            sys_inputs={"data": json.dumps(values)},
        )


def visit_everything(stack: RunningStack, inbox: Inbox) -> dict[str, str]:
    """Walk one person per language as far as the last page; name and address of each page."""
    pages: dict[str, str] = {}
    for language, prefix in (("sv", "/"), ("en", "/en/")):
        visitor, email = Visitor(stack.url), f"shots.{language}@example.se"
        start = visitor.get(prefix)
        question = visitor.submit(start, start.get_form())
        result = visitor.take_test(prefix, get_answer)
        panel = result.get_form("email", "tips")
        asked = visitor.submit(
            result, panel, email=email, first_name="Alva", tips="on", contact="on"
        )
        letter = inbox.wait(email, 1, 30)[0]
        confirm = get_links(letter, "/m/confirm/")[0]
        open_again = visitor.take_test(prefix, get_answer)
        page = visitor.get(confirm)
        pages |= {
            f"{language}-home": start.url,
            f"{language}-start": f"{stack.url}{prefix}test/pmo/",
            f"{language}-question": question.url,
            f"{language}-result": open_again.url,
            f"{language}-asked": asked.url,
            f"{language}-privacy": f"{stack.url}{prefix}integritet/",
            f"{language}-missing": f"{stack.url}{prefix}saknas/",
        }
        visitor.submit(page, page.get_form())
        letters = inbox.wait(email, 3, 60)
        stop = str(letters[-1].message["List-Unsubscribe"]).strip("<>")
        pages |= {f"{language}-confirmed": confirm, f"{language}-unsubscribe": stop}
    return pages


def get_answer(form: Form) -> str:
    """A mixed picture: agree with every third statement."""
    choices = form.choices["choice"]
    place = get_answer.count % 3  # type: ignore[attr-defined]
    get_answer.count += 1  # type: ignore[attr-defined]
    return choices[(0, 3, 2)[place] % len(choices)]


get_answer.count = 0  # type: ignore[attr-defined]


def take_public(browser: "Browser", pages: dict[str, str]) -> None:
    for size, width in WIDTHS.items():
        for scheme in ("light", "dark"):
            with open_page(browser, width, scheme) as page:
                for name, url in pages.items():
                    page.goto(url)
                    shoot(page, f"{name}-{size}-{scheme}")


def take_mails(browser: "Browser", inbox: Inbox) -> None:
    for number, letter in enumerate(inbox.get_letters("shots.sv@example.se")):
        for size, width in WIDTHS.items():
            with open_page(browser, width, "light") as page:
                page.set_content(letter.html)
                shoot(page, f"mail-{number}-{size}-light")


def take_admin(browser: "Browser", stack: RunningStack) -> None:
    """Swedish ones have no mark in their name: the guides show them."""
    for mark, locale in (("", "sv-SE"), ("-en", "en-GB")):
        for user, addresses in ADMIN_PAGES.items():
            for size, width in WIDTHS.items():
                with open_page(browser, width, "light", locale) as page:
                    page.goto(f"{stack.url}/admin/login/?next=/admin/")
                    page.fill("[name=username]", user)
                    page.fill("[name=password]", "demo")
                    page.click("[type=submit]")
                    for name, path in addresses.items():
                        page.goto(stack.url + path)
                        shoot(page, f"{name}{mark}-{size}-light")


@contextmanager
def open_page(
    browser: "Browser", width: int, scheme: str, locale: str = "sv-SE"
) -> Iterator["Page"]:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        locale=locale,
        reduced_motion="reduce",
    )
    yield context.new_page()
    context.close()


def shoot(page: "Page", name: str) -> None:
    page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
    if name in SHOWN:
        page.screenshot(path=str(PICTURES / f"{name}.png"))


if __name__ == "__main__":
    sys.exit(main())
