from hypothesis import given
from hypothesis import strategies as st

from pmoportal.differences import CONTEXT, Change, Piece, compare, get_changes


def test_equal_documents_have_no_changes() -> None:
    assert list(get_changes({"a": [{"key": "x"}]}, {"a": [{"key": "x"}]})) == []


def test_a_change_has_its_place_and_both_values() -> None:
    old, new = {"window": {"opens": "08:30"}}, {"window": {"opens": "09:00"}}
    assert list(get_changes(old, new)) == [
        Change(place="window.opens", kind="changed", old="08:30", new="09:00")
    ]


def test_rows_are_known_by_their_keys_and_come_and_go_whole() -> None:
    old = {"steps": [{"key": "a", "n": 1}, {"key": "b", "n": 1}]}
    new = {"steps": [{"key": "b", "n": 2}, {"key": "c", "n": 1}]}
    assert [(each.place, each.kind) for each in get_changes(old, new)] == [
        ("steps.a", "removed"),
        ("steps.b.n", "changed"),
        ("steps.c", "added"),
    ]


def test_another_order_is_one_change() -> None:
    old = {"steps": [{"key": "a"}, {"key": "b"}]}
    new = {"steps": [{"key": "b"}, {"key": "a"}]}
    assert [(each.place, each.kind) for each in get_changes(old, new)] == [("steps", "moved")]


def test_rows_without_keys_are_compared_as_a_whole() -> None:
    assert list(get_changes({"a": [1, 2]}, {"a": [1]})) == [
        Change(place="a", kind="changed", old="1, 2", new="1")
    ]


def test_of_a_text_the_words_are_told_that_come_and_go() -> None:
    (change,) = get_changes({"t": "ett två tre"}, {"t": "ett fyra tre"})
    assert change.pieces == (
        Piece(kind="same", text="ett "),
        Piece(kind="gone", text="två"),
        Piece(kind="new", text="fyra"),
        Piece(kind="same", text=" tre"),
    )


def test_what_stays_of_a_long_text_is_cut_to_the_words_around() -> None:
    long = " ".join(f"o{number}" for number in range(100))
    same, _new = compare(long, f"{long} slut")
    assert same.text.startswith("… ")
    assert len(same.text.split()) <= CONTEXT + 1


def test_a_short_text_is_told_whole_with_its_spaces() -> None:
    pieces = compare("Rubrik två {{ name | du }}", "En rubrik {{ name | du }}")
    assert pieces[-1] == Piece(kind="same", text=" {{ name | du }}")


def test_very_long_texts_are_not_compared_word_by_word() -> None:
    assert compare("a " * 2000, "b " * 2000) == ()


@given(st.text(max_size=80), st.text(max_size=80))
def test_the_pieces_make_both_texts(old: str, new: str) -> None:
    pieces = compare(old, new)
    if any("…" in piece.text for piece in pieces):
        return
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == new
