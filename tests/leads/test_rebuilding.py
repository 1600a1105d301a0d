"""Recomputing every lead from rows gives exactly the stored scores."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import enrolment, permission
from campaigns.models import Enrolment
from leads import publishing, rebuilding, refreshing
from leads.models import Lead
from leads.rebuilding import Difference
from leads.scoring_rules import SHIPPED
from tests.factories import TUESDAY, publish_campaign
from tests.leads.making import SCORED_AT, make_lead, make_leads

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def check() -> tuple[int, int, list[Difference]]:
    batches = list(rebuilding.check())
    differences = [each for batch in batches for each in batch.differences]
    return sum(b.leads for b in batches), sum(b.behind for b in batches), differences


def run(*options: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("rebuild_leads", *options, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def make_varied() -> list[Lead]:
    """Leads of many lives: another moment, other rules, nothing allowed, everything taken back."""
    version = publish_campaign()
    leads = [make_lead(version, number=n, now=SCORED_AT + n * DAY) for n in range(3)]
    leads.append(make_lead(version, number=3, may_contact=False))
    Enrolment.objects.filter(respondent=leads[1].respondent).update(
        state="finished", reason="completed", ended_at=TUESDAY + DAY, next_due_at=None
    )
    enrolment.unsubscribe(
        respondent_id=leads[2].respondent_id,
        purposes=["tips", "contact"],
        source="page",
        now=TUESDAY + DAY,
    )
    publishing.publish(
        rules=replace(SHIPPED, fit_floors=(90, 50, 10)),
        note="",
        by_id=None,
        expected=0,
        now=TUESDAY + 4 * DAY,
    )
    for lead in leads[1:3]:
        refreshing.refresh_lead(respondent_id=lead.respondent_id, now=TUESDAY + 5 * DAY)
    return leads


def test_every_stored_score_is_what_its_rows_give_by_its_own_rules_and_moment() -> None:
    make_varied()
    assert sorted(Lead.objects.values_list("rules_number", flat=True)) == [0, 0, 1, 1]
    assert check() == (4, 0, [])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("fit", 99),
        ("engagement", 1),
        ("grade", "D1"),
        ("reasons", []),
        ("may_contact", False),
        ("weakest_key", "nobody"),
        ("heard_at", TUESDAY - DAY),
    ],
)
def test_a_score_that_somebody_bent_is_found(column: str, value: object) -> None:
    lead = make_lead()
    Lead.objects.filter(pk=lead.pk).update(**{column: value})
    assert check() == (1, 0, [Difference(lead_id=lead.pk, columns=(column,))])


def test_a_lead_whose_person_has_done_something_since_is_behind_and_not_wrong() -> None:
    lead = make_lead()
    permission.withdraw(
        respondent_id=lead.respondent_id,
        purposes=["contact"],
        source="page",
        now=lead.scored_at + DAY,
    )
    assert check() == (1, 1, [])
    refreshing.refresh_lead(respondent_id=lead.respondent_id, now=lead.scored_at + 2 * DAY)
    assert check() == (1, 0, [])


def test_the_check_takes_as_many_queries_for_three_leads_as_for_one() -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            check()
        return len(queries)

    make_lead()
    one = count()
    make_lead(number=1)
    make_lead(number=2)
    assert count() == one


def test_all_batches_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "BATCH", 2)
    leads = make_leads(5)
    Lead.objects.filter(pk=leads[4].pk).update(fit=99)
    assert check() == (5, 0, [Difference(lead_id=leads[4].pk, columns=("fit",))])


def test_the_command_checks_and_changes_nothing() -> None:
    make_varied()
    assert run("--check") == (0, "4 leads, 0 differ, 0 wait to be scored again.\n")
    lead = Lead.objects.order_by("pk")[0]
    Lead.objects.filter(pk=lead.pk).update(fit=99)
    before = list(Lead.objects.order_by("pk").values())
    text = f"lead {lead.pk}: fit\n4 leads, 1 differ, 0 wait to be scored again.\n"
    assert run("--check") == (1, text)
    assert list(Lead.objects.order_by("pk").values()) == before


def test_the_command_scores_everybody_again_also_who_is_missing() -> None:
    leads = make_varied()
    leads[0].delete()
    Lead.objects.filter(pk=leads[1].pk).update(fit=99)
    assert run() == (0, "4 leads scored again.\n")
    assert Lead.objects.count() == 4
    assert run("--check") == (0, "4 leads, 0 differ, 0 wait to be scored again.\n")
    assert set(Lead.objects.values_list("rules_number", flat=True)) == {1}
