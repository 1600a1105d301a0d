"""What becomes of an author's Markdown, in HTML and in the text part."""

import html
import re

import pytest

from campaigns.placeholders import CAMPAIGN_VARIABLES, TIP_VARIABLES, PlaceholderError
from campaigns.rendering import Compiled, check_mail, compile_mail


def make(body: str) -> Compiled:
    return compile_mail(subject="Ämne", preview="Kort", body=body, layout="campaign", language="sv")


def get_letter(body: str) -> str:
    """The HTML of the author's own part."""
    page = make(body).html
    styles = re.compile(r' style="[^"]*"')
    letter = re.search(r'class="letter"[^>]*><div[^>]*>(.*?)</div>', page, re.DOTALL)
    assert letter
    return styles.sub("", letter[1])


def get_text(body: str) -> str:
    return make(body).text.partition("\n\n-----")[0]


def get_problems(body: str) -> list[tuple[int, str]]:
    problems = check_mail(subject="Ämne", preview="Kort", body=body, allowed=TIP_VARIABLES)
    return [(each.line, each.code) for each in problems]


@pytest.mark.parametrize(
    ("body", "letter"),
    [
        ("Hej **du**, *här*", "<p>Hej <strong>du</strong>, <em>här</em></p>"),
        ("# A\n\n## B\n\n### C", "<h1>A</h1><h2>B</h2><h3>C</h3>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("> a", "<blockquote><p>a</p></blockquote>"),
        ("a\n\n---\n\nb", "<p>a</p><hr><p>b</p>"),
        ("a  \nb", "<p>a<br>\nb</p>"),
        ("a & b < c", "<p>a &amp; b &lt; c</p>"),
        (
            "Se [här]({{ result_url }}).",
            '<p>Se <a href="{{ result_url }}">här</a>.</p>',
        ),
        (
            "[Öppna]({{result_url}})",
            '<p class="button"><a href="{{ result_url }}">Öppna</a></p>',
        ),
        (
            "Se {{ result_url }} nu",
            '<p>Se <a href="{{ result_url }}">{{ result_url }}</a> nu</p>',
        ),
        (
            "**{{ first_name | *du* & [x](y) }}**",
            "<p><strong>{{ first_name | *du* & [x](y) }}</strong></p>",
        ),
    ],
)
def test_markdown_becomes_a_few_safe_tags(body: str, letter: str) -> None:
    assert get_letter(body) == letter


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "<iframe src='https://example.com'></iframe>",
        "<form action=x><input></form>",
        "<base href='https://example.com'>",
        '<meta http-equiv="refresh" content="0">',
        '<p class="x" onclick="x">hej</p>',
        "Hej <b onmouseover=x>du</b>",
        "<!-- x --><style>p{}</style>",
    ],
)
def test_html_of_the_authors_own_is_shown_as_text(body: str) -> None:
    letter = get_letter(body)

    assert set(re.findall(r"<(\w+)", letter)) <= {"p"}
    assert html.unescape(re.sub(r"</?p>", "", letter)).strip() == body


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//evil.example",
        "/relative",
        "relative",
        "#here",
        "ftp://example.com",
        "{{ first_name | du }}",
        "https://example.com/{{ first_name | du }}",
        "{{ result_url }}{{ result_url }}",
    ],
)
def test_links_that_a_mail_must_not_carry_are_refused(link: str) -> None:
    # The link stands in angle brackets, as Markdown wants a destination with blanks.
    body = f"Hej\n\n[klicka](<{link}>)"

    assert get_problems(body) == [(3, "bad_link")]
    with pytest.raises(PlaceholderError):
        make(body)


def test_links_may_lead_to_the_web_and_to_a_mail_address() -> None:
    body = "[a](https://example.com/?a=1&b=ö) [b](mailto:hej@example.com) <https://example.com>"

    assert get_letter(body) == (
        '<p><a href="https://example.com/?a=1&amp;b=%C3%B6">a</a>'
        ' <a href="mailto:hej@example.com">b</a>'
        ' <a href="https://example.com">https://example.com</a></p>'
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Hej **du**, *här* & nu", "Hej du, här & nu"),
        ("[Öppna]({{ result_url }})", "Öppna: {{ result_url }}"),
        ("Se [här]({{ result_url }}), tack", "Se här <{{ result_url }}>, tack"),
        ("[b@example.com](mailto:b@example.com)", "b@example.com"),
        ("[Svara](mailto:b@example.com)", "Svara: b@example.com"),
        ("# A\n\n- b\n- c\n    - d\n\n1. e\n2. f", "A\n\n- b\n- c\n  - d\n\n1. e\n2. f"),
        ("> a\n> b", "> a b"),
        ("a\n\n---\n\nb", "a\n\n* * *\n\nb"),
        ("a  \nb\nc", "a\nb c"),
        (
            "a <b>c</b> &amp; {{ first_name | du & jag }}",
            "a <b>c</b> & {{ first_name | du & jag }}",
        ),
        ("`a` och\n\n    b", "a och\n\nb"),
    ],
)
def test_text_part_says_the_same_without_marks(body: str, text: str) -> None:
    assert get_text(body) == text


def test_text_part_is_wrapped_except_for_addresses() -> None:
    url = "https://example.com/" + "a" * 100
    text = get_text(f"{'ord ' * 60}[x]({url})\n\n- {'ord ' * 60}")

    assert [line for line in text.split("\n") if len(line) > 74] == [f"<{url}>"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("[Boka](https://)", "bad_link"),
        ("[Boka](mailto:)", "bad_link"),
        ("[](https://example.se)", "link_without_words"),
        ("[Boka {{ booking_url }}](https://example.se)", "link_without_words"),
        ("[Boka](https://example.se", "link_not_closed"),
    ],
)
def test_a_link_that_a_slip_of_the_pen_has_broken_is_refused(body: str, code: str) -> None:
    problems = check_mail(subject="Hej", preview="Hej", body=body, allowed=CAMPAIGN_VARIABLES)
    assert [each.code for each in problems] == [code]


@pytest.mark.parametrize(
    "body",
    [
        "[Boka]({{ booking_url }})",
        "[Boka **nu**](https://example.se)",
        "[Skriv](mailto:a@example.se)",
        "Se [1] (fotnot) och f(x)",
    ],
)
def test_a_whole_link_is_let_through(body: str) -> None:
    assert check_mail(subject="a", preview="b", body=body, allowed=CAMPAIGN_VARIABLES) == ()
