import copy

import pytest

from assessments import seeding
from assessments.document import check
from assessments.models import Assessment, Question, Role
from assessments.publishing import build_document, get_published
from tests.factories import TUESDAY, read_content

pytestmark = pytest.mark.django_db


@pytest.fixture
def shipped() -> dict:
    return read_content("assessment.yaml")


def seed(shipped: dict) -> tuple[Assessment, seeding.Seeded]:
    return seeding.seed_assessment(shipped=shipped)


def test_seeding_writes_exactly_the_content_file(shipped: dict) -> None:
    assessment, _ = seed(shipped)
    assert build_document(assessment=assessment) == shipped


def test_seeding_twice_changes_nothing(shipped: dict) -> None:
    seed(shipped)
    _, seeded = seed(shipped)
    assert (seeded.written, seeded.kept) == ([], [])


def test_seeding_follows_the_file_where_nobody_has_edited(shipped: dict) -> None:
    seed(shipped)
    shipped["roles"][0]["name"]["sv"] = "Taktmästare"
    seed(shipped)
    assert Role.objects.get(key="takthallare").name_sv == "Taktmästare"


def test_seeding_never_overwrites_what_a_marketer_changed(shipped: dict) -> None:
    seed(shipped)
    Question.objects.filter(key="no-shared-picture").update(text_sv="Vi ser inte helheten.")
    changed = copy.deepcopy(shipped)
    changed["questions"][1]["text"]["sv"] = "Nytt från oss."
    _, seeded = seed(changed)
    assert seeded.kept == ["pmo/questions/no-shared-picture"]
    assert Question.objects.get(key="no-shared-picture").text_sv == "Vi ser inte helheten."


def test_seeding_does_not_bring_back_what_a_marketer_removed(shipped: dict) -> None:
    seed(shipped)
    Question.objects.filter(key="sector").delete()
    _, seeded = seed(shipped)
    assert seeded.kept == ["pmo/questions/sector"]
    assert not Question.objects.filter(key="sector").exists()


def test_publish_seeded_leaves_an_edited_draft_to_its_editor(shipped: dict) -> None:
    assessment, seeded = seed(shipped)
    seeding.publish_seeded(assessment=assessment, seeded=seeded, now=TUESDAY)
    Question.objects.filter(key="sector").delete()
    shipped["roles"][0]["name"]["sv"] = "Taktmästare"
    assessment, seeded = seed(shipped)
    version = seeding.publish_seeded(assessment=assessment, seeded=seeded, now=TUESDAY)
    assert version.number == 1
    assert get_published(key="pmo") == version


def test_shipped_content_has_no_problem(shipped: dict) -> None:
    assert check(shipped) == ()
