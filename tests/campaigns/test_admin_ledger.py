"""The ledger and the figures of a campaign in the admin, and why a mail was not sent."""

import csv
import io
from datetime import timedelta
from itertools import count

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from campaigns import advancing, pausing, permission
from campaigns.models import Campaign, CampaignVersion, DeliveryEvent, Enrolment, Message, Purpose
from tests.admin import count_queries, get_list, get_page, get_status, log_in, make_user
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NUMBERS = count()
STEPS = 9


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


def get_url(version: CampaignVersion, page: str = "ledger") -> str:
    return reverse(f"admin:campaigns_campaign_{page}", args=[version.campaign_id])


def enrol(version: CampaignVersion, email: str = "") -> Enrolment:
    return make_enrolment(version, email=email or f"p{next(NUMBERS)}@example.se")


def send_result(version: CampaignVersion, email: str = "") -> Enrolment:
    """A new person who has had the result letter."""
    enrolment = enrol(version, email)
    advancing.plan_due(now=TUESDAY, limit=10)
    Message.objects.filter(state="queued").update(state="sent", sent_at=TUESDAY, ended_at=TUESDAY)
    return enrolment


def stop(enrolment: Enrolment) -> None:
    permission.withdraw(
        respondent_id=enrolment.respondent_id,
        purposes=[Purpose.TIPS],
        source="test",
        now=TUESDAY + DAY,
    )


def make_history(version: CampaignVersion) -> None:
    """One of each kind that is easily come by."""
    for state, reason in (("failed", "refused"), ("dropped", "too_late"), ("skipped", "bounce")):
        Message.objects.filter(enrolment=send_result(version)).update(state=state, reason=reason)
    stop(send_result(version))
    send_result(version)
    pausing.pause(campaign_id=version.campaign_id, reason=pausing.BY_HAND, now=TUESDAY + DAY)
    advancing.plan_due(now=TUESDAY + 4 * DAY, limit=10)
    enrol(version)
    Campaign.objects.update(paused_at=None, pause_reason="")
    advancing.plan_due(now=TUESDAY, limit=10)


def download(client: Client, version: CampaignVersion, query: str = "") -> list[list[str]]:
    answer = client.get(f"{get_url(version, 'ledger_export')}?{query}")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[arg-type]
    assert text[0] == "\ufeff"
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def get_lines(client: Client, enrolment: Enrolment) -> list[str]:
    return [line.why for line in client.get(get_page(enrolment)).context["ledger"]]


# --- The campaign's ledger ---------------------------------------------------------------


@pytest.mark.parametrize("page", ["ledger", "ledger_export", "figures", "subjects"])
def test_only_who_may_see_campaigns_sees_their_pages(version: CampaignVersion, page: str) -> None:
    assert get_status(log_in("Marketers"), get_url(version, page)) == 200
    assert get_status(log_in("Consultants"), get_url(version, page)) == 403
    assert get_status(Client(), get_url(version, page)) == 302


def test_every_number_leads_to_as_many_rows(version: CampaignVersion) -> None:
    make_history(version)
    client = log_in("Marketers")
    rows = client.get(get_url(version)).context["rows"]
    parts = [part for row in rows for part in row.parts if part.count]
    assert {part.ending for part in parts} >= {"sent", "held", "never", "under_way", "waiting"}
    for part in parts:
        assert client.get(part.url).context["cl"].result_count == part.count, part


def test_every_reason_of_a_step_leads_to_as_many_rows(version: CampaignVersion) -> None:
    make_history(version)
    client = log_in("Marketers")
    for step in ("result", "tip-1"):
        whys = client.get(f"{get_url(version)}?step={step}").context["whys"]
        assert len(whys) > 1
        for why in whys:
            assert client.get(why.url).context["cl"].result_count == why.count, why


def test_the_sum_is_shown_and_adds_up(version: CampaignVersion) -> None:
    make_history(version)
    response = log_in("Marketers").get(get_url(version))
    first = response.context["rows"][0]
    assert first.planned == 6 == sum(part.count for part in first.parts)
    assert "6 = 2 + 1 + 1 + 1 + 1" in response.content.decode()


def test_reasons_come_most_frequent_first(version: CampaignVersion) -> None:
    stop(send_result(version))
    stop(send_result(version))
    send_result(version)
    whys = log_in("Marketers").get(get_url(version)).context["whys"]
    assert [(why.ending, why.sentence, why.count) for why in whys] == [
        ("never", "The person unsubscribed.", 2 * (STEPS - 1)),
        ("waiting", "Its day has not come yet.", STEPS - 1),
        ("sent", "As planned.", 3),
    ]


def test_nonsense_in_the_address_finds_nothing_and_breaks_nothing(version: CampaignVersion) -> None:
    send_result(version)
    client = log_in("Marketers")
    page = client.get(f"{get_url(version)}?step=x&ending=y&reason=z").content.decode()
    assert "Nothing of the kind has happened." in page
    people = reverse("admin:campaigns_enrolment_changelist")
    for query in ("at=x", "at=held", "at=sent:result", "at=held:x:y", "at=never::", "at="):
        for campaign in ("1", "x", ""):
            url = f"{people}?campaign__id__exact={campaign}&{query}"
            assert get_status(client, url) in {200, 302}, url
    assert get_status(client, f"{get_list(Message)}?step=nothing") == 200


def test_a_person_is_found_by_part_of_the_address(version: CampaignVersion) -> None:
    alva, _other = send_result(version, "alva@example.se"), send_result(version, "arne@example.se")
    client = log_in("Marketers")
    assert client.get(f"{get_url(version)}?q=alva").headers["Location"] == get_page(alva)
    listed = client.get(f"{get_url(version)}?q=example", follow=True)
    assert listed.context["cl"].result_count == 2


def test_a_page_takes_as_many_queries_for_four_people_as_for_one(version: CampaignVersion) -> None:
    client = log_in("Marketers")
    send_result(version)
    pages = [get_url(version, page) for page in ("ledger", "figures", "subjects")]
    one = [count_queries(client, page) for page in pages]
    for _ in range(3):
        stop(send_result(version))
    assert [count_queries(client, page) for page in pages] == one


# --- As a file ---------------------------------------------------------------------------


def test_the_file_has_a_line_for_each_step_of_each_person(version: CampaignVersion) -> None:
    enrolment = send_result(version, "alva@example.se")
    head, first, *rest = download(log_in("Marketers"), version)
    assert head[:8] == [
        "address",
        "enrolment",
        "version now",
        "step",
        "day",
        "mail",
        "what happened",
        "why",
    ]
    assert head[8:] == [
        f"{each} (Europe/Stockholm)" for each in ("planned", "due", "sent", "ended")
    ]
    assert first == [
        "alva@example.se",
        str(enrolment.pk),
        "1",
        "result",
        "0",
        "Your result: how your PMO comes out",
        "Sent",
        "As planned.",
        *["2026-09-15 09:00:00"] * 4,
    ]
    assert len(rest) == STEPS - 1


def test_the_file_holds_what_was_chosen(version: CampaignVersion) -> None:
    stop(send_result(version, "gone@example.se"))
    send_result(version)
    _head, *rows = download(log_in("Marketers"), version, "step=tip-1&ending=never")
    assert [(row[0], row[3], row[6]) for row in rows] == [
        ("gone@example.se", "tip-1", "Never came")
    ]


def test_an_address_cannot_be_a_formula(version: CampaignVersion) -> None:
    enrol(version, "=cmd@example.se")
    _head, first, *_rest = download(log_in("Marketers"), version)
    assert first[0] == "'=cmd@example.se"


def test_addresses_are_for_those_who_may_see_mails(version: CampaignVersion) -> None:
    enrol(version, "alva@example.se")
    user = make_user()
    user.user_permissions.add(Permission.objects.get(codename="view_campaign"))
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    head, first, *_rest = download(client, version)
    assert (head[0], len(head)) == ("enrolment", len(first))
    assert "alva@example.se" not in first
    assert client.get(f"{get_url(version)}?q=alva").status_code == 403


# --- Why was it not sent? ----------------------------------------------------------------


def test_the_ledger_of_a_person_says_when_a_step_comes(version: CampaignVersion) -> None:
    lines = get_lines(log_in("Marketers"), send_result(version))
    assert lines[:3] == [
        "",
        "Its day has not come yet. We look again 2026-09-18 09:00.",
        "Comes 7 days after the mail before it.",
    ]


def test_the_ledger_of_a_person_says_why_a_step_waits(version: CampaignVersion) -> None:
    enrolment = send_result(version)
    saturday = TUESDAY + 4 * DAY
    advancing.plan_due(now=saturday, limit=10)
    lines = get_lines(log_in("Marketers"), enrolment)
    assert lines[1] == (
        "Waits for a working day and working hours. We look again 2026-09-21 08:30."
    )


def test_the_ledger_of_a_person_says_why_a_step_never_came(version: CampaignVersion) -> None:
    enrolment = send_result(version)
    stop(enrolment)
    lines = get_lines(log_in("Marketers"), enrolment)
    assert lines == ["", *["The person unsubscribed."] * (STEPS - 1)]


def test_a_mail_that_waits_says_when_it_is_to_leave(version: CampaignVersion) -> None:
    enrol(version)
    advancing.plan_due(now=TUESDAY, limit=10)
    Message.objects.update(reason="pace")
    sentence = "Waits its turn: no more mail may leave at once. Is to leave 2026-09-15 09:00."
    client = log_in("Marketers")
    for url in (get_list(Message), get_page(Message.objects.get())):
        assert sentence in client.get(url).content.decode()


def test_a_mail_that_only_an_earlier_version_has_keeps_its_line(version: CampaignVersion) -> None:
    enrolment = send_result(version)
    campaign = version.document["campaign"]
    shorter = CampaignVersion.objects.create(
        campaign=version.campaign,
        number=2,
        document=version.document | {"campaign": campaign | {"steps": campaign["steps"][1:]}},
        compiled=version.compiled,
        published_at=TUESDAY,
    )
    Enrolment.objects.filter(pk=enrolment.pk).update(version=shorter)
    response = log_in("Marketers").get(get_page(enrolment))
    assert [line.is_gone for line in response.context["ledger"]] == [True] + [False] * (STEPS - 1)
    assert "From an earlier version." in response.content.decode()


def test_the_list_of_mails_leads_to_the_ledger_of_the_person(version: CampaignVersion) -> None:
    enrolment = send_result(version)
    assert get_page(enrolment) in log_in("Marketers").get(get_list(Message)).content.decode()


def test_the_list_of_one_step_takes_a_fixed_number_of_queries(version: CampaignVersion) -> None:
    client = log_in("Marketers")
    send_result(version)
    url = f"{get_list(Message)}?enrolment__campaign__id__exact={version.campaign_id}&step=result"
    one = count_queries(client, url)
    send_result(version)
    send_result(version)
    assert count_queries(client, url) == one


# --- Figures -----------------------------------------------------------------------------


def test_few_mails_are_numbers_without_a_share(version: CampaignVersion) -> None:
    message = Message.objects.get(enrolment=send_result(version))
    report(message)
    response = log_in("Marketers").get(get_url(version, "figures"))
    cell = response.context["rows"][0].cells[4]
    assert (cell.label, cell.count, cell.share, cell.is_small) == ("Delivered", 1, "", True)
    assert "too few to say" in response.content.decode()


def test_a_share_says_how_sure_it_is(version: CampaignVersion) -> None:
    message = Message.objects.get(enrolment=send_result(version))
    report(message)
    copy_to_many(message, 99)
    cell = log_in("Marketers").get(get_url(version, "figures")).context["rows"][0].cells[4]
    assert (cell.count, cell.share, cell.between) == (1, "1.0 %", "0.2–5.4")


def test_without_reports_the_page_says_why_the_columns_are_empty(version: CampaignVersion) -> None:
    send_result(version)
    client = log_in("Marketers")
    sentence = "we know only from a mail provider"
    assert sentence in client.get(get_url(version, "figures")).content.decode()
    report(Message.objects.get())
    cache.clear()
    assert sentence not in client.get(get_url(version, "figures")).content.decode()


def report(message: Message) -> None:
    DeliveryEvent.objects.create(
        key=str(message.pk),
        message=message,
        provider="p",
        kind="delivered",
        happened_at=TUESDAY,
        received_at=TUESDAY,
    )


def copy_to_many(message: Message, many: int) -> None:
    """As many more people with the same history."""
    enrolment = message.enrolment
    assert enrolment is not None
    for number in range(many):
        person, mail = Enrolment.objects.get(pk=enrolment.pk), Message.objects.get(pk=message.pk)
        person.pk, person.state, person.reason = None, "stopped", "bounce"
        person.ended_at, person.next_due_at = TUESDAY, None
        person.save()
        mail.pk, mail.key, mail.enrolment = None, f"many:{number}", person
        mail.save(force_insert=True)
