from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from leads.admin.listing import LeadList
from leads.models import Lead, SavedView
from pmoportal.paging import BoundedPaginator
from tests.admin import count_queries, log_in, make_user
from tests.factories import TUESDAY
from tests.leads.making import make_lead, make_leads

pytestmark = pytest.mark.django_db

LIST = "/admin/leads/lead/"
KEEP = f"{LIST}views/"
DAY = timedelta(days=1)


def get_rows(client: Client, query: str = "") -> list[Lead]:
    return list(client.get(LIST + query).context["cl"].result_list)


def get_text(client: Client, query: str = "") -> str:
    return client.get(LIST + query).content.decode()


def act(client: Client, action: str, *leads: Lead, **more: object) -> str:
    posted = {"action": action, "_selected_action": [lead.pk for lead in leads], **more}
    return client.post(LIST, posted, follow=True).content.decode()


def test_the_order_to_call_is_grade_then_next_step_then_silence() -> None:
    today = TUESDAY.date()
    leads = make_leads(5)
    rows = [("B1", today, 9), ("A2", None, 1), ("A1", None, 1), ("A1", None, 5), ("A1", today, 0)]
    for lead, (grade, step, days) in zip(leads, rows, strict=True):
        Lead.objects.filter(pk=lead.pk).update(
            grade=grade, next_step_at=step, heard_at=TUESDAY - days * DAY
        )
    assert get_rows(log_in("Consultants")) == [leads[4], leads[3], leads[2], leads[1], leads[0]]


def test_a_grade_set_by_hand_decides_the_place_and_the_computed_one_is_shown() -> None:
    client = log_in("Consultants")
    low, high = make_lead(override_grade="D4"), make_lead(number=1)
    assert get_rows(client) == [high, low]
    assert f"computed {low.grade}" in get_text(client)


def test_there_are_at_most_eight_columns() -> None:
    assert len(LeadList.list_display) == 8


@pytest.mark.parametrize("group", ["Consultants", "Administrators"])
def test_the_list_takes_as_many_queries_for_three_rows_as_for_one(group: str) -> None:
    client = log_in(group)
    make_lead()
    one = count_queries(client, LIST)
    make_lead(number=1, owner=User.objects.get())
    make_lead(number=2, override_grade="A1", next_step_at=TUESDAY.date())
    assert count_queries(client, LIST) == one


def test_the_list_is_filtered_by_owner() -> None:
    client = log_in("Consultants")
    mine, nobodys = make_lead(owner=User.objects.get()), make_lead(number=1)
    assert get_rows(client, "?whose=mine") == [mine]
    assert get_rows(client, "?whose=nobodys") == [nobodys]


def test_who_sees_all_leads_filters_by_any_owner() -> None:
    client, colleague = log_in("Administrators"), make_user("Consultants")
    theirs, _nobodys = make_lead(owner=colleague), make_lead(number=1)
    assert get_rows(client, f"?whose={colleague.pk}") == [theirs]


def test_ended_leads_are_shown_when_asked_for() -> None:
    client = log_in("Consultants")
    lead, won, lost = (
        make_lead(),
        make_lead(number=1, stage="won"),
        make_lead(number=2, stage="lost"),
    )
    assert get_rows(client) == [lead]
    assert get_rows(client, "?stage=won") == [won]
    assert sorted(row.pk for row in get_rows(client, "?stage=all")) == [lead.pk, won.pk, lost.pk]


def test_the_weakest_role_is_found_whatever_language_the_test_was_taken_in() -> None:
    client = log_in("Consultants")
    lead, _other = make_lead(), make_lead(number=1, weakest_key="brobyggare")
    assert lead.weakest_key == "takthallare"
    assert get_rows(client, "?role=takthallare") == [lead]
    assert get_rows(client, "?role=gone") == []


def test_leads_are_filtered_by_grade_and_organisation() -> None:
    client = log_in("Consultants")
    a, b = make_lead(grade="A2"), make_lead(number=1, grade="B1", domain="konsult.se")
    assert get_rows(client, "?grade=A") == [a]
    assert get_rows(client, "?grade=B1") == [b]
    assert get_rows(client, "?org=Konsult.se") == [b]
    assert get_rows(client, "?org=example.se&grade=A&q=p0") == [a]


@time_machine.travel(TUESDAY, tick=False)
def test_silence_is_broken_by_the_person_or_by_us() -> None:
    client = log_in("Consultants")
    silent = make_lead(heard_at=TUESDAY - 15 * DAY)
    make_lead(number=1, heard_at=TUESDAY - 2 * DAY)
    make_lead(number=2, heard_at=TUESDAY - 15 * DAY, touched_at=TUESDAY - 2 * DAY)
    assert get_rows(client, "?silent=14") == [silent]
    assert get_rows(client, "?silent=16") == []
    assert "15 days" in get_text(client)


@time_machine.travel(TUESDAY, tick=False)
def test_a_next_step_that_has_passed_is_marked() -> None:
    today = timezone.localdate()
    make_lead(next_step_at=today - DAY)
    make_lead(number=1, next_step_at=today)
    page = get_text(log_in("Consultants"))
    assert '<span class="mark mark-warn">2026-09-14</span>' in page
    assert '<span class="mark mark-warn">2026-09-15</span>' not in page


@pytest.mark.parametrize(
    "query",
    [
        "?whose=x",
        "?whose=9999999999999",
        "?silent=-1",
        "?silent=" + "9" * 40,
        "?silent=999999999",
        "?grade=Z9",
        "?stage=x",
        "?role=%00",
        "?org=%00",
        "?q=%00",
        "?p=x",
        "?o=99.x",
    ],
)
def test_a_filter_that_makes_no_sense_breaks_nothing(query: str) -> None:
    make_lead()
    assert log_in("Consultants").get(LIST + query).status_code in {200, 302}


@pytest.mark.parametrize("words", ["alva", "P0@", "example", "alva example.se"])
def test_search_finds_by_name_address_and_organisation(words: str) -> None:
    lead, _other = make_lead(), make_lead(number=1, first_name="Bo", domain="annat.se")
    assert get_rows(log_in("Consultants"), f"?q={words}") == [lead]


def test_each_kind_of_emptiness_says_what_to_do() -> None:
    client = log_in("Consultants")
    assert "have taken the test, ticked" in get_text(client)
    assert "Take one that nobody owns" in get_text(client, "?whose=mine")
    assert "Well done" in get_text(client, "?silent=14")
    assert "Take a filter away" in get_text(client, "?grade=B")


def test_a_long_list_is_counted_as_far_as_anybody_leafs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedPaginator, "most", 2)
    client = log_in("Consultants")
    make_leads(2)
    assert "2 leads" in get_text(client)
    make_lead(number=3)
    assert "The first 2 of about" in get_text(client)


def test_the_key_help_and_the_script_are_there_and_nothing_is_inline() -> None:
    make_lead()
    page = get_text(log_in("Consultants"))
    for hook in ("leads.js", 'id="result_list"', 'class="action-select"', 'id="searchbar"'):
        assert hook in page
    assert "data-keys hidden" in page
    assert "<script>" not in page
    assert "style=" not in page


def test_leads_are_assigned_to_a_colleague_who_is_chosen_on_a_page_of_its_own() -> None:
    client, colleague = log_in("Consultants"), make_user("Consultants", name="colleague")
    leads = make_leads(2)
    asked = act(client, "assign", *leads)
    assert "Assign 2 leads" in asked
    assert 'name="colleague"' in asked
    assert "Colleague has got 2 leads." in act(client, "assign", *leads, colleague=colleague.pk)
    assert {lead.owner for lead in Lead.objects.all()} == {colleague}


def test_a_lead_is_not_assigned_to_somebody_who_does_not_work_with_leads() -> None:
    client, stranger, lead = log_in("Consultants"), make_user("Marketers"), make_lead()
    assert "Select a valid choice" in act(client, "assign", lead, colleague=stranger.pk)
    assert Lead.objects.get().owner is None


def test_leads_are_shared_out_and_what_is_left_is_said() -> None:
    client = log_in("Consultants")
    lead = make_lead()
    assert "Nobody here has room for 1 lead." in act(client, "share_out", lead)
    Lead.objects.update(stage="won")
    assert "None was marked." in act(client, "share_out", lead)


def test_leads_are_noted_as_good_or_bad() -> None:
    client, lead = log_in("Consultants"), make_lead()
    act(client, "judge_good", lead)
    assert Lead.objects.get().judgement == "good"
    assert "Noted for 1 lead." in act(client, "judge_bad", lead)
    assert Lead.objects.get().judgement == "bad"


def test_a_view_is_kept_found_and_removed() -> None:
    client = log_in("Consultants")
    back = client.post(KEEP, {"name": "Stora", "query": "grade=A&evil=1&org=example.se"})
    assert back.headers["Location"] == f"{LIST}?grade=A&org=example.se"
    view = SavedView.objects.get()
    assert (view.name, view.query, view.is_shared) == ("Stora", "grade=A&org=example.se", False)
    page = get_text(client, "?org=example.se&grade=A")
    assert '<a href="?grade=A&amp;org=example.se" aria-current="page">Stora</a>' in page
    client.post(f"{KEEP}{view.pk}/remove/")
    assert SavedView.objects.count() == 0


def test_a_view_is_a_colleagues_when_it_is_shared_and_only_its_owner_removes_it() -> None:
    client, colleague = log_in("Consultants"), make_user("Consultants", name="Bo")
    shared = SavedView.objects.create(
        owner=colleague, name="Delad", query="grade=A", is_shared=True
    )
    SavedView.objects.create(owner=colleague, name="Egen", query="grade=B")
    page = get_text(client)
    assert "Delad" in page
    assert "Egen" not in page
    client.post(f"{KEEP}{shared.pk}/remove/")
    assert SavedView.objects.count() == 2


@pytest.mark.parametrize("name", ["", "x" * 41])
def test_a_view_without_a_proper_name_is_not_kept(name: str) -> None:
    client = log_in("Consultants")
    page = client.post(KEEP, {"name": name, "query": "grade=A"}, follow=True)
    assert "A view needs a name" in page.content.decode()
    assert SavedView.objects.count() == 0


def test_views_change_by_post_only() -> None:
    client = log_in("Consultants")
    assert client.get(KEEP).status_code == 405
    assert client.get(f"{KEEP}1/remove/").status_code == 405


def test_the_lead_says_which_grade_counts_and_why() -> None:
    client, lead = log_in("Consultants"), make_lead()
    url = f"{LIST}{lead.pk}/grade/"
    assert "The computed grade goes on" in client.get(url).content.decode()
    until = timezone.localdate(datetime.now(tz=UTC)) + 9 * DAY
    posted = {"grade": "D4", "reason": "Is a student", "until": until.isoformat()}
    page = client.post(url, posted, follow=True).content.decode()
    assert "Counts as D4" in page
    assert "Is a student" in page
    assert f"Computed: {lead.grade}." in page
    page = client.post(url, {"lift": "1"}, follow=True).content.decode()
    assert "Counts as" not in page
    assert "taken back" in client.get(url).content.decode()


@pytest.mark.parametrize(
    "posted",
    [
        {"grade": "E9", "reason": "x"},
        {"grade": "A1", "reason": ""},
        {"grade": "A1", "reason": "x", "until": "2020-01-01"},
        {"grade": "A1", "reason": "x" * 201},
    ],
)
def test_a_grade_by_hand_that_makes_no_sense_is_told_so(posted: dict[str, str]) -> None:
    client, lead = log_in("Consultants"), make_lead()
    page = client.post(f"{LIST}{lead.pk}/grade/", posted)
    assert (page.status_code, bool(page.context["form"].errors)) == (200, True)
    assert Lead.objects.get().override_grade == ""
