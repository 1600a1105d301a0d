"""What a consultant sees first, after logging in."""

from datetime import date

import pytest

from leads.models import Lead
from leads.overview import get_leads
from tests.admin import log_in, make_user
from tests.leads.making import make_lead, make_leads

pytestmark = pytest.mark.django_db


def test_the_best_that_nobody_has_are_shown_and_no_more_than_asked_for() -> None:
    leads = make_leads(4)
    for lead, grade in zip(leads, ("B1", "A2", "D4", "A1"), strict=True):
        Lead.objects.filter(pk=lead.pk).update(grade=grade)
    make_lead(number=9, may_contact=False)
    found = get_leads(owner_id=make_user("Consultants").pk, limit=5, unowned_limit=3)
    assert [call.grade for call in found.unowned] == ["A1", "A2", "B1"]
    assert (found.mine, found.unowned_count, found.unowned_best_count) == ([], 4, 2)


def test_ones_own_leads_stand_there_with_their_next_step() -> None:
    client = log_in("Consultants")
    lead = make_lead(next_step_at=date(2026, 9, 30), next_step="Send the example")
    Lead.objects.update(owner=int(client.session["_auth_user_id"]))
    page = client.get("/admin/").content.decode()
    assert "<strong>2026-09-30</strong> Send the example" in page
    assert f"/admin/leads/lead/{lead.pk}/change/" in page
    assert "Nobody&#x27;s, the best first" not in page


def test_when_not_all_of_them_fit_there_is_a_way_to_the_others() -> None:
    client = log_in("Consultants")
    make_leads(6)
    Lead.objects.update(owner=int(client.session["_auth_user_id"]))
    page = client.get("/admin/").content.decode()
    assert '?whose=mine">All your 6 leads</a>' in page


def test_without_own_leads_there_is_somebody_to_begin_with() -> None:
    make_lead()
    page = log_in("Consultants").get("/admin/").content.decode()
    assert "You have no leads of your own." in page
    assert "Nobody" in page
    assert "the best first" in page
