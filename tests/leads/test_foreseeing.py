from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads import foreseeing
from leads.foreseeing import Outlook, Shift
from leads.models import Lead
from leads.scoring_rules import SHIPPED, FactRule
from tests.factories import TUESDAY
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
