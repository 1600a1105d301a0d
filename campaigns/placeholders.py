"""The one thing a marketer may put into a text besides words: `{{ name | fallback }}`.

Text is data, never a program: no tags, no filters, no attributes, only names from a table.
Where the values come from is the sender's matter; what a name may be is decided here.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal as OneOf

MAX_BYTES = 100_000
MAX_FILLED = 200_000

_MARK = re.compile(r"\{\{|\}\}|\{%|\{#")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
# What people bring with them from template languages; as fallback text it is a mistake.
_FILTER = re.compile(
    r"[a-z_]+:\s?[\"']"
    r"|(safe|escape|force_escape|upper|lower|title|capfirst|striptags|linebreaks|center"
    r"|truncatewords|truncatechars|stringformat)(:.*)?$"
)
_LINK = re.compile(r"(https?://|mailto:)[^\s<>\"]+")
_OPENERS = {"{%": "tag", "{#": "comment"}


@dataclass(frozen=True, kw_only=True)
class Literal:
    text: str


@dataclass(frozen=True, kw_only=True)
class Placeholder:
    """`fallback` None: none was written, so a value must always be there."""

    name: str
    fallback: str | None
    line: int
    column: int

    def __str__(self) -> str:
        """The canonical form, which parses back to the same placeholder."""
        written = self.name if self.fallback is None else f"{self.name} | {self.fallback}"
        return f"{{{{ {written} }}}}"


Segment = Literal | Placeholder
Kind = OneOf["text", "url"]


@dataclass(frozen=True, kw_only=True)
class Variable:
    """`optional`: may be missing for some respondent, so every use needs a fallback."""

    name: str
    optional: bool
    kind: Kind


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong and where; `place` is set by callers that check several texts at once."""

    line: int
    column: int
    code: str
    name: str = ""
    suggestion: str = ""
    place: str = ""


class PlaceholderError(ValueError):
    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{each.line}:{each.column} {each.code}" for each in problems))
        self.problems = problems


def _get_variables(
    names: str, *, kind: Kind = "text", optional: bool = False
) -> dict[str, Variable]:
    return {name: Variable(name=name, optional=optional, kind=kind) for name in names.split()}


CAMPAIGN_VARIABLES: Mapping[str, Variable] = {
    **_get_variables("result_url retake_url booking_url", kind="url"),
    **_get_variables("first_name verdict overall_score second_role", optional=True),
    **_get_variables("weakest_role weakest_score weakest_step", optional=True),
}
TIP_VARIABLES: Mapping[str, Variable] = {**CAMPAIGN_VARIABLES, **_get_variables("role_name")}
CONFIRM_VARIABLES: Mapping[str, Variable] = {
    **_get_variables("confirm_url stop_url site_url", kind="url"),
    **_get_variables("asked_at sender_name"),
}
STOP_VARIABLES: Mapping[str, Variable] = _get_variables("stop_url", kind="url")
ACT_VARIABLES: Mapping[str, Variable] = {
    **_get_variables("act_url", kind="url"),
    **_get_variables("asked_at contact_email"),
}
FAREWELL_VARIABLES: Mapping[str, Variable] = {
    **_get_variables("stay_url", kind="url"),
    **_get_variables("gone_on"),
}
# What mail to colleagues may list, and the bars of their digest.
STAFF_VARIABLES: Mapping[str, Variable] = {
    **_get_variables("desk_url choices_url register_url", kind="url"),
    **_get_variables(" ".join(f"row_{place}_url" for place in range(1, 11)), kind="url"),
    **_get_variables(
        " ".join(
            f"row_{place}_{what}" for place in range(1, 11) for what in ("name", "mark", "text")
        )
    ),
    **_get_variables(
        " ".join(f"bar_{place}_{what}" for place in range(1, 6) for what in ("value", "width"))
    ),
    **_get_variables("count week more"),
}
# What the layout writes by itself. A role's score is missing when too little was answered.
LAYOUT_VARIABLES: Mapping[str, Variable] = {
    **_get_variables("unsubscribe_url preferences_url answer_url site_url", kind="url"),
    **_get_variables("sender_name postal_address"),
    **_get_variables("role_1_name role_2_name role_3_name role_4_name"),
    **_get_variables("role_1_score role_2_score role_3_score role_4_score", optional=True),
    **_get_variables("role_1_label role_2_label role_3_label role_4_label", optional=True),
}
ALL_VARIABLES: Mapping[str, Variable] = {
    **TIP_VARIABLES,
    **CONFIRM_VARIABLES,
    **STOP_VARIABLES,
    **ACT_VARIABLES,
    **FAREWELL_VARIABLES,
    **STAFF_VARIABLES,
    **LAYOUT_VARIABLES,
}


def parse(*, text: str) -> tuple[Segment, ...]:
    """Raises PlaceholderError with everything that is wrong with the form of `text`."""
    segments, problems = _read(text)
    if problems:
        raise PlaceholderError(tuple(problems))
    return tuple(segments)


def check(*, text: str, allowed: Mapping[str, Variable]) -> tuple[Problem, ...]:
    """All problems of `text`, those of form and those of meaning, in the order of the text."""
    segments, problems = _read(text)
    for segment in segments:
        if isinstance(segment, Placeholder):
            problems += _judge_meaning(segment, allowed)
    return tuple(sorted(problems, key=lambda each: (each.line, each.column)))


def fill(
    *, segments: Iterable[Segment], values: Mapping[str, str], escape: Callable[[str], str]
) -> str:
    """Values and fallbacks go through `escape`, the author's own text does not.

    KeyError when a placeholder has neither value nor fallback.
    """
    filled = "".join(
        segment.text if isinstance(segment, Literal) else escape(get_value(segment, values))
        for segment in segments
    )
    if len(filled) > MAX_FILLED:
        raise ValueError(f"the filled text is longer than {MAX_FILLED} characters")
    return filled


def get_value(placeholder: Placeholder, values: Mapping[str, str]) -> str:
    value = values.get(placeholder.name) or placeholder.fallback
    if value is None:
        raise KeyError(placeholder.name)
    return value


def read_out(*, text: str) -> str:
    """As it would be told to a colleague: fallbacks in place of placeholders, and three dots for
    one without. A text whose form is wrong is told as it is.
    """
    segments, problems = _read(text)
    if problems:
        return text
    return "".join(
        each.text if isinstance(each, Literal) else each.fallback or "…" for each in segments
    )


def check_values(*, values: Mapping[str, str]) -> None:
    """Raises ValueError for a link that a mail must not carry, whoever made the value."""
    for name, value in values.items():
        variable = ALL_VARIABLES.get(name)
        is_link = variable is not None and variable.kind == "url"
        if is_link and value and not _LINK.fullmatch(value):
            raise ValueError(f"{name} is not a web or mail address")


def _read(text: str) -> tuple[list[Segment], list[Problem]]:
    if len(text.encode(errors="replace")) > MAX_BYTES:
        return [], [Problem(line=1, column=1, code="too_long")]
    segments: list[Segment] = []
    problems: list[Problem] = []
    start, line, counted = 0, 1, 0
    while mark := _MARK.search(text, start):
        if mark.start() > start:
            segments.append(Literal(text=text[start : mark.start()]))
        line += text.count("\n", counted, mark.start())
        column = mark.start() - text.rfind("\n", 0, mark.start())
        counted = mark.start()
        end = _MARK.search(text, mark.end())
        if mark[0] == "{{" and end and end[0] == "}}":
            placeholder = _get_placeholder(text[mark.end() : end.start()], line, column)
            segments.append(placeholder)
            problems += _judge_form(placeholder)
            start = end.end()
        else:
            code = _OPENERS.get(mark[0], "unclosed" if mark[0] == "{{" else "stray_close")
            problems.append(Problem(line=line, column=column, code=code))
            start = mark.end()
    if start < len(text):
        segments.append(Literal(text=text[start:]))
    return segments, problems


def _get_placeholder(inside: str, line: int, column: int) -> Placeholder:
    name, pipe, fallback = inside.partition("|")
    # Any run of white space counts as one blank, so that an author may break lines freely.
    return Placeholder(
        name=name.strip(),
        fallback=" ".join(fallback.split()) if pipe else None,
        line=line,
        column=column,
    )


def _judge_form(placeholder: Placeholder) -> Iterator[Problem]:
    name, fallback = placeholder.name, placeholder.fallback
    if not name:
        yield _get_problem(placeholder, "empty_name")
    elif not _NAME.fullmatch(name):
        yield _get_problem(placeholder, "dotted_name" if "." in name else "bad_name")
    if fallback == "":
        yield _get_problem(placeholder, "empty_fallback")
    elif fallback and ("|" in fallback or _FILTER.match(fallback)):
        yield _get_problem(placeholder, "filter")


def _judge_meaning(placeholder: Placeholder, allowed: Mapping[str, Variable]) -> Iterator[Problem]:
    variable = allowed.get(placeholder.name)
    if variable is None:
        if _NAME.fullmatch(placeholder.name):
            nearest = get_close_matches(placeholder.name, allowed, n=1)
            yield _get_problem(placeholder, "unknown_variable", *nearest)
    elif placeholder.fallback is None:
        if variable.optional:
            yield _get_problem(placeholder, "missing_fallback")
    elif variable.kind == "url" and not _LINK.fullmatch(placeholder.fallback):
        yield _get_problem(placeholder, "bad_link")


def _get_problem(placeholder: Placeholder, code: str, suggestion: str = "") -> Problem:
    return Problem(
        line=placeholder.line,
        column=placeholder.column,
        code=code,
        name=placeholder.name,
        suggestion=suggestion,
    )
