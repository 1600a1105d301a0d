from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads import foreseeing
from leads.appraising import get_subjects, measure
from leads.foreseeing import Outlook, Shift
from leads.models import Lead
from leads.models.rules import AS_SHIPPED
from leads.scoring_rules import SHIPPED, FactRule
from tests.factories import TUESDAY, publish_campaign
from tests.leads.making import make_lead, make_leads

pytestmark = pytest.mark.django_db

# Everybody here told us 58 points of fit, and did 65 points of engagement just now.
KINDER = replace(SHIPPED, fit_floors=(50, 40, 20))
HARDER = replace(
    SHIPPED, facts=SHIPPED.facts | {"confirmed": FactRule(points=0, half_life_days=30)}
)


def foresee(rules: object = SHIPPED, most: int = 100) -> Outlook:
    return foreseeing.foresee(rules=rules, now=TUESDAY, most=most)  # type: ignore[arg-type]


def test_the_same_rules_change_nothing() -> None:
    lead = make_lead(now=TUESDAY)
    expected = {lead.grade: 1}
    assert foresee() == Outlook(leads=1, asked=1, before=expected, after=expected, shifts=())


def test_leads_that_would_rise_and_fall_are_counted_by_the_grade_they_would_get() -> None:
    leads = make_leads(3, now=TUESDAY)
    assert {lead.grade for lead in leads} == {"A1"}
    assert foresee(HARDER).shifts == (Shift(way="down", grade="A2", count=3),)
    assert foresee(replace(SHIPPED, fit_floors=(99, 98, 20))).after == {"C1": 3}


def test_only_open_leads_that_may_be_contacted_are_asked() -> None:
    make_lead(stage="won")
    make_lead(number=1, may_contact=False)
    assert foresee(KINDER).leads == 0
    assert foresee(KINDER).shifts == ()


def test_a_part_is_asked_for_all_and_that_is_said() -> None:
    make_leads(4, now=TUESDAY)
    outlook = foresee(HARDER, most=2)
    assert (outlook.leads, outlook.asked, outlook.is_estimate) == (4, 2, True)
    assert outlook.shifts == (Shift(way="down", grade="A2", count=4),)
    assert foresee(HARDER, most=2) == outlook  # the same leads each time


def test_a_grade_set_by_hand_stays_where_it_is() -> None:
    make_leads(2, now=TUESDAY)
    Lead.objects.filter(pk=Lead.objects.earliest("pk").pk).update(override_grade="A1")
    outlook = foresee(HARDER)
    assert (outlook.before, outlook.after) == ({"A1": 2}, {"A1": 1, "A2": 1})
    assert outlook.shifts == (Shift(way="down", grade="A2", count=1),)


def test_it_is_exactly_what_scoring_each_of_them_again_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also across batches, for leads of many ages, by rules that change both axes."""
    monkeypatch.setattr(foreseeing, "BATCH", 2)
    version, now = publish_campaign(), TUESDAY + timedelta(days=60)
    for number in range(7):
        lead = make_lead(version, number=number)
        moved = {"confirmed_at": TUESDAY + number * timedelta(days=8)}
        lead.respondent.consent_origins.update(**moved)
        lead.respondent.consents.filter(purpose="contact").update(**moved)
    rules = replace(HARDER, fit_floors=(90, 50, 10), engagement_floors=(35, 25, 15))
    expected: Counter[str] = Counter()
    for subject in get_subjects(respondent_ids=Lead.objects.values_list("respondent", flat=True)):
        columns = measure(
            subject=get_subjects(respondent_ids=[subject])[subject],
            edition=replace(AS_SHIPPED, rules=rules),
            now=now,
        )
        expected[columns["grade"]] += 1
    outlook = foreseeing.foresee(rules=rules, now=now)
    assert (outlook.after, outlook.is_estimate) == (dict(expected), False)
    assert len(outlook.after) > 2


def test_a_batch_more_costs_the_same_queries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            foresee(HARDER)
        return len(queries)

    make_leads(4, now=TUESDAY)
    counts = []
    for size in (4, 2, 1):
        monkeypatch.setattr(foreseeing, "BATCH", size)
        counts.append(count())
    assert [each - counts[0] for each in counts] == [0, 7, 21]


def test_it_changes_nothing_and_takes_as_many_queries_for_three_as_for_one() -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            foresee(HARDER)
        return len(queries)

    make_lead(now=TUESDAY)
    one = count()
    make_lead(number=1, now=TUESDAY)
    make_lead(number=2, now=TUESDAY)
    before = list(Lead.objects.order_by("pk").values())
    assert count() == one
    assert list(Lead.objects.order_by("pk").values()) == before
