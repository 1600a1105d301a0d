"""What consultants start from: complete in both languages, and never over their own words."""

import pytest
from django.core.management import call_command

from leads import seeding
from leads.models import ClosingReason, OpeningQuestion
from tests.factories import ROLES, read_content

TIERS = ("weak", "developing", "strong")


def test_there_is_one_question_for_each_role_and_tier_in_both_languages() -> None:
    openings = read_content("leads.yaml")["openings"]
    places = {
        (role, tier): texts for role, tiers in openings.items() for tier, texts in tiers.items()
    }
    assert set(places) == {(role, tier) for role in ROLES for tier in TIERS}
    for texts in places.values():
        assert set(texts) == {"sv", "en"}
        assert all("?" in text or "Berätta" in text or "Tell" in text for text in texts.values())


def test_both_endings_have_reasons_in_both_languages() -> None:
    endings = read_content("leads.yaml")["endings"]
    assert {each["ending"] for each in endings} == {"won", "lost"}
    assert len({each["key"] for each in endings}) == len(endings)
    assert all(set(each["name"]) == {"sv", "en"} for each in endings)


@pytest.mark.django_db
def test_seeding_twice_changes_nothing() -> None:
    shipped = read_content("leads.yaml")
    first = seeding.seed_texts(shipped=shipped)
    again = seeding.seed_texts(shipped=shipped)
    assert (len(first.written), len(again.written), len(again.kept)) == (21, 0, 0)
    assert OpeningQuestion.objects.count() == 12


@pytest.mark.django_db
def test_what_somebody_edited_or_removed_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("seed_lead_texts")
    OpeningQuestion.objects.filter(role_key="brobyggare", tier="weak").update(text_sv="Egen?")
    ClosingReason.objects.get(key="lost-no-fit").delete()
    call_command("seed_lead_texts")
    assert "left as edited: opening/brobyggare/weak" in capsys.readouterr().out
    assert OpeningQuestion.objects.get(role_key="brobyggare", tier="weak").text_sv == "Egen?"
    assert not ClosingReason.objects.filter(key="lost-no-fit").exists()
