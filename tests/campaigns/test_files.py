"""The form of a campaign's file: what is written reads back, and what is wrong is told by place."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from campaigns import files
from tests.factories import IS_SOAK, ROLES, read_content


def get_document() -> dict[str, Any]:
    tips = [tip for role in ROLES for tip in read_content(f"tips/{role}.yaml")]
    return {"campaign": read_content("campaign.yaml"), "tips": tips}


def get_faults(text: str) -> list[tuple[str, str]]:
    with pytest.raises(files.BadFile) as error:
        files.read(text=text)
    return [(each.place, each.code) for each in error.value.problems]


def change(where: str, value: Any, *, is_gone: bool = False) -> str:
    """The shipped campaign as a file, with one place changed."""
    document = get_document()
    row: Any = document
    *path, last = where.split(".")
    for name in path:
        row = row[int(name)] if isinstance(row, list) else row[name]
    if is_gone:
        del row[last]
    else:
        row[last] = value
    return files.write(document=document)


def test_what_is_written_reads_back() -> None:
    assert files.read(text=files.write(document=get_document())) == get_document()


def test_texts_stand_in_the_file_as_they_are_read() -> None:
    text = files.write(document=get_document())
    assert "        sv: |-\n          Hej {{ first_name | du }},\n" in text
    assert "weekdays: [1, 2, 3, 4, 5]" in text
    assert "\\u" not in text


TRICKY = st.one_of(
    st.sampled_from(
        [
            "no",
            "2026-12-28",
            "1e3",
            "---",
            "a: b",
            " x",
            "# y",
            "'",
            '"',
            "åäö 🙂",
            "- z",
            "~",
            "*a",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=60),
    st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=30)).map(
        "\n".join
    ),
)


@limits(deadline=None, max_examples=500 if IS_SOAK else 40)
@given(st.lists(TRICKY, min_size=8, max_size=8), st.booleans())
def test_whatever_is_in_the_texts_survives_the_file(texts: list[str], has_second: bool) -> None:
    document = get_document()
    step = document["campaign"]["steps"][0]
    short = [text[:100] for text in texts]
    step["subject"] = {"sv": short[0], "en": short[1]}
    step["preview"] = {"sv": short[2], "en": short[3]}
    step["body"] = {"sv": texts[4], "en": texts[5]}
    if has_second:
        step["subject_b"] = {"sv": short[6], "en": short[7]}
    assert files.read(text=files.write(document=document)) == document


@pytest.mark.parametrize(
    ("where", "value", "found"),
    [
        ("campaign.delay", 1, ("campaign.delay", "unknown_field")),
        ("campaign.steps.1.delay_dys", 3, ("campaign.steps.1.delay_dys", "unknown_field")),
        ("campaign.steps.1.delay_days", "3", ("campaign.steps.1.delay_days", "wrong_type")),
        ("campaign.steps.1.delay_days", True, ("campaign.steps.1.delay_days", "wrong_type")),
        ("campaign.steps.1.delay_days", -1, ("campaign.steps.1.delay_days", "out_of_range")),
        ("campaign.steps.1.useful_days", 0, ("campaign.steps.1.useful_days", "out_of_range")),
        ("campaign.steps.1.kind", "letter", ("campaign.steps.1.kind", "not_a_choice")),
        ("campaign.steps.0.role_rank", 1, ("campaign.steps.0.role_rank", "role_of_tips_only")),
        ("campaign.steps.1.key", "result", ("campaign.steps.1.key", "told_twice")),
        ("campaign.steps.0.subject.de", "Hallo", ("campaign.steps.0.subject.de", "unknown_field")),
        ("campaign.steps.0.subject.sv", "x" * 121, ("campaign.steps.0.subject.sv", "wrong_length")),
        (
            "campaign.steps.0.body.sv",
            "a\x07b",
            ("campaign.steps.0.body.sv", "control_character"),
        ),
        ("campaign.steps", None, ("campaign.steps", "missing")),
        ("campaign.steps", {"a": 1}, ("campaign.steps", "wrong_type")),
        ("campaign.key", "en kampanj", ("campaign.key", "not_a_key")),
        ("campaign.window.opens", "soon", ("campaign.window.opens", "not_a_time")),
        ("campaign.window.closes", "08:00", ("campaign.window.closes", "closes_first")),
        ("campaign.window.zone", "Europe/Nowhere", ("campaign.window.zone", "not_a_zone")),
        ("campaign.window.weekdays", [8], ("campaign.window.weekdays.0", "out_of_range")),
        ("campaign.blackout_dates", ["soon"], ("campaign.blackout_dates.0", "not_a_date")),
        ("tips.0.tier", "weakest", ("tips.0.tier", "not_a_choice")),
    ],
)
def test_what_is_wrong_is_told_by_its_place(where: str, value: Any, found: tuple[str, str]) -> None:
    assert get_faults(change(where, value)) == [found]


@pytest.mark.parametrize(
    "where",
    ["campaign", "tips", "campaign.window.zone", "campaign.steps.0.body", "tips.0.subject.en"],
)
def test_what_is_missing_is_told_by_its_place(where: str) -> None:
    assert get_faults(change(where, None, is_gone=True)) == [(where, "missing")]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    document = get_document()
    document["campaign"]["priority"] = "high"
    document["tips"][3]["tier"] = "x"
    assert get_faults(files.write(document=document)) == [
        ("campaign.priority", "wrong_type"),
        ("tips.3.tier", "not_a_choice"),
    ]


def test_a_slip_of_the_pen_gets_a_suggestion() -> None:
    with pytest.raises(files.BadFile) as error:
        files.read(text=change("campaign.steps.1.delay_dys", 3))
    assert error.value.problems[0].suggestion == "delay_days"


def test_a_date_without_quotes_is_a_date() -> None:
    text = change("campaign.blackout_dates", ["2026-12-28"]).replace("'2026-12-28'", "2026-12-28")
    assert files.read(text=text)["campaign"]["blackout_dates"] == ["2026-12-28"]


BOMB = "\n".join(
    ["a: &a [x, x, x, x, x, x, x, x, x]"]
    + [f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in zip("abcdefg", "bcdefgh")]  # noqa: B905
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "wrong_type"),
        ("just words", "wrong_type"),
        ("[1, 2]", "wrong_type"),
        ("a: [", "not_yaml"),
        ("a: !!python/object/apply:os.system ['id']", "not_yaml"),
        ("a: \x00", "not_yaml"),
        ("a: 1\na: 2", "not_yaml"),
        (BOMB, "not_yaml"),
        ("[" * 5000, "not_yaml"),
        ("a: 2026-99-99", "not_yaml"),
        ("x" * (files.LARGEST_FILE + 1), "too_large_file"),
        ("format: 2", "other_format"),
    ],
)
def test_what_is_no_campaign_is_refused_and_quickly(text: str, code: str) -> None:
    began = time.perf_counter()
    assert {found for _, found in get_faults(text)} == {code}
    assert time.perf_counter() - began < 5


def test_what_cannot_be_read_is_told_by_its_line() -> None:
    with pytest.raises(files.BadFile) as error:
        files.read(text="campaign:\n  key: a\n  key: b\n")
    (problem,) = error.value.problems
    assert (problem.line, problem.name) == (3, "key is told twice")
