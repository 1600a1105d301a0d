import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.advising import Advice, advise, get_lix

CALM = "Vi ses och pratar en stund om hur det går. " * 10


def get_advice(**parts: str) -> list[tuple[str, str]]:
    texts = {"subject": "Ett möte", "preview": "Om en stund.", "body": CALM, "language": "sv"}
    return [(each.part, each.code) for each in advise(**(texts | parts), is_tip=True)]


def test_a_calm_mail_gets_no_advice() -> None:
    assert get_advice() == []


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({"subject": "x" * 50}, []),
        ({"subject": "x" * 51}, [("subject", "long_subject")]),
        ({"subject": "{{ weakest_role | något som är väldigt långt att skriva här }} idag"}, []),
        ({"subject": "Vinn en bil"}, [("subject", "spam_word")]),
        ({"subject": "Vinnande lag"}, []),
        ({"subject": "Coffee FOR FREE", "language": "en"}, [("subject", "spam_word")]),
        ({"preview": "Klicka här nu"}, [("preview", "spam_word")]),
        ({"subject": "Kom nu!!"}, [("subject", "shouting")]),
        ({"subject": "PMO och SAFE"}, []),
        ({"subject": "KOM HIT GENAST"}, [("subject", "shouting")]),
        ({"preview": "ett MÖTE"}, [("preview", "same_preview")]),
        ({"body": "Kort."}, [("body", "short_tip")]),
        ({"body": CALM * 2}, [("body", "long_tip")]),
        ({"body": CALM + " [a](https://a.se)" * 3}, []),
        ({"body": CALM + " [a](https://a.se)" * 4}, [("body", "many_links")]),
        (
            {"body": "Verksamhetsutvecklingens förutsättningar analyseras kontinuerligt " * 25},
            [("body", "hard_to_read")],
        ),
    ],
)
def test_each_advice_has_its_occasion(parts: dict[str, str], found: list[tuple[str, str]]) -> None:
    assert get_advice(**parts) == found


def test_a_letter_may_be_as_short_as_it_likes() -> None:
    assert advise(subject="Hej", preview="Du", body="Kort.", language="sv", is_tip=False) == ()


def test_advice_says_the_figure_it_is_about() -> None:
    found = advise(subject="x" * 60, preview="-", body="Kort.", language="sv", is_tip=True)
    assert found == (
        Advice(part="subject", code="long_subject", figure=60),
        Advice(part="body", code="short_tip", figure=1),
    )


def test_lix_is_words_per_sentence_and_the_share_of_long_words() -> None:
    # Ten words a sentence, of which two are longer than six letters.
    sentence = "Det går en hund genom parken och skäller väldigt mycket. "
    assert get_lix(sentence * 6) == 10 + 20


def test_a_paragraph_ends_a_sentence_and_a_few_words_are_too_few_to_say() -> None:
    assert get_lix("Sex små ord på en rad\n" * 10) == 6
    assert get_lix("Sex små ord på en rad. " * 9) is None


@given(st.text(), st.text(), st.text(), st.sampled_from(["sv", "en"]), st.booleans())
def test_whatever_is_written_can_be_judged(
    subject: str, preview: str, body: str, language: str, is_tip: bool
) -> None:
    found = advise(subject=subject, preview=preview, body=body, language=language, is_tip=is_tip)
    assert {each.part for each in found} <= {"subject", "preview", "body"}
