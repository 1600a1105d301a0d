from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from campaigns import advancing, pausing
from campaigns.models import Campaign, Enrolment, Message
from campaigns.overview import Health
from pmoportal import pulse
from pmoportal.dashboard import Dashboard, build_dashboard
from tests.admin import count_queries, log_in, make_user
from tests.factories import TUESDAY, make_enrolment, publish_campaign

HOME = "/admin/"
NOTHING = Health(
    broken=[],
    failed=0,
    unknown=0,
    held_back=0,
    no_permit="No mail leaves.",
    halted=[],
    chosen=[],
    resting=[],
    unpublished=[],
    campaigns=0,
)


def look(*, now: datetime = TUESDAY, heard: bool = True) -> Dashboard:
    """A marketer's first page, in English."""
    if heard:
        pulse.leave(now=now)
    user = User.objects.filter(username="looker").first() or make_user("Marketers", name="looker")
    with override("en"):
        return build_dashboard(user=user, now=now)


@pytest.mark.django_db
def test_an_empty_portal_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pmoportal.dashboard.is_published", lambda: False)
    monkeypatch.setattr("pmoportal.dashboard.get_health", lambda **_: NOTHING)
    page = log_in("Marketers").get(HOME).content.decode()
    assert "The test is not published" in page
    assert "There is no campaign" in page
    assert "No mail leaves." in page
    assert "Nothing is planned for the coming week." in page


@pytest.mark.django_db
def test_all_is_well_when_everything_is_published() -> None:
    publish_campaign()
    pulse.leave(now=timezone.now())
    assert "No. Everything is as it should be." in log_in("Marketers").get(HOME).content.decode()


@pytest.mark.django_db
def test_a_draft_is_an_alarm_while_nothing_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    drafts = replace(NOTHING, no_permit="", unpublished=["Later"], campaigns=1)
    monkeypatch.setattr("pmoportal.dashboard.get_health", lambda **_: drafts)
    assert [alarm.sentence for alarm in look().alarms or ()] == [
        "The campaign “Later” is not published, so it sends nothing."
    ]
    assert look().facts == []


@pytest.mark.django_db
def test_a_draft_beside_a_published_campaign_is_a_fact() -> None:
    version = publish_campaign()
    Campaign.objects.create(key="b", name="Later", assessment=version.campaign.assessment)
    board = look()
    assert board.alarms == []
    assert [fact.sentence for fact in board.facts] == [
        "“Later” is a draft that is not published, so it sends nothing."
    ]


@pytest.mark.django_db
def test_a_pause_that_somebody_chose_is_a_fact_with_name_and_date() -> None:
    version = publish_campaign()
    pausing.pause(campaign_id=version.campaign_id, reason="by_hand", now=TUESDAY, by="Maj Ek")
    board = look()
    assert board.alarms == []
    assert [(fact.sentence, fact.url) for fact in board.facts] == [
        (
            "“The development engine”: Paused by Maj Ek 15 September 2026 09:00.",
            reverse("admin:campaigns_campaign_pause", args=[version.campaign_id]),
        )
    ]
    page = log_in("Marketers").get(HOME).content.decode()
    assert "Paused by Maj Ek 15 September 2026 09:00." in page


@pytest.mark.django_db
def test_a_pause_of_the_guard_is_an_alarm() -> None:
    version = publish_campaign()
    pausing.pause(campaign_id=version.campaign_id, reason="complaints", now=TUESDAY)
    board = look()
    assert board.facts == []
    (alarm,) = board.alarms or ()
    assert alarm.sentence == (
        "“The development engine”: Paused by itself 15 September 2026 09:00. "
        "Too many people reported its mail as spam. Find out why before it goes on."
    )


@pytest.mark.django_db
def test_a_scheduler_that_is_not_heard_is_an_alarm() -> None:
    publish_campaign()
    pulse.leave(now=TUESDAY - timedelta(minutes=2))
    assert look(heard=False).alarms == []
    pulse.leave(now=TUESDAY - timedelta(minutes=4))
    assert [alarm.sentence for alarm in look(heard=False).alarms or ()] == [
        "The scheduler has not been heard since 15 September 08:56, so no mail leaves."
    ]
    cache.clear()
    assert [alarm.sentence for alarm in look(heard=False).alarms or ()] == [
        "The scheduler has not been heard, so no mail leaves."
    ]


@pytest.mark.django_db
def test_failed_and_unknown_mails_are_counted_for_a_day() -> None:
    version = publish_campaign()
    for number in range(3):
        make_enrolment(version, email=f"p{number}@example.se")
    advancing.plan_due(now=TUESDAY, limit=10)
    first, second, third = Message.objects.order_by("pk")
    day = timedelta(days=1)
    for message, state, at in [
        (first, "failed", TUESDAY),
        (second, "unknown", TUESDAY),
        (third, "failed", TUESDAY - 2 * day),
    ]:
        Message.objects.filter(pk=message.pk).update(state=state, reason="refused", sending_at=at)
    board = look()
    assert [alarm.sentence for alarm in board.alarms or ()][:2] == [
        "1 mail failed in the last 24 hours.",
        "1 mail left in the last 24 hours without an answer: it may have arrived.",
    ]


@pytest.mark.django_db
def test_confirming_mails_that_wait_their_turn_are_counted_until_they_may_leave() -> None:
    publish_campaign()
    hour = timedelta(hours=1)
    rows = {"waits": (hour, 0), "now": (-hour, 0), "tried": (hour, 1), "later": (2 * hour, 0)}
    for name, (wait, attempt) in rows.items():
        Message.objects.create(
            key=name,
            kind="system",
            template="confirm",
            to=f"{name}@example.se",
            created_at=TUESDAY,
            due_at=TUESDAY + wait,
            attempt=attempt,
        )
    boards = [look(now=TUESDAY + each * hour) for each in (0, 1, 2)]
    found = [[alarm.sentence for alarm in board.alarms or ()] for board in boards]
    reason = "because very many have been asked for. Is it abuse?"
    assert found[0] == [f"2 confirming mails wait, {reason}"]
    assert found[1] == [f"1 confirming mail waits, {reason}"]
    assert found[2] == []


@pytest.mark.django_db
def test_the_coming_days_count_mails_and_people_once_each() -> None:
    version = publish_campaign()
    make_enrolment(version)
    later = make_enrolment(version, email="b@example.se", now=TUESDAY)
    Enrolment.objects.filter(pk=later.pk).update(next_due_at=TUESDAY + timedelta(days=2))
    advancing.plan_due(now=TUESDAY, limit=10)
    board = build_dashboard(user=make_user("Marketers"), now=TUESDAY)
    days = [(each.day.queued, each.day.due) for each in board.coming or ()]
    assert days == [(1, 0), (0, 0), (0, 1), (0, 1), (0, 0), (0, 0), (0, 0)]


@pytest.mark.django_db
def test_a_coming_day_leads_to_its_mails_where_one_campaign_sends_them() -> None:
    version = publish_campaign()
    pk = version.campaign_id
    board = look()
    assert [each.url for each in board.coming or ()][1] == (
        reverse("admin:campaigns_campaign_outlook", args=[pk, "2026-09-16"])
    )
    forecast = reverse("admin:campaigns_campaign_forecast", args=[pk])
    assert board.forecasts == [(forecast, "The development engine")]
    Campaign.objects.create(key="b", name="Draft", assessment=version.campaign.assessment)
    assert look().forecasts == board.forecasts
    pausing.pause(campaign_id=pk, reason="by_hand", now=TUESDAY)
    assert look().forecasts == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("group", "parts"),
    [
        ("Marketers", (True, True, True, False)),
        ("Consultants", (False, False, False, True)),
        ("Administrators", (True, True, True, True)),
        ("", (False, False, False, False)),
    ],
)
def test_each_group_gets_its_own_parts(group: str, parts: tuple[bool, ...]) -> None:
    board = build_dashboard(user=make_user(group), now=TUESDAY)
    shown = (board.alarms, board.coming, board.figures, board.leads)
    assert tuple(part is not None for part in shown) == parts


@pytest.mark.django_db
def test_somebody_in_no_group_is_told_whom_to_ask() -> None:
    assert "Ask an administrator" in log_in("").get(HOME).content.decode()


@pytest.mark.django_db
def test_the_dashboard_takes_a_fixed_number_of_queries() -> None:
    client = log_in("Administrators")
    version = publish_campaign()
    make_enrolment(version)
    one = count_queries(client, HOME)
    for number in range(2):
        make_enrolment(version, email=f"p{number}@example.se")
    assert count_queries(client, HOME) == one


@pytest.mark.django_db
def test_the_menu_is_in_the_order_of_the_work() -> None:
    page = log_in("Marketers").get(HOME).content.decode()
    names = ["assessment", "tip", "campaign", "enrolment", "message"]
    places = [
        page.index(f'href="{reverse(f"admin:{app}_{name}_changelist")}"')
        for name in names
        for app in ["assessments" if name == "assessment" else "campaigns"]
    ]
    assert places == sorted(places)


@pytest.mark.django_db
def test_no_page_of_the_admin_has_script_or_style_within() -> None:
    client = log_in("Administrators")
    version = publish_campaign()
    pages = [
        HOME,
        reverse("admin:campaigns_message_changelist"),
        reverse("admin:campaigns_campaign_change", args=[version.campaign_id]),
        reverse("admin:leads_lead_changelist"),
    ]
    for url in pages:
        page = client.get(url).content.decode()
        assert "<style" not in page
        assert ' style="' not in page
        assert "<script>" not in page
