from dataclasses import replace
from datetime import timedelta

import pytest

from leads import backtesting, grading, publishing, refreshing
from leads.models import Lead
from leads.scoring_rules import SHIPPED, FactRule, Rules
from tests.factories import TUESDAY, make_enrolment, publish_campaign
from tests.leads.making import allow_contact, make_lead, make_leads

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
BLIND = replace(
    SHIPPED, facts={kind: FactRule(points=0, half_life_days=30) for kind in SHIPPED.facts}
)


def judge(leads: list[Lead], judgement: Lead.Judgement, at: int = 3) -> None:
    grading.judge(lead_ids=[lead.pk for lead in leads], judgement=judgement, now=TUESDAY + at * DAY)


def make_past(good: int, bad: int) -> tuple[list[Lead], list[Lead]]:
    """The good ones asked to be contacted, the bad ones did not."""
    version = publish_campaign()
    winners = [make_lead(version, number=n) for n in range(good)]
    losers = [make_lead(version, number=100 + n, may_contact=False) for n in range(bad)]
    judge(winners, Lead.Judgement.GOOD)
    judge(losers, Lead.Judgement.BAD)
    return winners, losers


def try_one(rules: Rules = SHIPPED) -> backtesting.Verdict:
    return backtesting.try_rules(wanted={None: rules})[0].verdict


def test_rules_that_see_what_parts_the_good_from_the_bad_are_told_from_those_that_do_not() -> None:
    make_past(10, 10)
    seeing, blind = try_one(), try_one(BLIND)
    assert seeing.auc is not None
    assert blind.auc is not None
    assert (seeing.auc.value, blind.auc.value) == (1.0, 0.5)
    assert (seeing.is_better_than_chance, blind.is_better_than_chance) == (True, False)


def test_too_few_say_nothing() -> None:
    make_past(9, 10)
    verdict = try_one()
    assert (verdict.good, verdict.bad, verdict.auc, verdict.precision) == (9, 10, None, None)


def test_won_and_lost_count_unless_somebody_said_otherwise() -> None:
    make_leads(2, stage="won")
    lost = make_lead(number=7, stage="lost")
    assert (try_one().good, try_one().bad) == (2, 1)
    judge([lost], Lead.Judgement.GOOD)
    assert (try_one().good, try_one().bad) == (3, 0)


def test_what_happened_after_the_judgement_is_not_known_to_the_rules() -> None:
    version = publish_campaign()
    people = [make_enrolment(version, email=f"p{n}@example.se").respondent for n in range(20)]
    for person in people:
        refreshing.refresh_lead(respondent_id=person.pk, now=TUESDAY + DAY)
    leads = list(Lead.objects.order_by("pk"))
    judge(leads[:10], Lead.Judgement.GOOD, at=1)
    judge(leads[10:], Lead.Judgement.BAD, at=1)
    for lead in leads[:10]:  # success made them say yes, two days later
        email = lead.respondent.email
        allow_contact(lead.respondent_id, email, now=TUESDAY + 3 * DAY)
    verdict = try_one()
    assert verdict.auc is not None
    assert verdict.auc.value == 0.5


def test_somebody_who_took_everything_back_is_not_tried_on() -> None:
    from campaigns import enrolment

    winners, _ = make_past(1, 0)
    person = winners[0].respondent_id
    enrolment.unsubscribe(
        respondent_id=person, purposes=["tips", "contact"], source="page", now=TUESDAY
    )
    assert try_one().good == 0


def test_the_newest_editions_are_tried_and_the_shipped_rules_are_one() -> None:
    for number in range(2):
        publishing.publish(
            rules=replace(SHIPPED, fit_floors=(70 + number, 40, 20)),
            note="",
            by_id=None,
            expected=number,
            now=TUESDAY,
        )
    assert list(backtesting.get_newest_editions(limit=5)) == [2, 1, 0]
    assert list(backtesting.get_newest_editions(limit=2)) == [2, 1]
