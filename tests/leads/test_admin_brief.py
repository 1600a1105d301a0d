"""The page of one lead: what it shows to whom, and what it does on POST."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from assessments import comparing
from campaigns.models import Enrolment, Freeze
from leads import handover, seeding, working
from leads.models import ClosingReason, Lead, Note
from tests.admin import count_queries, get_page, get_status, log_in, make_user
from tests.factories import TUESDAY, make_response, publish_test, read_content
from tests.leads.people import make_consultant, make_lead

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
EVIL = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _texts(db: None) -> None:
    seeding.seed_texts(shipped=read_content("leads.yaml"))


def post(client: Client, lead: Lead, act: str, **values: Any) -> str:
    """What the page says afterwards."""
    fields = {f"{act}-{name}": value for name, value in values.items()}
    answer = client.post(get_page(lead), {"act": act, **fields}, follow=True)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def read(client: Client, lead: Lead, query: str = "") -> str:
    return unescape(client.get(get_page(lead) + query).content.decode())


def get_me() -> User:
    return User.objects.get(username="consultants")


@pytest.mark.parametrize(
    ("group", "status"),
    [("Consultants", 200), ("Administrators", 200), ("Marketers", 403), ("", 403)],
)
def test_the_page_is_for_those_who_work_with_leads(group: str, status: int) -> None:
    lead, client = make_lead(), log_in(group)
    assert get_status(client, get_page(lead)) == status


@pytest.mark.parametrize(
    ("act", "values"),
    [
        ("take", {}),
        ("release", {"reason": "x"}),
        ("reassign", {"reason": "x"}),
        ("hold", {}),
        ("resume", {}),
        ("move", {"stage": "in_touch", "text": "x"}),
        ("plan", {"text": "x"}),
        ("note", {"text": "x"}),
    ],
)
def test_a_marketer_can_do_nothing_here(act: str, values: dict[str, str]) -> None:
    lead, client = make_lead(), log_in("Marketers")
    fields = {f"{act}-{name}": value for name, value in values.items()}
    assert client.post(get_page(lead), {"act": act, **fields}).status_code == 403
    lead.refresh_from_db()
    assert (lead.owner, lead.stage, lead.touched_at) == (None, "new", None)


def test_somebody_who_may_only_look_sees_no_forms() -> None:
    lead, client = make_lead(), log_in()
    user = User.objects.get(username="nobody")
    user.user_permissions.add(*_get_rights("view_lead"))
    page = read(client, lead)
    assert "Take the lead" not in page
    assert client.post(get_page(lead), {"act": "take"}).status_code == 403


def test_nobody_who_wants_no_call_has_a_page() -> None:
    lead, client = make_lead(may_contact=False), log_in("Consultants")
    assert client.get(get_page(lead)).status_code == 302
    assert client.post(get_page(lead), {"act": "take"}).status_code == 302
    assert Lead.objects.get().owner is None
    page = client.get(get_page(lead), follow=True).content.decode()
    assert "no such lead" in page


def test_the_page_takes_as_many_queries_with_much_as_with_little() -> None:
    client, lead = log_in("Consultants"), make_lead()
    handover.take(lead_ids=[lead.pk], owner_id=get_me().pk, now=TUESDAY)
    few = count_queries(client, get_page(lead))
    for number in range(3):
        make_lead(number=number + 1)
        working.write_note(lead_id=lead.pk, text="x", by_id=get_me().pk, now=TUESDAY)
    handover.resume(lead_id=lead.pk, by_id=get_me().pk, now=TUESDAY)
    assert count_queries(client, get_page(lead)) == few


def test_the_page_shows_who_why_and_what_to_open_with() -> None:
    page = read(log_in("Consultants"), make_lead())
    for shown in ("p0@example.se", "asked to be contacted", 'class="radar"', 'class="opening"'):
        assert shown in page


def test_the_result_stands_beside_everybodys_when_there_are_enough() -> None:
    test, client, lead = publish_test(), log_in("Consultants"), make_lead()
    assert "Beside everybody else" not in read(client, lead)
    before = timezone.now() - 40 * DAY
    for _ in range(30):
        make_response(test, now=before, pace=timedelta(seconds=5))
    comparing.freeze_snapshots(now=timezone.now())
    assert "Beside everybody else" in read(client, lead)


def test_colleagues_who_may_be_called_are_named_and_the_others_counted() -> None:
    lead, client = make_lead(), log_in("Consultants")
    named = make_lead(number=1, first_name="Bodil")
    make_lead(number=2, first_name="Hemlig", may_contact=False)
    make_lead(number=3, first_name="Fjärran", domain="annan.se")
    page = read(client, lead)
    assert get_page(named) in page
    assert "1 more has taken the test" in page
    assert ("Hemlig" in page, "Fjärran" in page) == (False, False)


def test_a_script_in_a_name_or_a_note_is_text() -> None:
    lead, client = make_lead(first_name=EVIL), log_in("Consultants")
    post(client, lead, "note", text=f"**fett** {EVIL}\n\n[x](javascript:alert(1))")
    page = client.get(get_page(lead)).content.decode()
    assert "<strong>fett</strong>" in page
    assert (EVIL in page, 'href="javascript' in page) == (False, False)


def test_taking_and_releasing() -> None:
    lead, client = make_lead(), log_in("Consultants")
    assert "The lead is yours." in post(client, lead, "take")
    assert Lead.objects.get().owner == get_me()
    assert Freeze.objects.filter(until=None).count() == 1
    assert "nothing was changed" in post(client, lead, "take").lower()
    assert "This field is required." in post(client, lead, "release", reason="")
    assert "nobody's again" in post(client, lead, "release", reason="On leave")
    assert Lead.objects.get().owner is None


def test_taking_with_the_colleagues() -> None:
    lead, client = make_lead(), log_in("Consultants")
    make_lead(number=1)
    post(client, lead, "take", colleagues="on")
    assert Freeze.objects.filter(until=None).count() == 2
    assert "colleagues' too" in read(client, lead)


def test_giving_it_to_a_colleague() -> None:
    lead, client, olof = make_lead(), log_in("Consultants"), make_consultant("olof")
    post(client, lead, "take")
    post(client, lead, "reassign", owner=olof.pk, reason="Knows them")
    assert Lead.objects.get().owner == olof


def test_only_those_who_work_with_leads_can_be_given_one() -> None:
    lead, client, marketer = make_lead(), log_in("Consultants"), make_user("Marketers")
    post(client, lead, "take")
    page = post(client, lead, "reassign", owner=marketer.pk, reason="x")
    assert "Select a valid choice" in page
    assert Lead.objects.get().owner == get_me()


def test_the_mail_is_held_and_let_go_by_hand() -> None:
    lead, client = make_lead(), log_in("Consultants")
    post(client, lead, "take")
    assert "The mail goes on." in post(client, lead, "resume")
    assert "The mail is held." in post(client, lead, "hold")
    assert "colleagues" in post(client, lead, "hold-all")
    assert Lead.objects.get().holds_organisation is True


def test_moving_a_lead_needs_a_word_why() -> None:
    lead, client = make_lead(), log_in("Consultants")
    assert "Say in a few words why." in post(client, lead, "move", stage="booked", text="")
    page = post(client, lead, "move", stage="lost", text="Kept words")
    assert "Choose a reason that fits the stage." in page
    assert "Kept words" in page
    won = ClosingReason.objects.get(key="won-course")
    page = post(client, lead, "move", stage="lost", reason=won.pk)
    assert "Choose a reason that fits the stage." in page
    assert Lead.objects.get().stage == "new"


def test_a_booked_talk_ends_the_series() -> None:
    lead, client = make_lead(), log_in("Consultants")
    page = post(client, lead, "move", stage="booked", text="Monday at ten")
    assert "Monday at ten" in page
    assert Enrolment.objects.get().reason == "booked"


def test_a_lost_lead_has_its_reason_in_the_timeline() -> None:
    lead, client = make_lead(), log_in("Consultants")
    reason = ClosingReason.objects.get(key="lost-no-budget")
    page = post(client, lead, "move", stage="lost", reason=reason.pk, text="Next year")
    assert "No budget. Next year" in page


def test_a_next_step_is_planned_from_today_on() -> None:
    lead, client = make_lead(), log_in("Consultants")
    past = timezone.localdate() - DAY
    assert "Choose a day from today on" in post(client, lead, "plan", on=past, text="Ring")
    today = timezone.localdate()
    assert f"Next step on {today}" in post(client, lead, "plan", on=today, text="Ring")
    assert "No next step is planned." in post(client, lead, "plan", on="", text="")


@pytest.mark.parametrize("on", ["2026-02-30", "9999-99-99", "tomorrow", "\x00"])
def test_a_nonsensical_date_is_a_sentence(on: str) -> None:
    assert 'role="alert"' in post(log_in("Consultants"), make_lead(), "plan", on=on)


@pytest.mark.parametrize("act", ["", "nonsense", "remove-note"])
def test_an_act_that_does_not_exist_changes_nothing(act: str) -> None:
    lead, client = make_lead(), log_in("Consultants")
    page = client.post(get_page(lead), {"act": act, "note": "x" * 30}, follow=True)
    assert "Nothing was changed" in page.content.decode()


def test_a_note_is_removed_by_its_author_only() -> None:
    lead, client, olof = make_lead(), log_in("Consultants"), make_consultant("olof")
    own = working.write_note(lead_id=lead.pk, text="own", by_id=get_me().pk, now=TUESDAY)
    other = working.write_note(lead_id=lead.pk, text="other", by_id=olof.pk, now=TUESDAY)
    for note in (own, other):
        client.post(get_page(lead), {"act": "remove-note", "note": note.pk})
    assert list(Note.objects.all()) == [other]


def test_the_timeline_is_filtered_by_kind_and_paged() -> None:
    lead, client = make_lead(), log_in("Consultants")
    for number in range(25):
        working.write_note(
            lead_id=lead.pk, text=f"note-{number}-", by_id=get_me().pk, now=TUESDAY + number * DAY
        )

    def read_timeline(query: str = "") -> str:
        return read(client, lead, query).partition('id="timeline"')[2]

    assert "note-24-" in read_timeline()
    assert "note-0-" not in read_timeline()
    second = read_timeline("?kind=note&page=2")
    assert ("note-0-" in second, "note-24-" in second) == (True, False)
    consents = read_timeline("?kind=consent")
    assert ("note-24-" in consents, "Contact by a consultant: Confirmed" in consents) == (
        False,
        True,
    )


def test_the_two_newest_notes_stand_beside_the_box_and_what_was_done_is_said_there() -> None:
    lead, client = make_lead(), log_in("Consultants")
    assert "Nothing is written yet." in read(client, lead)
    for number in range(3):
        said = client.post(
            get_page(lead), {"act": "note", "note-text": f"note-{number}-"}, follow=True
        )
    assert said.redirect_chain == [(f"{get_page(lead)}#notes", 302)]
    page = read(client, lead)
    notes = page.partition('id="notes"')[2].partition('id="timeline"')[0]
    assert [f"note-{number}-" in notes for number in range(3)] == [False, True, True]
    assert '<a href="?kind=note#timeline">All 3 notes</a>' in notes
    said = client.post(get_page(lead), {"act": "take"}, follow=True)
    assert said.redirect_chain == [(f"{get_page(lead)}#work", 302)]
    work = said.content.decode().partition('id="work"')[2]
    assert work.index("The lead is yours") < work.index('id="notes"')


@pytest.mark.parametrize("query", ["?kind=nonsense", "?page=999", "?page=x", "?kind=note&page=-1"])
def test_a_nonsensical_page_of_the_timeline_is_a_page(query: str) -> None:
    assert get_status(log_in("Consultants"), get_page(make_lead()) + query) == 200


def test_looking_changes_nothing() -> None:
    lead, client = make_lead(), log_in("Consultants")
    before = Lead.objects.values().get()
    client.get(get_page(lead), {"act": "take", "take-colleagues": "on"})
    assert Lead.objects.values().get() == before


def _get_rights(*codenames: str) -> Any:
    return Permission.objects.filter(content_type__app_label="leads", codename__in=codenames)
