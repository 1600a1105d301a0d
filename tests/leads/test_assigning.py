from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from leads import assigning
from leads.models import Consultant, Lead
from tests.admin import make_user
from tests.factories import TUESDAY
from tests.leads.making import make_lead, make_leads

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def make_consultant(name: str, *, capacity: int = 10, away_days: int | None = None) -> User:
    user = make_user("Consultants", name=name)
    away = None if away_days is None else TUESDAY.date() + away_days * DAY
    Consultant.objects.create(user=user, capacity=capacity, away_until=away)
    return user


def share_out(leads: list[Lead]) -> assigning.Shared:
    return assigning.share_out(lead_ids=[lead.pk for lead in leads], now=TUESDAY)


def get_owners(leads: list[Lead]) -> list[str | None]:
    rows = Lead.objects.in_bulk([lead.pk for lead in leads])
    return [owner.username if (owner := rows[lead.pk].owner) else None for lead in leads]


def test_assign_gives_leads_to_a_colleague_also_those_of_another() -> None:
    one, other = make_user("Consultants", name="one"), make_user("Consultants", name="other")
    free, taken = make_lead(), make_lead(number=1, owner=other)
    changed = assigning.assign(lead_ids=[free.pk, taken.pk], owner_id=one.pk, now=TUESDAY)
    assert changed == [free.pk, taken.pk]
    assert get_owners([free, taken]) == ["one", "one"]
    assert Lead.objects.get(pk=free.pk).touched_at == TUESDAY


def test_assign_leaves_what_the_colleague_has_already() -> None:
    one = make_user("Consultants")
    lead = make_lead(owner=one)
    assert assigning.assign(lead_ids=[lead.pk], owner_id=one.pk, now=TUESDAY) == []
    assert Lead.objects.get(pk=lead.pk).touched_at is None


@pytest.mark.parametrize("group", ["Marketers", ""])
def test_nobody_without_the_right_to_leads_is_given_one(group: str) -> None:
    stranger, lead = make_user(group), make_lead()
    with pytest.raises(ValueError, match="nobody who works with leads"):
        assigning.assign(lead_ids=[lead.pk], owner_id=stranger.pk, now=TUESDAY)


def test_assign_takes_nobody_who_may_not_be_contacted() -> None:
    one, lead = make_user("Consultants"), make_lead(may_contact=False)
    assert assigning.assign(lead_ids=[lead.pk], owner_id=one.pk, now=TUESDAY) == []


def test_leads_are_shared_out_in_turn_the_best_first() -> None:
    a, b = make_consultant("a"), make_consultant("b")
    leads = make_leads(4)
    for lead, grade in zip(leads, ["C1", "A1", "B1", "D4"], strict=True):
        Lead.objects.filter(pk=lead.pk).update(override_grade=grade)
    shared = share_out(leads)
    assert (dict(shared.dealt), shared.left) == ({a.pk: 2, b.pk: 2}, 0)
    assert get_owners(leads) == ["a", "a", "b", "b"]


def test_open_leads_take_room_and_ended_ones_do_not() -> None:
    a, b = make_consultant("a", capacity=2), make_consultant("b", capacity=2)
    make_lead(number=90, owner=a)
    make_lead(number=91, owner=b, stage="won")
    leads = make_leads(3)
    shared = share_out(leads)
    assert (dict(shared.dealt), shared.left) == ({a.pk: 1, b.pk: 2}, 0)


def test_who_is_away_or_has_no_room_gets_none() -> None:
    make_consultant("away", away_days=1)
    make_consultant("full", capacity=0)
    back = make_consultant("back", away_days=0)
    shared = share_out(make_leads(2))
    assert dict(shared.dealt) == {back.pk: 2}


def test_who_left_the_work_with_leads_gets_none() -> None:
    left = make_consultant("left")
    left.groups.clear()
    leads = make_leads(1)
    assert (dict(share_out(leads).dealt), share_out(leads).left) == ({}, 1)


def test_what_nobody_has_room_for_stays_unowned() -> None:
    make_consultant("a", capacity=1)
    leads = make_leads(3)
    assert share_out(leads).left == 2
    assert get_owners(leads).count(None) == 2


def test_owned_ended_and_uncontactable_leads_are_not_shared_out() -> None:
    make_consultant("a")
    colleague = make_user("Consultants", name="colleague")
    leads = [
        make_lead(owner=colleague),
        make_lead(number=1, stage="lost"),
        make_lead(number=2, may_contact=False),
    ]
    shared = share_out(leads)
    assert (dict(shared.dealt), shared.left) == ({}, 0)
