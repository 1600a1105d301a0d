"""The real stack with somebody walked to every public page, for the tests that look at them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.journeys.browsing import Form, Visitor
from tests.journeys.inbox import Inbox, find_free_port, wait_until
from tests.journeys.journey import get_links
from tests.journeys.running import RunningStack


@dataclass(frozen=True, kw_only=True)
class Site:
    """`pages` is name -> address; `embedding_port` is where another site may frame the test."""

    url: str
    pages: dict[str, str]
    embedding_port: int


@contextmanager
def running_site() -> Iterator[Site]:
    port = find_free_port()
    with Inbox() as inbox:
        variables = {
            "EMAIL_URL": f"smtp://127.0.0.1:{inbox.port}",
            "DEMO_DAY_SECONDS": "1",
            "EMBED_ORIGINS": f"http://127.0.0.1:{port}",
        }
        with RunningStack(**variables) as stack:
            pages = {
                f"{language}{name}": address
                for language, prefix in (("sv", "/"), ("en", "/en/"))
                for name, address in _walk(stack, inbox, language, prefix).items()
            }
            crowd = json.loads(stack.run("tests.journeys.crowd"))
            pages |= {name: stack.url + path for name, path in crowd.items() if path.endswith("/")}
            yield Site(url=stack.url, pages=pages, embedding_port=port)


def _walk(stack: RunningStack, inbox: Inbox, language: str, prefix: str) -> dict[str, str]:
    visitor, email = Visitor(stack.url), f"browser.{language}@example.se"
    start = visitor.get(prefix)
    question = visitor.submit(start, start.get_form())
    result = visitor.take_test(prefix, _get_first)
    other_result = visitor.take_test(prefix, _get_last)
    asked = visitor.submit(result, result.get_form("email", "tips"), email=email, tips="on")
    confirm = get_links(inbox.wait(email, 1, 30)[0], "/m/confirm/")[0]
    page = visitor.get(confirm)
    visitor.submit(page, page.get_form())
    letter = inbox.wait(email, 2, 30)[1]
    stop = str(letter.message["List-Unsubscribe"]).strip("<>")
    preferences = get_links(letter, "/m/preferences/")[0]
    answer = get_links(inbox.wait(email, 3, 60)[2], "/m/answer/")[0]
    return {
        " home": start.url,
        " start": f"{stack.url}{prefix}test/pmo/",
        " question": question.url,
        " result": result.url,
        " result without scores": other_result.url,
        " privacy": f"{stack.url}{prefix}integritet/",
        " asked": asked.url,
        " confirmed": confirm,
        " unsubscribe": stop,
        " answer": answer,
        " missing": f"{stack.url}{prefix}saknas/",
        " preferences": preferences,
        **_walk_acts(visitor, inbox, preferences, email),
    }


def _walk_acts(visitor: Visitor, inbox: Inbox, preferences: str, email: str) -> dict[str, str]:
    """The pages that begin with a fresh link."""
    pages: dict[str, str] = {}
    for act in ("address", "export", "erase"):
        page = visitor.get(preferences)
        form = next(each for each in page.forms if each.fields.get("act") == act)
        visitor.submit(page, form)
        pages[f" act {act}"] = _wait_for_link(inbox, email, "/m/act/", set(pages.values()))
    page = visitor.get(pages[" act address"])
    visitor.submit(page, page.get_form("email"), email=f"new.{email}")
    pages[" new address"] = _wait_for_link(inbox, f"new.{email}", "/m/address/", set())
    return pages


def _wait_for_link(inbox: Inbox, email: str, path: str, known: set[str]) -> str:
    def find() -> list[str]:
        letters = inbox.get_letters(email)
        return [each for letter in letters for each in get_links(letter, path) if each not in known]

    wait_until(lambda: bool(find()), 30, f"{path} to {email}")
    return find()[0]


def _get_first(form: Form) -> str:
    return form.choices["choice"][0]


def _get_last(form: Form) -> str:
    """“Don't know” to every statement."""
    return form.choices["choice"][-1]
