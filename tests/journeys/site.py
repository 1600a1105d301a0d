"""The real stack with somebody walked to every public page, for the tests that look at them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.journeys.browsing import Form, Visitor
from tests.journeys.inbox import Inbox, find_free_port
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
    stop = str(inbox.wait(email, 2, 30)[1].message["List-Unsubscribe"]).strip("<>")
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
    }


def _get_first(form: Form) -> str:
    return form.choices["choice"][0]


def _get_last(form: Form) -> str:
    """“Don't know” to every statement."""
    return form.choices["choice"][-1]
