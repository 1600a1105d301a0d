import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.sheets.cells import DANGEROUS, UNPRINTABLE, protect, restore


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('=HYPERLINK("http://evil")', '\'=HYPERLINK("http://evil")'),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("|cmd", "'|cmd"),
        ("\tx", "'\tx"),
        ("\r=1", "'\r=1"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("\x00=1", "'=1"),
        ("'=1", "''=1"),
        ("Alva", "Alva"),
        ("'t Hooft", "'t Hooft"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_what_begins_like_a_formula_gets_an_apostrophe(text: str, shown: str) -> None:
    assert protect(text) == shown
    assert restore(shown) == UNPRINTABLE.sub("", text)


@given(st.text(alphabet=st.sampled_from("'=+-@ \t\r\nab|\x00＝"), max_size=8))
def test_nothing_dangerous_goes_out_and_everything_comes_back(text: str) -> None:
    shown = protect(text)
    assert restore(shown) == UNPRINTABLE.sub("", text)
    assert shown.startswith("'") or not DANGEROUS.match(shown)


@given(st.text(max_size=20))
def test_any_text_comes_back(text: str) -> None:
    assert restore(protect(text)) == UNPRINTABLE.sub("", text)
