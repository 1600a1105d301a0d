"""What differs between two documents of the same shape, place by place and word by word. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

LONGEST_SHOWN = 90
# Of words that stay, as many as these are shown around those that change.
CONTEXT = 6
MOST_WORDS = 3_000

_WORD = re.compile(r"\s+|\S+")


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A run of words that stays, goes or comes."""

    kind: Literal["same", "gone", "new"]
    text: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """One place in which two documents differ; `old` or `new` is empty where it is missing.
    `pieces` are the words of a text that changed; none for anything else.
    """

    place: str
    kind: Literal["added", "removed", "moved", "changed"]
    old: str
    new: str
    pieces: Sequence[Piece] = ()


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
        yield _build(place, old, new)


def _get_list_changes(old: list[Any], new: list[Any], place: str) -> Iterator[Change]:
    keyed = [
        {each.get("key"): each for each in rows if isinstance(each, Mapping)} for rows in (old, new)
    ]
    before, after = keyed
    if len(before) != len(old) or len(after) != len(new):
        yield _build(place, old, new)
        return
    if [key for key in before if key in after] != [key for key in after if key in before]:
        yield Change(
            place=place,
            kind="moved",
            old=", ".join(map(str, before)),
            new=", ".join(map(str, after)),
        )
    yield from get_changes(before, after, place)


def _build(place: str, old: Any, new: Any) -> Change:
    kind: Literal["added", "removed", "changed"] = "changed"
    if isinstance(old or new, Mapping):
        kind = "removed" if new is None else "added"
    is_text = isinstance(old, str) and isinstance(new, str) and " " in f"{old}{new}"
    pieces = compare(old, new) if is_text and old and new else ()
    return Change(place=place, kind=kind, old=_show(old), new=_show(new), pieces=pieces)


def compare(old: str, new: str) -> tuple[Piece, ...]:
    """Word by word; what stays is cut to the words around a change. Nothing for very long texts."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    if len(before) + len(after) > MOST_WORDS:
        return ()
    pieces = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for what, start, end, begin, finish in matcher.get_opcodes():
        if what == "equal":
            pieces.append(Piece(kind="same", text="".join(before[start:end])))
        else:
            pieces.append(Piece(kind="gone", text="".join(before[start:end])))
            pieces.append(Piece(kind="new", text="".join(after[begin:finish])))
    pieces = [piece for piece in pieces if piece.text]
    return tuple(_cut(piece, number, len(pieces)) for number, piece in enumerate(pieces))


def _cut(piece: Piece, number: int, count: int) -> Piece:
    words = _WORD.findall(piece.text)
    is_first, is_last = number == 0, number == count - 1
    head = [] if is_first else words[:CONTEXT]
    tail = [] if is_last else words[-CONTEXT:]
    is_short = len(piece.text) <= LONGEST_SHOWN or len(words) <= len(head) + len(tail) + 1
    if piece.kind != "same" or is_short:
        return piece
    # The space beside a change belongs to the text; that at either end is ours.
    text = f"{''.join(head)} … {''.join(tail)}"
    text = text.lstrip(" ") if is_first else text
    return Piece(kind="same", text=text.rstrip(" ") if is_last else text)


def _show(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        value = value.get("key", "…")
    elif isinstance(value, list):
        value = ", ".join(map(str, value)) or "–"
    text = str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
