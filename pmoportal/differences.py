"""What differs between two documents of the same shape, place by place. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_SHOWN = 90


@dataclass(frozen=True, kw_only=True)
class Change:
    """One place in which two documents differ; empty where it is missing."""

    place: str
    old: str
    new: str


def get_changes(old: Any, new: Any, place: str = "") -> Iterator[Change]:
    """Where `new` differs from `old`, with the dotted place of each difference."""
    if old == new:
        return
    if isinstance(old, list) and isinstance(new, list):
        yield from _get_list_changes(old, new, place)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from get_changes(old.get(key), new.get(key), f"{place}.{key}".lstrip("."))
    else:
        yield Change(place=place, old=_show(old), new=_show(new))


def _get_list_changes(old: list[Any], new: list[Any], place: str) -> Iterator[Change]:
    keyed = [
        {each.get("key"): each for each in rows if isinstance(each, Mapping)} for rows in (old, new)
    ]
    before, after = keyed
    if len(before) != len(old) or len(after) != len(new):
        yield Change(place=place, old=_show(old), new=_show(new))
        return
    if [key for key in before if key in after] != [key for key in after if key in before]:
        yield Change(place=place, old=", ".join(map(str, before)), new=", ".join(map(str, after)))
    yield from get_changes(before, after, place)


def _show(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        value = value.get("key", "…")
    elif isinstance(value, list):
        value = ", ".join(map(str, value)) or "–"
    text = str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
