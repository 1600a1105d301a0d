from datetime import timedelta

import pytest

from leads import refusing
from leads.models import Refusal
from tests.admin import make_user
from tests.factories import TUESDAY

pytestmark = pytest.mark.django_db


def record(user_id: int, *, lead_id: int | None = 7, days: int = 0) -> None:
    now = TUESDAY + timedelta(days=days)
    refusing.record(user_id=user_id, page="GET leads_lead_change", lead_id=lead_id, now=now)


@pytest.mark.parametrize("lead_id", [7, None])
def test_the_same_attempt_is_one_row_a_day_with_a_count(lead_id: int | None) -> None:
    user = make_user("Marketers").pk
    for _ in range(3):
        record(user, lead_id=lead_id)
    row = Refusal.objects.get()
    assert (row.user_id, row.page, row.lead_id, row.times) == (
        user,
        "GET leads_lead_change",
        lead_id,
        3,
    )
    record(user, lead_id=lead_id, days=1)
    assert Refusal.objects.count() == 2


def test_another_lead_is_another_row() -> None:
    user = make_user("Marketers").pk
    record(user, lead_id=7)
    record(user, lead_id=8)
    assert Refusal.objects.count() == 2


def test_refusals_are_forgotten_after_a_year() -> None:
    user = make_user("Marketers").pk
    record(user)
    record(user, days=200)
    assert refusing.forget(now=TUESDAY + timedelta(days=366)) == 1
    assert Refusal.objects.count() == 1
