from dataclasses import replace
from typing import Any

import pytest
import time_machine
from django.test import Client

from leads import publishing
from leads.admin import rules
from leads.admin.rules_form import RulesForm
from leads.models import ScoreRules
from leads.models.rules import AS_SHIPPED
from leads.scoring_rules import SHIPPED, write
from leads.words import describe_rule_place
from tests.admin import count_queries, log_in
from tests.factories import TUESDAY
from tests.leads.making import make_lead, make_leads

pytestmark = pytest.mark.django_db

LIST = "/admin/leads/scorerules/"
ADD = f"{LIST}add/"
BACK_TEST = f"{LIST}back-test/"
STEEPER = replace(SHIPPED, fit_floors=(99, 98, 20))


def get_form(**changed: Any) -> dict[str, Any]:
    """What a browser would post, with some numbers changed."""
    form = RulesForm(None, start=AS_SHIPPED, in_force=AS_SHIPPED)
    return {name: form[name].value() or "" for name in form.fields} | {"expected": 0} | changed


def post(client: Client, **changed: Any) -> Any:
    return client.post(ADD, get_form(**changed))


def publish(number: int = 0) -> None:
    publishing.publish(rules=STEEPER, note="strict", by_id=None, expected=number, now=TUESDAY)


@time_machine.travel(TUESDAY, tick=False)
def test_the_preview_says_what_would_become_of_whom_and_changes_nothing() -> None:
    make_leads(3, now=TUESDAY)
    page = post(log_in("Marketers"), fit_A=99, fit_B=98, preview="1").content.decode()
    assert "3 leads would fall to C1" in page
    assert "<del>3</del> <ins>0</ins>" in page
    assert "Exact: all 3 open leads were graded by both." in page
    assert "too few to say" in page
    assert "Fit A from" in page
    assert ScoreRules.objects.count() == 0


@time_machine.travel(TUESDAY, tick=False)
def test_one_lead_is_spoken_of_as_one() -> None:
    make_lead(now=TUESDAY)
    page = post(log_in("Marketers"), points_confirmed=0, preview="1").content.decode()
    assert "1 lead would fall to A2" in page


def test_a_preview_names_no_person() -> None:
    lead = make_lead()
    page = post(log_in("Marketers"), fit_A=99, fit_B=98, preview="1").content.decode()
    assert lead.respondent.email not in page
    assert "Alva" not in page


def test_of_very_many_it_is_said_that_looking_takes_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_leads(2)
    client = log_in("Marketers")
    assert "open leads twice" not in client.get(ADD).content.decode()
    monkeypatch.setattr(rules, "MANY", 2)
    page = client.get(ADD).content.decode()
    assert "grades 2 open leads twice, which takes about a second" in page
    monkeypatch.setattr(rules.foreseeing, "PER_SECOND", 0.25)
    page = client.get(ADD).content.decode()
    assert "grades 2 open leads twice, which takes about 8 seconds" in page


def test_the_page_shows_the_rules_in_force_and_that_nothing_would_happen() -> None:
    page = log_in("Marketers").get(ADD)
    assert "Nothing: exactly these rules are in force." in page.content.decode()
    assert page.context["form"]["points_answered"].value() == 50


def test_publishing_puts_them_in_force_with_name_and_reason() -> None:
    client = log_in("Marketers")
    back = post(client, fit_A=99, fit_B=98, note="too many A", publish="1")
    row = ScoreRules.objects.get()
    assert back.headers["Location"] == LIST
    assert row.published_by is not None
    assert (row.number, row.note, row.published_by.username) == (1, "too many A", "marketers")
    assert row.document == write(STEEPER)
    page = client.get(LIST).content.decode()
    assert "Edition 1 is in force" in page
    assert "too many A" in page


def test_the_history_shows_who_when_and_what_changed() -> None:
    publish()
    row = ScoreRules.objects.get()
    page = log_in("Consultants").get(f"{LIST}{row.pk}/change/").content.decode()
    assert "strict" in page
    assert "in force" in page
    assert "Fit A from" in page
    assert "<del>60</del>" in page
    assert "<ins>99</ins>" in page
    assert "in force again" not in page


def test_going_back_starts_from_the_earlier_rules_and_shows_what_that_would_do() -> None:
    publish()
    client = log_in("Marketers")
    page = client.get(f"{ADD}?from=0")
    assert page.context["form"]["fit_A"].value() == 60
    assert "What changes" in page.content.decode()
    client.post(f"{ADD}?from=0", get_form(expected=1, publish="1"))
    assert ScoreRules.objects.get_in_force().rules == SHIPPED
    assert ScoreRules.objects.get_in_force().number == 2
    first = ScoreRules.objects.get(number=1)
    assert "in force again" in client.get(f"{LIST}{first.pk}/change/").content.decode()


@pytest.mark.parametrize("asked", ["x", "99", "-1", "9" * 30, "٣"])
def test_an_edition_that_is_not_there_is_the_one_in_force(asked: str) -> None:
    assert log_in("Marketers").get(f"{ADD}?from={asked}").status_code == 200


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"fit_A": 10}, "Each fit grade must need more points"),
        ({"engagement_1": 10}, "Each engagement grade must need more points"),
        ({"most": 50}, "at most the ceiling"),
        ({"points_clicked": 101}, "out of range"),
        ({"days_clicked": 0}, "out of range"),
        ({"points_clicked": ""}, "out of range"),
        ({"points_clicked": "x"}, "out of range"),
        ({"note": "x" * 201}, "out of range"),
        ({}, "Exactly these rules are in force already."),
    ],
)
def test_rules_that_cannot_be_are_told_why(changed: dict[str, Any], sentence: str) -> None:
    page = post(log_in("Marketers"), **changed, publish="1").content.decode()
    assert sentence in page
    assert ScoreRules.objects.count() == 0


def test_two_who_publish_at_once_do_not_undo_each_other() -> None:
    publish()
    page = post(log_in("Marketers"), fit_A=98, publish="1").content.decode()
    assert "A colleague published other rules meanwhile" in page
    assert ScoreRules.objects.count() == 1


def test_a_consultant_reads_the_rules_and_does_not_change_them() -> None:
    client = log_in("Consultants")
    assert "Change the rules" not in client.get(LIST).content.decode()
    assert post(client, fit_A=99, publish="1").status_code == 403
    assert ScoreRules.objects.count() == 0


def test_leads_that_wait_for_the_new_rules_are_counted() -> None:
    make_leads(2, now=TUESDAY.replace(hour=5))
    publish()
    assert "2 leads wait to be scored by them" in log_in("Marketers").get(LIST).content.decode()


@time_machine.travel(TUESDAY, tick=False)
def test_the_back_test_says_how_sure_it_is() -> None:
    for n in range(10):
        make_lead(number=n, judgement="good", judged_at=TUESDAY)
        make_lead(number=50 + n, may_contact=False, judgement="bad", judged_at=TUESDAY)
    page = log_in("Marketers").get(BACK_TEST).content.decode()
    assert "As shipped" in page
    assert "better than chance" in page
    assert "10 good leads" in page


def test_without_judged_leads_the_back_test_says_so() -> None:
    assert "too few to say" in log_in("Marketers").get(BACK_TEST).content.decode()


def test_the_list_takes_as_many_queries_for_three_editions_as_for_one() -> None:
    client = log_in("Marketers")
    publish()
    one = count_queries(client, LIST)
    for number in (1, 2):
        rules = replace(SHIPPED, fit_floors=(90 + number, 40, 20))
        publishing.publish(rules=rules, note="", by_id=None, expected=number, now=TUESDAY)
    assert count_queries(client, LIST) == one


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("facts.clicked.points", "clicked a link in a mail: points when fresh"),
        ("facts.clicked.half_life_days", "clicked a link in a mail: half after days"),
        ("facts.clicked", "clicked a link in a mail"),
        ("fit_floors.A", "Fit A from"),
        ("engagement_floors.1", "Engagement 1 from"),
        ("most", "Ceiling of each axis"),
    ],
)
def test_each_place_in_the_rules_has_words(place: str, words: str) -> None:
    from django.utils.translation import override

    with override("en"):
        assert describe_rule_place(place) == words
