"""Addresses in a compiled mail become slots that say the same."""

import html
from email import message_from_bytes, policy

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from campaigns import mime, rendering
from campaigns.placeholders import Literal, Placeholder, Segment
from campaigns.rendering import links

VALUES = {
    "sender_name": "PMO-testet",
    "postal_address": "Gatan 1",
    "site_url": "https://pmo.example.se",
    "preferences_url": "https://pmo.example.se/m/preferences/x/",
    "unsubscribe_url": "https://pmo.example.se/m/unsubscribe/x/",
}


def make(body: str) -> rendering.Compiled:
    return rendering.compile_mail(
        subject="S", preview="P", body=body, layout="campaign", language="sv"
    )


def describe(segments: tuple[Segment, ...]) -> list[str]:
    return [
        each.text if isinstance(each, Literal) else f"{each.name}={each.fallback}"
        for each in segments
    ]


def test_targets_are_counted_once_each_in_the_order_of_the_page() -> None:
    compiled = make("[b](https://b.se/) [a](https://a.se/?x=1&y=2) [b](https://b.se/)")
    assert rendering.get_targets(compiled=compiled) == ("https://b.se/", "https://a.se/?x=1&y=2")


def test_mail_addresses_and_placeholders_are_no_targets() -> None:
    compiled = make("[a](mailto:a@b.se) {{ result_url }} https://bare.se/")
    assert rendering.get_targets(compiled=compiled) == ()


def test_a_mail_without_links_is_made_of_the_same_pieces_as_before() -> None:
    segments = (
        Literal(text="a https://a.se b"),
        Placeholder(name="x", fallback=None, line=1, column=1),
    )
    assert links.open_text(segments, ()) == links.open_html(segments, ()) == segments


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Läs <https://a.se/>, nu", ["Läs <", "link_1=https://a.se/", ">, nu"]),
        ("Läs: https://a.se/", ["Läs: ", "link_1=https://a.se/"]),
        ("https://a.se/.\n", ["", "link_1=https://a.se/", ".\n"]),
        ("(https://a.se/b) x", ["(", "link_2=https://a.se/b", ") x"]),
        ("https://a.se/bc", ["https://a.se/bc"]),
        ("xhttps://a.se/", ["xhttps://a.se/"]),
        ("https://a.se/b/c https://a.se/b", ["https://a.se/b/c ", "link_2=https://a.se/b"]),
    ],
)
def test_whole_addresses_are_found_in_running_text(text: str, pieces: list[str]) -> None:
    found = links.open_text((Literal(text=text),), ("https://a.se/", "https://a.se/b"))
    assert describe(found) == pieces


def test_an_address_in_the_page_is_found_as_the_browser_reads_it() -> None:
    page = '<a href="https://a.se/?x=1&amp;y=2" style="color: red">x</a>'
    targets = links.find_targets(page)
    assert targets == ("https://a.se/?x=1&y=2",)
    assert describe(links.open_html((Literal(text=page),), targets)) == [
        '<a href="',
        "link_1=https://a.se/?x=1&y=2",
        '" style="color: red">x</a>',
    ]


urls = st.text(st.sampled_from("abåö/?&=#%;.,()-~'\""), max_size=12).map("https://x.se/".__add__)


@hypothesis_settings(max_examples=120, deadline=None)
@given(st.lists(urls, min_size=1, max_size=4), st.sampled_from(["[t](<{}>)", "<{}>", "[t]({})."]))
@example(["https://x.se/?a=1&b=2", "https://x.se/"], "[t](<{}>)")
def test_without_other_values_the_mail_says_what_its_author_wrote(
    targets: list[str], form: str
) -> None:
    try:
        compiled = make("Hej\n\n" + "\n\n".join(form.format(each) for each in targets))
    except rendering.PlaceholderError:
        return
    rendered = rendering.render(compiled=compiled, values=VALUES)
    filled = compiled.html
    for name, value in VALUES.items():
        filled = filled.replace(f"{{{{ {name} }}}}", html.escape(value))
    assert html.unescape(rendered.html) == html.unescape(filled)
    raw = mime.splice(skeleton=rendering.get_skeleton(compiled=compiled), values=VALUES, headers={})
    text, page = message_from_bytes(raw, policy=policy.default).iter_parts()
    assert text.get_content().replace("\r\n", "\n") == rendered.text
    assert page.get_content().replace("\r\n", "\n") == rendered.html


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.lists(urls, min_size=1, max_size=4, unique=True))
def test_another_value_takes_the_place_of_each_link_in_the_page(targets: list[str]) -> None:
    compiled = make("\n\n".join(f"[t](<{each}>)" for each in targets))
    found = rendering.get_targets(compiled=compiled)
    others = {
        rendering.get_link_name(number): f"https://go.se/{number}/"
        for number in range(1, len(found) + 1)
    }
    page = rendering.render(compiled=compiled, values=VALUES | others).html
    assert links.find_targets(page)[: len(found)] == tuple(others.values())
