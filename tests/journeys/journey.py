"""Three made-up people through the real stack, from the first question to the last mail.

Run as a program: prints a line per mail and a verdict, and its exit status says the same. A
campaign day lasts one second here. What should arrive is worked out from the content files,
not asked of the product.
"""

import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.journeys.browsing import Form, Page, Visitor
from tests.journeys.inbox import Inbox, Letter, wait_until
from tests.journeys.running import ROOT, RunningStack

CONTENT = ROOT / "content"
FIRST_MAIL_SECONDS = 5.0
WHOLE_SEQUENCE_SECONDS = 130.0
QUIET_SECONDS = 6.0


@dataclass(kw_only=True)
class Traveller:
    """Who takes the test, in which language, weak in which two roles, stopping after how many."""

    name: str
    email: str
    language: str
    weak: tuple[str, str]
    stops_after: int | None = None
    site: str = ""
    confirmed_at: float = 0.0
    stopped_at: float | None = None
    problems: list[str] = field(default_factory=list)

    def expect(self, is_so: bool, what: str) -> None:
        if not is_so:
            self.problems.append(what)


@dataclass(frozen=True, kw_only=True)
class Content:
    test: dict[str, Any]
    campaign: dict[str, Any]
    tips: list[dict[str, Any]]


def main() -> int:
    travellers = [
        Traveller(
            name="Sofia",
            email="sofia@example.se",
            language="sv",
            weak=("brobyggare", "takthallare"),
        ),
        Traveller(
            name="Emma",
            email="emma@example.com",
            language="en",
            weak=("synliggorare", "balansmastare"),
        ),
        Traveller(
            name="Ulf",
            email="ulf@example.se",
            language="sv",
            weak=("balansmastare", "brobyggare"),
            stops_after=2,
        ),
    ]
    content = read_content()
    started = time.monotonic()
    with Inbox() as inbox:
        mail = f"smtp://127.0.0.1:{inbox.port}"
        with RunningStack(EMAIL_URL=mail, DEMO_DAY_SECONDS="1") as stack:
            print(f"The stack answers after {time.monotonic() - started:.0f} s at {stack.url}")
            for traveller in travellers:
                walk(traveller, stack, inbox, content)
            wait_for_the_last_mail(travellers, inbox, content)
        print(f"The stack ended with status {stack.exit_status}")
    for traveller in travellers:
        judge(traveller, inbox, content)
        traveller.expect(stack.exit_status == 0, "the stack did not end cleanly")
    return give_verdict(travellers, inbox)


def walk(traveller: Traveller, stack: RunningStack, inbox: Inbox, content: Content) -> None:
    """The pages, from the article to the confirmed address."""
    visitor = Visitor(stack.url)
    traveller.site = stack.url
    keys = iter(content.test["questions"])

    def choose(form: Form) -> str:
        question = next(keys)
        if question.get("background"):
            return form.choices["choice"][0]
        return get_answer(question, traveller.weak)

    page = visitor.take_test("/" if traveller.language == "sv" else "/en/", choose)
    traveller.expect(page.status == 200, f"the result page answered {page.status}")
    traveller.expect("<svg" in page.body, "the result page has no picture")
    traveller.expect("<table" in page.body, "the result page has no table")
    page = visitor.submit(
        page,
        page.get_form("email", "tips"),
        email=traveller.email,
        first_name=traveller.name,
        tips="on",
    )
    traveller.expect(page.status == 200, f"asking for tips answered {page.status}")
    confirm(traveller, visitor, inbox)
    traveller.expect(visitor.cookies == [], "a page set a cookie")
    if traveller.stops_after:
        stop(traveller, visitor, inbox)


def confirm(traveller: Traveller, visitor: Visitor, inbox: Inbox) -> None:
    letter = inbox.wait(traveller.email, 1, 30)[0]
    link = get_links(letter, "/m/confirm/")[0]
    page = visitor.get(link)
    time.sleep(1.5)
    only_one = len(inbox.get_letters(traveller.email)) == 1
    traveller.expect(only_one, "looking at the confirming page confirmed the address")
    traveller.confirmed_at = time.monotonic()
    page = visitor.submit(page, page.get_form())
    traveller.expect(page.status == 200, f"confirming answered {page.status}")
    first = inbox.wait(traveller.email, 2, 60)[1]
    took = first.at - traveller.confirmed_at
    traveller.expect(took <= FIRST_MAIL_SECONDS, f"the first mail took {took:.1f} s")
    print(f"{traveller.name}: first mail {took:.1f} s after confirming")


def stop(traveller: Traveller, visitor: Visitor, inbox: Inbox) -> None:
    """One-click, as a mail program does it, after the wanted number of campaign mails."""
    letters = inbox.wait(traveller.email, 1 + (traveller.stops_after or 0), 60)
    link = str(letters[-1].message["List-Unsubscribe"]).strip("<>")
    page: Page = visitor.post(link, b"List-Unsubscribe=One-Click")
    traveller.expect(page.status == 200, f"one-click unsubscribing answered {page.status}")
    traveller.stopped_at = time.monotonic()


def wait_for_the_last_mail(travellers: list[Traveller], inbox: Inbox, content: Content) -> None:
    staying = [each for each in travellers if each.stops_after is None]
    letters = 1 + len(content.campaign["steps"])
    wait_until(
        lambda: all(len(inbox.get_letters(each.email)) >= letters for each in staying),
        WHOLE_SEQUENCE_SECONDS,
        "the last mail",
    )
    time.sleep(QUIET_SECONDS)  # whatever else would come, comes now


def judge(traveller: Traveller, inbox: Inbox, content: Content) -> None:
    letters = inbox.get_letters(traveller.email)
    expected = get_expected_subjects(traveller, content)
    got = [letter.subject for letter in letters[1:]]
    traveller.expect(got == expected, f"expected {expected}, got {got}")
    traveller.expect(
        traveller.name not in letters[0].text + letters[0].html,
        "the confirming mail repeats what a visitor typed",
    )
    for letter in letters:
        judge_letter(traveller, letter, is_campaign=letter is not letters[0])
    identities = [str(letter.message["Message-ID"]) for letter in letters]
    traveller.expect(len(set(identities)) == len(letters), "a Message-ID was used twice")


def judge_letter(traveller: Traveller, letter: Letter, *, is_campaign: bool) -> None:
    words = "avslutar" if traveller.language == "sv" else "unsubscribe"
    about = f"“{letter.subject}”"
    for part, body in (("text", letter.text), ("HTML", letter.html)):
        traveller.expect(len(body) > 100, f"{about} has no {part} part")
        traveller.expect(
            not re.search(r"\{\{|\}\}|None", body), f"{about} has a hole in its {part}"
        )
    for name in ("From", "Date", "Message-ID", "Auto-Submitted"):
        traveller.expect(bool(letter.message[name]), f"{about} has no {name}")
    traveller.expect(letter.message["To"] == traveller.email, f"{about} is to somebody else")
    if is_campaign:
        link = str(letter.message["List-Unsubscribe"] or "")
        one_click = letter.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        traveller.expect(link.startswith(f"<{traveller.site}/m/unsubscribe/"), f"{about}: {link}")
        traveller.expect(one_click, f"{about} has no one-click header")
        traveller.expect(bool(letter.message["List-Id"]), f"{about} has no List-Id")
        traveller.expect(words in letter.text.lower(), f"{about} is not in {traveller.language}")
        if traveller.stopped_at is not None:
            late = letter.at > traveller.stopped_at
            traveller.expect(not late, f"{about} came after unsubscribing")


def give_verdict(travellers: list[Traveller], inbox: Inbox) -> int:
    print()
    for traveller in travellers:
        for letter in inbox.get_letters(traveller.email):
            after = letter.at - traveller.confirmed_at
            print(f"{traveller.name:6} {traveller.language}  {after:+7.1f} s  {letter.subject}")
    problems = [f"{each.name}: {problem}" for each in travellers for problem in each.problems]
    print()
    for problem in problems:
        print(f"WRONG  {problem}")
    print("The journey went wrong." if problems else "The journey went as it should.")
    return 1 if problems else 0


def get_expected_subjects(traveller: Traveller, content: Content) -> list[str]:
    """The subject of each campaign mail, from the content files alone."""
    subjects = []
    had: set[str] = set()
    points = get_points(traveller, content)
    ranked = sorted(points, key=points.__getitem__)
    for step in content.campaign["steps"]:
        source = step
        if step["kind"] == "tip":
            role = ranked[step["role_rank"] - 1]
            source = next(iter(get_unread(content, role, points[role], had)))
            had.add(source["key"])
        subjects.append(source["subject"][traveller.language])
    return subjects[: traveller.stops_after]


def get_unread(
    content: Content, role: str, points: float, had: set[str]
) -> Iterator[dict[str, Any]]:
    bounds = content.test["tiers"]
    tier = "weak" if points < bounds["developing_from"] else "developing"
    tier = "strong" if points >= bounds["strong_from"] else tier
    for tip in content.tips:
        if (tip["role"], tip["tier"]) == (role, tier) and tip["key"] not in had:
            yield tip


def get_points(traveller: Traveller, content: Content) -> dict[str, float]:
    totals: dict[str, list[float]] = {role["key"]: [0, 0] for role in content.test["roles"]}
    for question in content.test["questions"]:
        for role, weight in question.get("weights", {}).items():
            answer = get_answer(question, traveller.weak)
            chosen = next(each for each in question["choices"] if each["key"] == answer)
            totals[role][0] += weight * chosen["points"]
            totals[role][1] += weight
    return {role: round(points / weight) for role, (points, weight) in totals.items()}


def get_answer(question: dict[str, Any], weak: tuple[str, str]) -> str:
    """Agree with the symptoms of the first weak role, half with the second's, else disagree."""
    weights = question["weights"]
    heaviest = max(weights, key=weights.__getitem__)
    if heaviest == weak[0]:
        return "agree-fully"
    return "neither" if heaviest == weak[1] else "disagree-fully"


def get_links(letter: Letter, path: str) -> list[str]:
    links = re.findall(r"https?://\S+", letter.text)
    return [link.rstrip(".,)") for link in links if path in link]


def read_content() -> Content:
    def read(file: Path) -> Any:
        return yaml.safe_load(file.read_text(encoding="utf-8"))

    test = read(CONTENT / "assessment.yaml")
    files = [CONTENT / "tips" / f"{role['key']}.yaml" for role in test["roles"]]
    return Content(
        test=test,
        campaign=read(CONTENT / "campaign.yaml"),
        tips=[tip for file in files for tip in read(file)],
    )


if __name__ == "__main__":
    sys.exit(main())
