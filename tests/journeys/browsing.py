"""A visitor without JavaScript: follows redirects, reads forms, sends them back filled in."""

import http.client
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

PERSON_SECONDS = 2.1


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Page:
    status: int
    url: str
    body: str
    headers: Mapping[str, str]
    forms: list[Form]

    def get_form(self, *names: str) -> Form:
        """The POST form that has all these fields. Raises LookupError."""
        for form in self.forms:
            if form.method == "post" and {*form.fields, *form.choices} >= set(names):
                return form
        raise LookupError(f"{self.url} has no form with {names}: {self.body[:2000]}")


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif tag == "input" and self.forms and given.get("name"):
            form, name = self.forms[-1], given["name"]
            if given.get("type") in {"radio", "checkbox"}:
                form.choices.setdefault(name, []).append(given.get("value", "on"))
            else:
                form.fields[name] = given.get("value", "")


class Visitor:
    """One person's browser. Keeps no cookies, because the site sets none."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.cookies: list[str] = []

    def get(self, url: str) -> Page:
        return self._follow("GET", urljoin(self.site, url), b"")

    def submit(self, page: Page, form: Form, **values: str) -> Page:
        if "shown" in form.fields:  # a form that no person fills in at once
            time.sleep(PERSON_SECONDS)
        content = urlencode(form.fields | values).encode()
        return self._follow("POST", urljoin(page.url, form.action or page.url), content)

    def post(
        self, url: str, content: bytes, kind: str = "application/x-www-form-urlencoded"
    ) -> Page:
        """One POST to exactly this address; a redirect is returned, not followed."""
        return self._ask("POST", url, content)

    def take_test(self, start: str, choose: Callable[[Form], str]) -> Page:
        """From the page with the start button to the result; `choose` answers each question."""
        page = self.get(start)
        page = self.submit(page, page.get_form())
        while any("choice" in form.choices for form in page.forms):
            form = page.get_form("choice")
            page = self.submit(page, form, choice=choose(form))
        return page

    def _follow(self, method: str, url: str, content: bytes) -> Page:
        for _ in range(10):
            page = self._ask(method, url, content)
            if page.status not in {301, 302, 303, 307}:
                return page
            method, url, content = "GET", urljoin(url, page.headers["Location"]), b""
        raise RuntimeError(f"{url} redirects for ever")

    def _ask(self, method: str, url: str, content: bytes) -> Page:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if content else {}
        connection.request(method, path, content or None, headers)
        answer = connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
        connection.close()
        self.cookies += answer.headers.get_all("Set-Cookie", [])
        reader = _FormReader()
        reader.feed(body)
        return Page(answer.status, url, body, answer.headers, reader.forms)
