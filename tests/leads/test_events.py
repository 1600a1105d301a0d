"""The database writes down what happens to leads; nobody can forget to."""

from datetime import timedelta
from typing import Any

import pytest

from campaigns.models import Consent
from leads.hooks.dealing import deal, purge
from leads.models import Delivery, Event, Lead
from leads.refreshing import refresh_lead
from tests.admin import make_user
from tests.factories import TUESDAY
from tests.leads.integrating import give, make_hook, make_lead, take_back

pytestmark = pytest.mark.django_db
LATER = TUESDAY + timedelta(days=3)


def get_events() -> list[tuple[str, dict[str, Any]]]:
    return list(Event.objects.order_by("pk").values_list("kind", "details"))


def test_a_lead_is_told_of_when_contact_is_confirmed() -> None:
    lead = make_lead()
    assert get_events() == [
        ("consent.given", {"purpose": "contact"}),
        ("lead.created", {"grade": lead.grade, "computed_grade": lead.grade, "graded_by": "score"}),
    ]
    assert lead.pk == Event.objects.get(kind="lead.created").lead_id


def test_nobody_hears_of_a_person_who_did_not_ask_for_contact() -> None:
    lead = make_lead(may_contact=False)
    Lead.objects.filter(pk=lead.pk).update(grade="A1")
    take_back(lead, "tips")
    lead.delete()
    assert get_events() == []


def test_a_lead_that_asks_for_contact_later_is_created_then() -> None:
    lead = make_lead(may_contact=False)
    give(lead.respondent_id, "contact", email="p0@example.se")
    refresh_lead(respondent_id=lead.respondent_id, now=LATER)
    assert [kind for kind, _ in get_events()] == ["consent.given", "lead.created"]


def test_a_grade_an_owner_and_a_consent_are_events_once() -> None:
    lead, owner = make_lead(), make_user("Consultants")
    Event.objects.all().delete()
    for _ in range(2):
        Lead.objects.filter(pk=lead.pk).update(grade="B2")
        Lead.objects.filter(pk=lead.pk).update(owner=owner)
        take_back(lead, "tips")
        give(lead.respondent_id, "tips", email="p0@example.se")
    assert get_events()[:4] == [
        (
            "lead.graded",
            {
                "grade": "B2",
                "before": lead.grade,
                "computed_grade": "B2",
                "graded_by": "score",
            },
        ),
        ("lead.taken", {"owner_id": owner.pk}),
        ("consent.withdrawn", {"purpose": "tips"}),
        ("consent.given", {"purpose": "tips"}),
    ]
    assert [kind for kind, _ in get_events()[4:]] == ["consent.withdrawn", "consent.given"]


def test_computing_the_same_score_again_is_no_event_and_no_change() -> None:
    lead = make_lead()
    Event.objects.all().delete()
    lead.refresh_from_db()
    refresh_lead(respondent_id=lead.respondent_id, now=LATER + timedelta(seconds=1))
    assert get_events() == []
    assert Lead.objects.get(pk=lead.pk).changed_at == lead.changed_at


def test_whoever_changes_a_lead_moves_its_date() -> None:
    lead = make_lead()
    lead.refresh_from_db()
    Lead.objects.filter(pk=lead.pk).update(stage="won")
    assert Lead.objects.get(pk=lead.pk).changed_at > lead.changed_at


def test_withdrawing_everything_tells_of_contact_only() -> None:
    lead = make_lead()
    Event.objects.all().delete()
    take_back(lead, "tips", "contact")
    assert get_events() == [("consent.withdrawn", {"purpose": "contact"})]


def test_an_erasure_is_told_of_when_the_person_is_gone() -> None:
    lead = make_lead()
    pk, person = lead.pk, lead.respondent
    person.delete()
    assert not Consent.objects.filter(respondent_id=person.pk).exists()
    assert Event.objects.order_by("pk").last().kind == "respondent.erased"  # type: ignore[union-attr]
    deal(now=LATER, limit=10)
    assert Event.objects.get(kind="respondent.erased").lead_id == pk


def test_events_are_numbered_in_turn_and_dealt_to_the_hooks_that_want_them() -> None:
    lead = make_lead()
    both, one = make_hook(), make_hook(kinds=["lead.created"])
    make_hook(is_active=False)
    assert deal(now=LATER, limit=10) == 2
    assert deal(now=LATER, limit=10) == 0
    assert list(Event.objects.order_by("pk").values_list("number", "lead_id")) == [
        (1, lead.pk),
        (2, lead.pk),
    ]
    dealt = Delivery.objects.order_by("hook_id", "number").values_list("hook_id", "kind")
    assert list(dealt) == [
        (both.pk, "consent.given"),
        (both.pk, "lead.created"),
        (one.pk, "lead.created"),
    ]


def test_what_is_said_names_nobody() -> None:
    lead, owner = make_lead(), make_user("Consultants", name="kim")
    Lead.objects.filter(pk=lead.pk).update(owner=owner)
    make_hook(kinds=["lead.taken"])
    deal(now=LATER, limit=10)
    body = Delivery.objects.get().body
    assert body.endswith(f'"data":{{"lead_id":{lead.pk},"owner":"kim"}}}}')
    assert body.startswith('{"type":"lead.taken","timestamp":"')


def test_a_consent_waits_for_its_lead_and_holds_nobody_up() -> None:
    first = make_lead()
    Lead.objects.filter(pk=first.pk).delete()
    Event.objects.all().delete()
    take_back(first, "tips")
    second = make_lead(number=1)
    assert deal(now=LATER, limit=1) == 1
    assert Event.objects.filter(number=1).get().lead_id == second.pk
    deal(now=LATER, limit=10)
    again = refresh_lead(respondent_id=first.respondent_id, now=LATER)
    assert again is not None
    deal(now=LATER, limit=10)
    numbered = Event.objects.filter(lead_id=again.pk).order_by("number")
    assert [each.kind for each in numbered] == ["consent.withdrawn", "lead.created"]


def test_of_somebody_who_left_before_there_was_a_lead_nobody_is_told() -> None:
    lead = make_lead(may_contact=False)
    Lead.objects.filter(pk=lead.pk).delete()
    give(lead.respondent_id, "contact", email="p0@example.se")
    lead.respondent.delete()
    make_hook()
    deal(now=LATER, limit=10)
    assert (Event.objects.count(), Delivery.objects.count()) == (0, 0)


def test_old_events_go_and_the_next_number_follows_all_the_same() -> None:
    make_lead()
    make_hook()
    deal(now=LATER, limit=10)
    Delivery.objects.filter(kind="lead.created").update(state="delivered")
    assert purge(now=LATER + timedelta(days=200), limit=10) == 2
    assert list(Event.objects.values_list("number", flat=True)) == [2]
    assert list(Delivery.objects.values_list("kind", flat=True)) == ["consent.given"]
    make_lead(number=1)
    deal(now=LATER, limit=10)
    assert list(Event.objects.order_by("number").values_list("number", flat=True)) == [2, 3, 4]
