from datetime import timedelta

import pytest

from leads import grading, invariants
from leads.models import Lead
from tests.admin import make_user
from tests.factories import TUESDAY
from tests.leads.making import make_lead

pytestmark = pytest.mark.django_db

SENTENCES = (
    "no stored score differs from its rows",
    "no lead has a grade set by hand that nobody wrote down",
    "no grade set by hand has outlived its day",
    "no lead is scored by rules that do not exist",
)


def get_broken(days: int = 0) -> dict[str, int]:
    found = invariants.check(now=TUESDAY + timedelta(days=days))
    return {each.sentence: each.count for each in found}


def test_nothing_is_broken_in_an_ordinary_life() -> None:
    lead, colleague = make_lead(), make_user("Consultants")
    make_lead(number=1, may_contact=False)
    grading.override(
        lead_id=lead.pk,
        grade="B2",
        reason="met",
        until=TUESDAY.date(),
        by_id=colleague.pk,
        now=TUESDAY,
    )
    assert get_broken() == {}
    assert get_broken(days=3) == {SENTENCES[2]: 1}
    grading.expire(now=TUESDAY + timedelta(days=3), limit=10)
    assert get_broken(days=3) == {}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"fit": 99}, SENTENCES[0]),
        ({"override_grade": "A1"}, SENTENCES[1]),
        (
            {"override_grade": "", "override_until": TUESDAY.date() - timedelta(days=9)},
            SENTENCES[2],
        ),
    ],
)
def test_what_is_bent_by_hand_is_found(change: dict[str, object], sentence: str) -> None:
    make_lead()
    Lead.objects.update(**change)
    assert get_broken() == {sentence: 1}


def test_a_score_by_rules_that_do_not_exist_is_found_and_breaks_nothing() -> None:
    make_lead()
    Lead.objects.update(rules_number=9)
    assert get_broken() == {SENTENCES[0]: 1, SENTENCES[3]: 1}
