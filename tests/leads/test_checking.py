"""Every stored score has its turn to be compared, whoever bent it is found out, and healing it
makes the first page quiet again.
"""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads import checking, refreshing
from leads.models import Lead, ScoreCheck, ScoreFault
from leads.tasks import check_lead_invariants
from pmoportal.celery import app
from tests.admin import log_in
from tests.factories import TUESDAY
from tests.leads.making import SCORED_AT, make_lead, make_leads

pytestmark = pytest.mark.django_db
SENTENCE = "Leads with a score that does not follow from what is known of them: 1."


def get_faults() -> dict[int, list[str]]:
    return dict(ScoreFault.objects.values_list("lead", "columns"))


def bend(lead: Lead, **columns: Any) -> None:
    Lead.objects.filter(pk=lead.pk).update(**columns)


def test_all_leads_have_their_turn_a_slice_at_a_time_and_then_from_the_beginning() -> None:
    leads = make_leads(5)
    bend(leads[4], fit=99)
    assert [checking.check_slice(now=TUESDAY, limit=2) for _ in range(2)] == [2, 2]
    assert get_faults() == {}
    assert checking.check_slice(now=TUESDAY, limit=2) == 1
    assert get_faults() == {leads[4].pk: ["fit"]}
    assert ScoreCheck.objects.get().finished_at == TUESDAY
    assert checking.check_slice(now=TUESDAY, limit=2) == 2
    assert ScoreCheck.objects.get().last_lead_id == leads[1].pk


def test_a_hundred_thousand_leads_have_their_turn_within_a_day() -> None:
    ticks = 24 * 3600 / app.conf.beat_schedule["lead-invariants"]["schedule"]
    assert ticks * checking.SLICE >= 100_000


def test_a_planted_score_is_found_shown_with_what_to_do_and_healed() -> None:
    lead, client = make_lead(), log_in("Administrators")
    bend(lead, fit=99)
    assert SENTENCE not in client.get("/admin/").content.decode()
    check_lead_invariants()
    page = client.get("/admin/").content.decode()
    assert f"{SENTENCE} “manage.py rebuild_leads” scores all again" in page
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("rebuild_leads", "--check", stdout=out)
    assert out.getvalue().startswith(f"lead {lead.pk}: fit\n")
    call_command("rebuild_leads", stdout=io.StringIO())
    assert SENTENCE not in client.get("/admin/").content.decode()
    assert Lead.objects.get().fit == lead.fit


def test_what_is_right_again_is_forgotten_at_the_next_tick_wherever_the_round_is() -> None:
    leads = make_leads(3)
    bend(leads[0], engagement=1)
    checking.check_slice(now=TUESDAY, limit=1)
    assert get_faults() == {leads[0].pk: ["engagement"]}
    checking.check_slice(now=TUESDAY, limit=1)
    assert get_faults() == {leads[0].pk: ["engagement"]}
    refreshing.refresh_lead(respondent_id=leads[0].respondent_id, now=SCORED_AT)
    checking.check_slice(now=TUESDAY, limit=1)
    assert get_faults() == {}


def test_a_score_by_rules_that_do_not_exist_is_found_and_breaks_nothing() -> None:
    lead = make_lead()
    bend(lead, rules_number=9)
    checking.check_slice(now=TUESDAY)
    assert get_faults() == {lead.pk: ["rules_number"]}


def test_a_wrong_lead_that_is_erased_leaves_nothing_behind() -> None:
    lead = make_lead()
    bend(lead, fit=99)
    checking.check_slice(now=TUESDAY)
    lead.respondent.delete()
    assert get_faults() == {}
    assert checking.check_slice(now=TUESDAY + timedelta(days=1)) == 0


def test_a_slice_takes_as_many_queries_for_three_leads_as_for_one() -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            checking.check_slice(now=TUESDAY)
        return len(queries)

    make_lead()
    count()
    one = count()
    make_lead(number=1)
    make_lead(number=2)
    assert count() == one
