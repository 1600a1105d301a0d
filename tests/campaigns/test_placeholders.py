"""Tables of cases, and properties over generated texts."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.placeholders import (
    ALL_VARIABLES,
    CAMPAIGN_VARIABLES,
    MAX_BYTES,
    TIP_VARIABLES,
    Literal,
    Placeholder,
    PlaceholderError,
    Problem,
    Segment,
    check,
    check_values,
    fill,
    parse,
    read_out,
)


def plain(text: str) -> str:
    return text


def get_codes(text: str) -> list[tuple[int, int, str]]:
    problems = check(text=text, allowed=TIP_VARIABLES)
    return [(each.line, each.column, each.code) for each in problems]


def get_refusal(text: str) -> tuple[Problem, ...]:
    try:
        parse(text=text)
    except PlaceholderError as refused:
        return tuple(sorted(refused.problems, key=lambda each: (each.line, each.column)))
    return ()


def test_parse_splits_text_and_placeholders() -> None:
    assert parse(text="Hej {{ first_name | du }}!\n{{result_url}}") == (
        Literal(text="Hej "),
        Placeholder(name="first_name", fallback="du", line=1, column=5),
        Literal(text="!\n"),
        Placeholder(name="result_url", fallback=None, line=2, column=1),
    )


def test_parse_lets_an_author_break_lines_inside_a_placeholder() -> None:
    (only,) = parse(text="{{ weakest_role\n  | din   svagaste\n roll }}")

    assert str(only) == "{{ weakest_role | din svagaste roll }}"


def test_parse_leaves_single_braces_alone() -> None:
    assert parse(text="{a} } { %}") == (Literal(text="{a} } { %}"),)


def test_parse_raises_with_every_problem_of_form() -> None:
    with pytest.raises(PlaceholderError) as refused:
        parse(text="{{ }} och\n{% debug %}")

    assert [each.code for each in refused.value.problems] == ["empty_name", "tag"]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("Hej {{ first_name | du", [(1, 5, "unclosed")]),
        ("{{ first_name {{ role_name }}", [(1, 1, "unclosed")]),
        ("Hej }}", [(1, 5, "stray_close")]),
        ("{{ }}", [(1, 1, "empty_name")]),
        ("{{ | du }}", [(1, 1, "empty_name")]),
        ("{{ First }}", [(1, 1, "bad_name")]),
        ("{{ förnamn | du }}", [(1, 1, "bad_name")]),
        ("{{ first_name | }}", [(1, 1, "empty_fallback")]),
        ("{{ settings.SECRET_KEY }}", [(1, 1, "dotted_name")]),
        ("{{ lead.delete }}", [(1, 1, "dotted_name")]),
        ("{{ request }}", [(1, 1, "unknown_variable")]),
        ("{{7*7}}", [(1, 1, "bad_name")]),
        ('{{ "a"|center:"30000000" }}', [(1, 1, "bad_name"), (1, 1, "filter")]),
        ("{{ first_name|safe }}", [(1, 1, "filter")]),
        ('{{ first_name | default: "du" }}', [(1, 1, "filter")]),
        ("{{ first_name | du | upper }}", [(1, 1, "filter")]),
        ("a\nb {% load x %}", [(2, 3, "tag")]),
        ("{% include 'x' %}\n{% url 'y' %}", [(1, 1, "tag"), (2, 1, "tag")]),
        ("{# hidden #}", [(1, 1, "comment")]),
        ("{{ overall_score }}", [(1, 1, "missing_fallback")]),
        ("{{ booking_url | här }}", [(1, 1, "bad_link")]),
        ("{{ booking_url | mailto:hej@example.com }}", []),
        ("{{ first_name | klockan 8:30 }} {{ role_name }}", []),
    ],
)
def test_check_reports_place_and_kind(text: str, problems: list[tuple[int, int, str]]) -> None:
    assert get_codes(text) == problems


def test_check_reports_all_problems_in_the_order_of_the_text() -> None:
    text = "{{ fist_name | du }}\n{{ verdict }} }}\n{% if x %}"

    assert check(text=text, allowed=CAMPAIGN_VARIABLES) == (
        Problem(
            line=1,
            column=1,
            code="unknown_variable",
            name="fist_name",
            suggestion="first_name",
        ),
        Problem(line=2, column=1, code="missing_fallback", name="verdict"),
        Problem(line=2, column=15, code="stray_close"),
        Problem(line=3, column=1, code="tag"),
    )


def test_check_knows_role_name_in_tips_only() -> None:
    assert check(text="{{ role_name }}", allowed=TIP_VARIABLES) == ()
    assert check(text="{{ role_name }}", allowed=CAMPAIGN_VARIABLES) != ()


def test_check_refuses_a_text_above_the_limit() -> None:
    assert get_codes("a" * MAX_BYTES) == []
    assert get_codes("å" * MAX_BYTES) == [(1, 1, "too_long")]


def test_fill_takes_the_value_or_else_the_fallback() -> None:
    segments = parse(text="Hej {{ first_name | du }}, {{ first_name | du }}")

    assert fill(segments=segments, values={"first_name": "Åsa"}, escape=plain) == "Hej Åsa, Åsa"
    assert fill(segments=segments, values={"first_name": ""}, escape=plain) == "Hej du, du"
    assert fill(segments=segments, values={}, escape=plain) == "Hej du, du"


def test_fill_escapes_values_and_fallbacks_but_not_the_text() -> None:
    segments = parse(text="<b>{{ first_name | R&D }}</b>")

    assert fill(segments=segments, values={}, escape=html.escape) == "<b>R&amp;D</b>"


def test_fill_names_a_value_that_must_be_there() -> None:
    with pytest.raises(KeyError, match="result_url"):
        fill(segments=parse(text="{{ result_url }}"), values={"result_url": ""}, escape=plain)


def test_fill_stops_at_the_limit() -> None:
    with pytest.raises(ValueError, match="longer than"):
        fill(
            segments=parse(text="{{ verdict | x }}" * 1000),
            values={"verdict": "y" * 1000},
            escape=plain,
        )


@pytest.mark.parametrize(
    "value", ["javascript:alert(1)", "//evil.example", "https://a b", "data:text/html,x"]
)
def test_check_values_refuses_what_is_not_a_link(value: str) -> None:
    with pytest.raises(ValueError, match="result_url"):
        check_values(values={"result_url": value})


def test_check_values_accepts_links_and_any_text() -> None:
    check_values(
        values={
            "result_url": "https://example.com/resultat/a.b/?x=1&y=2",
            "booking_url": "mailto:hej@example.com",
            "first_name": "javascript:",
        }
    )


def test_every_link_variable_is_named_so() -> None:
    named = {name for name in ALL_VARIABLES if name.endswith("_url")}

    assert named == {name for name, each in ALL_VARIABLES.items() if each.kind == "url"}


safe_text = st.text(st.characters(exclude_characters="{}|%#", exclude_categories=["Cs"]))
fallbacks = safe_text.map(lambda text: " ".join(text.split())).filter(
    lambda text: text != "" and ":" not in text and not text.islower()
)
placeholders = st.builds(
    Placeholder,
    name=st.sampled_from(sorted(ALL_VARIABLES)),
    fallback=st.none() | fallbacks,
    line=st.just(1),
    column=st.just(1),
)
segments_of_any_kind = st.lists(
    placeholders | st.builds(Literal, text=safe_text.filter(bool)), max_size=8
)


def write(segments: list[Segment]) -> str:
    return "".join(each.text if isinstance(each, Literal) else str(each) for each in segments)


@given(segments_of_any_kind)
def test_parse_reads_back_what_the_canonical_form_says(segments: list[Segment]) -> None:
    assert write(list(parse(text=write(segments)))) == write(segments)


@given(segments_of_any_kind, st.dictionaries(st.sampled_from(sorted(ALL_VARIABLES)), st.text()))
def test_fill_never_reads_a_value_as_a_placeholder(
    segments: list[Segment], values: dict[str, str]
) -> None:
    values = dict.fromkeys(ALL_VARIABLES, "{{ first_name | {% x %} }}") | {
        name: value for name, value in values.items() if value
    }
    wanted = "".join(
        each.text if isinstance(each, Literal) else values[each.name] for each in segments
    )

    assert fill(segments=parse(text=write(segments)), values=values, escape=plain) == wanted


@given(st.text(st.sampled_from("{}%#|. \nab_:\"'")))
def test_parse_refuses_exactly_what_check_finds_wrong_in_form(text: str) -> None:
    names = dict.fromkeys(("a", "b", "ab", "ba"), TIP_VARIABLES["role_name"])
    problems = check(text=text, allowed=names)
    form = tuple(each for each in problems if each.code != "unknown_variable")

    assert get_refusal(text) == form


@given(st.text(), st.integers(0, 200))
def test_check_points_at_the_very_place(before: str, cut: int) -> None:
    clean = before.translate(dict.fromkeys(map(ord, "{}%#")))[:cut]
    (problem,) = check(text=clean + "{% x %}", allowed={})

    lines = (clean + "{% x %}").split("\n")
    assert lines[problem.line - 1][problem.column - 1 :].startswith("{%")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Hej {{ first_name | du }}!", "Hej du!"),
        ("{{ verdict }} för er", "… för er"),
        ("Hej {{ first_name", "Hej {{ first_name"),
        ("", ""),
    ],
)
def test_a_subject_is_told_with_its_fallbacks(text: str, told: str) -> None:
    assert read_out(text=text) == told
