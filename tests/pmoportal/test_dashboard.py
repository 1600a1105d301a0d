from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.translation import override

from campaigns import advancing
from campaigns.models import Campaign, Enrolment, Message
from campaigns.overview import Health
from pmoportal.dashboard import build_dashboard
from tests.admin import count_queries, log_in, make_user
from tests.factories import TUESDAY, make_enrolment, publish_campaign

HOME = "/admin/"


@pytest.mark.django_db
def test_an_empty_portal_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = Health(
        broken=[],
        failed=0,
        unknown=0,
        held_back=0,
        no_permit="No mail leaves.",
        paused=[],
        resting=[],
        unpublished=[],
        campaigns=0,
    )
    monkeypatch.setattr("pmoportal.dashboard.is_published", lambda: False)
    monkeypatch.setattr("pmoportal.dashboard.get_health", lambda **_: nothing)
    page = log_in("Marketers").get(HOME).content.decode()
    assert "The test is not published" in page
    assert "There is no campaign" in page
    assert "No mail leaves." in page
    assert "Nothing is planned for the coming week." in page


@pytest.mark.django_db
def test_all_is_well_when_everything_is_published() -> None:
    publish_campaign()
    assert "No. Everything is as it should be." in log_in("Marketers").get(HOME).content.decode()


@pytest.mark.django_db
def test_an_unpublished_campaign_is_named() -> None:
    version = publish_campaign()
    Campaign.objects.create(key="b", name="Later", assessment=version.campaign.assessment)
    assert "“Later” is not published" in log_in("Marketers").get(HOME).content.decode()


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
    with override("en"):
        board = build_dashboard(user=make_user("Marketers"), now=TUESDAY)
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
    user = make_user("Marketers")
    with override("en"):
        boards = [build_dashboard(user=user, now=TUESDAY + each * hour) for each in (0, 1, 2)]
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
