"""A campaign with its tips as one readable file: written, read, and judged by its form.

What the texts mean is not judged here: a draft may be unfinished, and Publish says so.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from difflib import get_close_matches
from typing import Any
from zoneinfo import available_timezones

import yaml
from marshmallow import RAISE, Schema, ValidationError, fields, validate

FORMAT = 1
LARGEST_FILE = 1_000_000
HEAD = """\
# A campaign and its tips. Edit the texts, and bring the file back with “Import” in the admin or
# with `manage.py import_campaign`; nothing is sent before somebody publishes.
"""
LANGUAGES = ("sv", "en")

MESSAGES: dict[str, Any] = {
    "required": "missing",
    "null": "missing",
    "unknown": "unknown_field",
    "type": "wrong_type",
    "invalid": "wrong_type",
    "invalid_utf8": "wrong_type",
    "too_large": "out_of_range",
}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong with a file. `place` is a dotted path, `line` starts at 1; 0 is unknown."""

    place: str
    code: str
    name: str = ""
    suggestion: str = ""
    line: int = 0
    column: int = 0


class BadFile(ValueError):
    """`problems` lists everything that was found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{each.place} {each.code}" for each in problems))
        self.problems = problems


def write(*, document: Mapping[str, Any]) -> str:
    """The document as text. What was written reads back to the same document."""
    content = {"format": FORMAT, **document}
    return HEAD + yaml.dump(
        content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100, indent=2
    )


def read(*, text: str) -> dict[str, Any]:
    """The document in the text, in the shape of `drafts.build_document`. Raises BadFile."""
    if len(text.encode(errors="replace")) > LARGEST_FILE:
        raise BadFile([Problem(place="", code="too_large_file")])
    try:
        content = yaml.load(text, Loader=_Loader)  # noqa: S506  # a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise BadFile(
            [Problem(place="", code="not_yaml", name=str(error.problem), line=line)]
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise BadFile([Problem(place="", code="not_yaml", name=str(error)[:200])]) from error
    if isinstance(content, dict) and content.get("format", FORMAT) != FORMAT:
        raise BadFile([Problem(place="format", code="other_format", name=str(content["format"]))])
    try:
        document: dict[str, Any] = _File().load(_simplify(content))
    except ValidationError as error:
        raise BadFile(list(_flatten(error.normalized_messages()))) from error
    document.pop("format", None)
    if problems := list(_judge(document)):
        raise BadFile(problems)
    return document


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as they are, not in quotes; lists set in."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002
        super().increase_indent(flow, indentless=False)

    def represent_text(self, text: str) -> yaml.Node:
        style = "|" if "\n" in text else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    def represent_items(self, items: list[Any]) -> yaml.Node:
        is_short = all(isinstance(each, int) for each in items)
        return self.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=is_short)


_Dumper.add_representer(str, _Dumper.represent_text)
_Dumper.add_representer(list, _Dumper.represent_items)


class _Loader(yaml.SafeLoader):
    """Without aliases, which can make a gigabyte of a line, and without keys told twice."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(
                problem="an alias (*) is not allowed here",
                problem_mark=self.peek_event().start_mark,
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:  # noqa: FBT001, FBT002
        keys = [getattr(key, "value", None) for key, _ in node.value]
        for number, (key, _) in enumerate(node.value):
            if keys[number] in keys[:number]:
                raise yaml.MarkedYAMLError(
                    problem=f"{key.value} is told twice", problem_mark=key.start_mark
                )
        return super().construct_mapping(node, deep)


def _simplify(content: Any) -> Any:
    """A date without quotes is meant as its text."""
    if isinstance(content, Mapping):
        return {key: _simplify(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_simplify(value) for value in content]
    return content.isoformat() if isinstance(content, date) else content


class _Strict(Schema):
    error_messages = MESSAGES

    class Meta:
        unknown = RAISE


def _require_plain(text: str) -> None:
    if any(ord(letter) < 32 and letter not in "\n\t" for letter in text):
        raise ValidationError("control_character")


def _text(most: int, *, least: int = 0) -> fields.String:
    length = validate.Length(min=least, max=most, error="wrong_length")
    return fields.String(required=True, validate=[length, _require_plain], error_messages=MESSAGES)


def _key() -> fields.String:
    form = validate.Regexp(r"[-a-zA-Z0-9_]{1,50}\Z", error="not_a_key")
    return fields.String(required=True, validate=form, error_messages=MESSAGES)


def _number(least: int, most: int) -> fields.Integer:
    return fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(least, most, error="out_of_range"),
        error_messages=MESSAGES,
    )


def _choice(*choices: str) -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf(choices, error="not_a_choice"),
        error_messages=MESSAGES,
    )


def _texts(most: int, *, is_required: bool = False) -> fields.Nested:
    schema = _Strict.from_dict({language: _text(most) for language in LANGUAGES})
    return fields.Nested(schema, required=is_required, error_messages=MESSAGES)


def _require(read: Callable[[str], object], code: str) -> Callable[[str], None]:
    def check(text: str) -> None:
        try:
            read(text)
        except ValueError:
            raise ValidationError(code) from None

    return check


def _require_zone(text: str) -> None:
    if text not in available_timezones():
        raise ValidationError("not_a_zone")


def _plain(check: Any) -> fields.String:
    return fields.String(required=True, validate=check, error_messages=MESSAGES)


class _Window(_Strict):
    weekdays = fields.List(_number(1, 7), required=True, error_messages=MESSAGES)
    opens = _plain(_require(time.fromisoformat, "not_a_time"))
    closes = _plain(_require(time.fromisoformat, "not_a_time"))
    zone = _plain(_require_zone)


class _Texts(_Strict):
    subject = _texts(120)
    subject_b = _texts(120)
    preview = _texts(160)
    body = _texts(50_000)


class _Step(_Texts):
    key = _key()
    kind = _choice("result", "tip", "text")
    delay_days = _number(0, 3650)
    useful_days = _number(1, 3650)
    role_rank = fields.Integer(
        strict=True, validate=validate.Range(1, 20, error="out_of_range"), error_messages=MESSAGES
    )


class _Tip(_Texts):
    key = _key()
    role = _key()
    tier = _choice("weak", "developing", "strong")
    tags = fields.List(_text(40, least=1), error_messages=MESSAGES)


class _Campaign(_Strict):
    key = _key()
    name = _texts(120, is_required=True)
    assessment = _key()
    purpose = _choice("tips", "contact", "tracking")
    priority = _number(0, 32_000)
    cap_days = _number(0, 365)
    window = fields.Nested(_Window, required=True, error_messages=MESSAGES)
    blackout_dates = fields.List(
        _plain(_require(date.fromisoformat, "not_a_date")), required=True, error_messages=MESSAGES
    )
    steps = fields.List(fields.Nested(_Step), required=True, error_messages=MESSAGES)


class _File(_Strict):
    format = fields.Integer(error_messages=MESSAGES)
    campaign = fields.Nested(_Campaign, required=True, error_messages=MESSAGES)
    tips = fields.List(fields.Nested(_Tip), required=True, error_messages=MESSAGES)


KNOWN = sorted(
    {name for schema in (_File, _Campaign, _Window, _Step, _Tip) for name in schema().fields}
)


def _flatten(messages: Any, place: str = "") -> Iterator[Problem]:
    if isinstance(messages, Mapping):
        for key, value in messages.items():
            yield from _flatten(value, f"{place}.{key}".removesuffix("._schema").lstrip("."))
        return
    name = place.rpartition(".")[2]
    for code in messages:
        suggestion = get_close_matches(name, KNOWN, n=1) if code == "unknown_field" else []
        yield Problem(
            place=place,
            code=code,
            name=name,
            suggestion=suggestion[0] if suggestion else "",
        )


def _judge(document: dict[str, Any]) -> Iterator[Problem]:
    """What no single field can tell."""
    campaign, tips = document["campaign"], document["tips"]
    window = campaign["window"]
    if time.fromisoformat(window["opens"]) >= time.fromisoformat(window["closes"]):
        yield Problem(place="campaign.window.closes", code="closes_first")
    for number, step in enumerate(campaign["steps"]):
        place = f"campaign.steps.{number}"
        if (step["kind"] == "tip") != ("role_rank" in step):
            yield Problem(place=f"{place}.role_rank", code="role_of_tips_only")
        yield from _require_texts(step, place) if step["kind"] != "tip" else ()
    for number, tip in enumerate(tips):
        yield from _require_texts(tip, f"tips.{number}")
    yield from _require_once(campaign["steps"], "campaign.steps")
    yield from _require_once(tips, "tips")


def _require_texts(row: Mapping[str, Any], place: str) -> Iterator[Problem]:
    for part in ("subject", "preview", "body"):
        if part not in row:
            yield Problem(place=f"{place}.{part}", code="missing")


def _require_once(rows: Sequence[Mapping[str, Any]], place: str) -> Iterator[Problem]:
    keys = [row["key"] for row in rows]
    for number, key in enumerate(keys):
        if key in keys[:number]:
            yield Problem(place=f"{place}.{number}.key", code="told_twice", name=key)
