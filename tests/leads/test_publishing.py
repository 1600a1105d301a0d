from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import Error, transaction

from leads import publishing
from leads.models import ScoreRules
from leads.scoring_rules import SHIPPED, Rules
from tests.admin import make_user
from tests.factories import TUESDAY

pytestmark = pytest.mark.django_db

STEEPER = replace(SHIPPED, fit_floors=(70, 40, 20))


def publish(rules: Rules = STEEPER, *, expected: int = 0) -> ScoreRules | None:
    return publishing.publish(rules=rules, note="why", by_id=None, expected=expected, now=TUESDAY)


def test_the_shipped_rules_are_in_force_until_somebody_publishes() -> None:
    assert ScoreRules.objects.get_in_force().rules == SHIPPED
    publish()
    in_force = ScoreRules.objects.get_in_force()
    assert (in_force.number, in_force.rules, in_force.since) == (1, STEEPER, TUESDAY)


def test_an_edition_says_who_when_and_why() -> None:
    colleague = make_user("Marketers")
    row = publishing.publish(
        rules=STEEPER, note="too many A", by_id=colleague.pk, expected=0, now=TUESDAY
    )
    assert row is not None
    assert (row.published_by, row.published_at, row.note) == (colleague, TUESDAY, "too many A")


def test_the_same_rules_make_no_new_edition() -> None:
    assert publish(SHIPPED) is None
    assert ScoreRules.objects.count() == 0


def test_going_back_is_a_new_edition() -> None:
    publish()
    back = publish(SHIPPED, expected=1)
    assert back is not None
    assert (back.number, ScoreRules.objects.get_in_force().rules) == (2, SHIPPED)
    assert [row.number for row in ScoreRules.objects.order_by("number")] == [1, 2]


def test_rules_with_a_fault_are_refused() -> None:
    with pytest.raises(ValueError, match="fit_floors"):
        publish(replace(SHIPPED, fit_floors=(10, 20, 30)))


def test_who_did_not_know_of_a_colleagues_edition_is_told() -> None:
    publish()
    with pytest.raises(publishing.SomebodyElsePublished):
        publish(replace(SHIPPED, fit_floors=(80, 40, 20)), expected=0)


@pytest.mark.parametrize("change", [{"note": "x"}, {"document": {}}, {"number": 7}])
def test_the_database_refuses_to_change_an_edition(change: dict[str, object]) -> None:
    publish()
    with pytest.raises(Error, match="never changed"), transaction.atomic():
        ScoreRules.objects.update(**change)


def test_the_database_refuses_to_remove_an_edition() -> None:
    publish()
    with pytest.raises(Error, match="never changed"), transaction.atomic():
        ScoreRules.objects.all().delete()


def test_an_account_may_be_removed_and_its_editions_stay() -> None:
    colleague = make_user("Marketers")
    publishing.publish(
        rules=STEEPER, note="", by_id=colleague.pk, expected=0, now=TUESDAY + timedelta(days=1)
    )
    colleague.delete()
    assert ScoreRules.objects.get().published_by is None
