"""Which links a mail has: the same text serves those who allow measuring and those who do not."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from html import escape, unescape
from itertools import product
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from assessments import examples, profiles
from assessments.profiles import Profile
from campaigns import letters, placeholders, posting, publishing, rendering, tokens
from campaigns.drafts import build_document
from campaigns.models import Enrolment, Message
from tests.campaigns.following import BOOKING, get_go_links, render, send_talk
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

SITE = settings.SITE_URL
ADDRESS = re.compile(r"(?:https?:|mailto:|data:|cid:|//)[^\s\"'<>)]+")
# What may differ from person to person for who has not allowed measuring.
PERSONAL = (
    "/m/unsubscribe/",
    "/m/preferences/",
    "/m/answer/",
    "/m/confirm/",
    "/resultat/",
    "/en/resultat/",
)
XMLNS = "http://www.w3.org/"
SYSTEM_MAILS = sorted({path.name.split(".")[0] for path in posting.TEMPLATES.glob("*.md")})
BODY = """
Hej {{ first_name | du }}, [artikeln](SITE/), [boken](https://bok.example.se/?a=1&b=2#c) och
[boken igen](https://bok.example.se/?a=1&b=2#c). <https://bok.example.se/> är för alla.

[Boka]({{ booking_url }})

[Integritet](SITE/integritet/), [skriv](mailto:a@example.se), {{ result_url }}
""".replace("SITE", SITE)


def store_body() -> str:
    compiled = rendering.compile_mail(
        subject="Ämne", preview="Kort", body=BODY, layout="campaign", language="sv"
    )
    return posting.store(compiled).digest


def make_mail(
    enrolment: Enrolment, digest: str, values: dict[str, Any], *, is_tracked: bool
) -> Message:
    return Message(
        kind="campaign",
        key="k",
        enrolment=enrolment,
        respondent_id=enrolment.respondent_id,
        to="alva@example.se",
        language="sv",
        compiled_id=digest,
        values=values,
        is_tracked=is_tracked,
        created_at=TUESDAY,
    )


def read_links(text: str) -> list[str]:
    return [unescape(found).rstrip(".,") for found in ADDRESS.findall(text)]


@pytest.fixture
def both() -> tuple[Message, Message]:
    """One mail, to one person, without measured links and with them."""
    enrolment = make_enrolment(publish_campaign())
    plain = make_mail(enrolment, store_body(), {"booking_url": BOOKING}, is_tracked=False)
    tracked = make_mail(enrolment, store_body(), {"booking_url": BOOKING}, is_tracked=True)
    tracked.pk = plain.pk
    return plain, tracked


def test_links_that_lead_elsewhere_and_to_the_article_are_measured(
    both: tuple[Message, Message],
) -> None:
    _plain, tracked = both
    page = letters.render(tracked).html
    found = [tokens.read_onward(link.rstrip("/").rpartition("/")[2]) for link in get_go_links(page)]
    assert [(each.target, each.link) for each in found if each] == [
        (f"{SITE}/", 1),
        ("https://bok.example.se/?a=1&b=2#c", 2),
        ("https://bok.example.se/?a=1&b=2#c", 2),
        ("https://bok.example.se/", 3),
        (BOOKING, 0),
    ]
    assert {each.message_id for each in found if each} == {tracked.pk}


def test_the_measured_mail_says_the_same_in_both_parts_but_for_its_links(
    both: tuple[Message, Message],
) -> None:
    plain, tracked = both
    for form in ("parts", "bytes"):
        texts = []
        for message in (plain, tracked):
            mail = letters.build_mail(message, form=form)  # type: ignore[arg-type]  # both Forms
            texts.append((mail.text, mail.html) if form == "parts" else read_parts(mail.raw))
        (text, page), (measured_text, measured_page) = texts
        assert get_go_links(text + page) == []
        assert len(get_go_links(measured_text)) == len(get_go_links(measured_page)) == 5
        assert replace_links(measured_text, as_html=False) == text
        assert replace_links(measured_page, as_html=True) == page


def test_one_skeleton_serves_both(both: tuple[Message, Message]) -> None:
    plain, tracked = both
    skeletons = [rendering.get_skeleton(compiled=letters.get_compiled(message)) for message in both]
    assert skeletons[0] is skeletons[1]
    raw = [letters.build_mail(message, form="bytes").raw for message in (plain, tracked)]
    assert raw[0].split(b"boundary=")[1][:40] == raw[1].split(b"boundary=")[1][:40]


def test_a_measured_mail_is_the_same_to_the_byte_every_time(both: tuple[Message, Message]) -> None:
    _plain, tracked = both
    first, second = (letters.build_mail(tracked, form="bytes").raw for _ in range(2))
    assert first == second


def test_headers_are_never_measured(both: tuple[Message, Message]) -> None:
    headers = [letters.build_mail(message, form="bytes").headers for message in both]
    assert headers[0] == headers[1]


@pytest.mark.parametrize(
    ("target", "leads_on"),
    [
        ("https://example.com/", True),
        (f"{SITE}/", True),
        (f"{SITE}", True),
        (f"{SITE}/en/", True),
        (f"{SITE}/?utm=1", True),
        (f"{SITE}/integritet/", False),
        (f"{SITE}/resultat/x/", False),
        ("mailto:pmo@example.com", False),
        ("https://ok@evil.se", False),
        ("https://example.com/" + "a" * 1_500, False),
        ("", False),
    ],
)
def test_which_links_lead_on(target: str, leads_on: bool) -> None:
    assert letters.leads_on(target, SITE) is leads_on


# --- Without consent: nothing that is only one person's, over every mail and profile ------


def make_sources() -> Iterator[tuple[publishing.Source, rendering.Compiled]]:
    document = build_document(campaign=publish_campaign().campaign)
    for source in publishing._get_sources(document):
        yield source, publishing._compile(source)


@pytest.mark.parametrize("language", ["sv", "en"])
@override_settings(BOOKING_URL=BOOKING)
def test_no_mail_without_consent_has_a_link_of_its_own_but_the_named_ones(language: str) -> None:
    people = [
        make_enrolment(publish_campaign(), email=f"{name}@example.se") for name in ("alva", "bo")
    ]
    grid = examples.build_grid(assessment_key="pmo", now=TUESDAY)
    ours = [profile for profile in grid if profile.language == language]
    sources = [each for each in make_sources() if each[0].language == language]
    assert len(ours) > 10
    assert len(sources) > 30
    stored = [(source, posting.store(compiled).digest) for source, compiled in sources]
    for (source, digest), profile in product(stored, ours):
        alva, bo = (get_links_of(each, source, digest, profile) for each in people)
        own = {link.removeprefix(SITE) for link in alva ^ bo}
        assert [link for link in own if not is_personal(link)] == []


def test_no_mail_without_consent_loads_anything() -> None:
    for _source, compiled in make_sources():
        assert (
            re.findall(r"<(?:img|iframe|link|script|object|video)\b|\bsrc=|url\(", compiled.html)
            == []
        )


@pytest.mark.parametrize(("template", "language"), list(product(SYSTEM_MAILS, ["sv", "en"])))
def test_no_system_mail_is_measured(template: str, language: str) -> None:
    compiled = posting.compile_template(template=template, language=language)
    names = {each for each in placeholders.ALL_VARIABLES if f"{{{{ {each}" in compiled.html}
    values = {name: "x" for name in names if placeholders.ALL_VARIABLES[name].kind == "text"}
    values |= dict.fromkeys(names - values.keys(), f"{SITE}/m/confirm/x/")
    message = Message(
        kind="system",
        template=template,
        language=language,
        to="a@example.se",
        compiled=posting.store(compiled),
        values=values,
        created_at=TUESDAY,
    )
    page = render(message)
    assert get_go_links(page) == []
    assert [link for link in read_links(page) if not link.startswith((SITE, XMLNS))] == []
    assert "<img" not in page


def test_a_person_without_consent_gets_the_plain_address() -> None:
    message = send_talk(is_allowed=False)
    assert not message.is_tracked
    assert BOOKING in letters.render(message).text
    assert escape(BOOKING) in letters.render(message).html
    assert get_go_links(render(message)) == []


def test_a_person_with_consent_gets_the_measured_one() -> None:
    message = send_talk()
    assert message.is_tracked
    assert BOOKING not in render(message)
    assert len(set(get_go_links(render(message)))) == 1


def test_a_booking_link_that_is_a_mail_address_is_left_alone() -> None:
    message = send_talk()
    message.values |= {"booking_url": "mailto:pmo@example.com"}
    assert get_go_links(render(message)) == []


def get_links_of(
    enrolment: Enrolment,
    source: publishing.Source,
    digest: str,
    profile: Profile,
) -> set[str]:
    values = letters.build_values(profile=profile, step=source.step, tip=source.tip)
    message = make_mail(enrolment, digest, values, is_tracked=False)
    message.language = source.language
    message.tip_key = source.tip["key"] if source.tip else ""
    return set(read_links(render(message)))


def is_personal(link: str) -> bool:
    retake = profiles.get_retake_path(examples.uuid.uuid4(), "sv").rsplit("/", 2)[0]
    return link.startswith((*PERSONAL, retake, f"/en{retake}"))


def read_parts(raw: bytes) -> tuple[str, str]:
    mail = message_from_bytes(raw, policy=policy.default)
    text, page = (mail.get_body((kind,)) for kind in ("plain", "html"))
    return (
        text.get_content().replace("\r\n", "\n"),
        page.get_content().replace("\r\n", "\n"),
    )


def replace_links(text: str, *, as_html: bool) -> str:
    for link in get_go_links(text):
        onward = tokens.read_onward(link.rstrip("/").rpartition("/")[2])
        assert onward
        text = text.replace(link, escape(onward.target) if as_html else onward.target)
    return text
