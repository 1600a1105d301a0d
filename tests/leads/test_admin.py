import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from campaigns import permission
from campaigns.models import CampaignVersion
from leads import handover
from leads.models import Lead
from leads.overview import get_counts, get_leads
from leads.refreshing import refresh_lead
from leads.words import describe_reason
from tests.admin import get_status, log_in, make_user
from tests.factories import TUESDAY, publish_campaign
from tests.leads.making import make_lead

pytestmark = pytest.mark.django_db

LIST = "/admin/leads/lead/"
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


def get_page(lead: Lead, name: str = "change") -> str:
    return reverse(f"admin:leads_lead_{name}", args=[lead.pk])


def get_rows(client: Client, query: str = "") -> list[Lead]:
    return list(client.get(LIST + query).context["cl"].result_list)


@pytest.mark.parametrize(
    ("group", "status"), [("Consultants", 200), ("Administrators", 200), ("Marketers", 403)]
)
def test_leads_are_for_consultants(version: CampaignVersion, group: str, status: int) -> None:
    lead, client = make_lead(version), log_in(group)
    assert (get_status(client, LIST), get_status(client, get_page(lead))) == (status, status)


def test_a_stranger_is_asked_to_log_in() -> None:
    assert get_status(Client(), LIST) == 302


def test_a_marketer_cannot_take_or_change_a_lead(version: CampaignVersion) -> None:
    lead, client = make_lead(version), log_in("Marketers")
    assert client.post(get_page(lead, "take")).status_code == 403
    assert client.post(get_page(lead), {"stage": "won"}).status_code == 403


@pytest.mark.parametrize("group", ["Consultants", "Administrators"])
def test_a_person_who_did_not_ask_for_contact_is_nobodys_lead(
    version: CampaignVersion, group: str
) -> None:
    lead, client = make_lead(version, may_contact=False), log_in(group)
    assert get_rows(client) == []
    assert get_rows(client, "?q=p0@") == []
    assert client.get(get_page(lead)).status_code == 302  # told that there is no such lead
    assert client.post(get_page(lead), {"stage": "won"}).status_code == 302
    assert client.post(get_page(lead, "take")).status_code == 404
    lead.refresh_from_db()
    assert (lead.owner, lead.stage) == (None, "new")


def test_a_lead_disappears_when_contact_is_withdrawn(version: CampaignVersion) -> None:
    lead, client = make_lead(version), log_in("Consultants")
    assert get_rows(client) == [lead]
    permission.withdraw(
        respondent_id=lead.respondent_id, purposes=["contact"], source="link", now=TUESDAY
    )
    refresh_lead(respondent_id=lead.respondent_id, now=TUESDAY)
    assert get_rows(client) == []


def test_the_list_says_why_in_words(version: CampaignVersion) -> None:
    make_lead(version)
    page = log_in("Consultants").get(LIST).content.decode()
    assert "asked to be contacted 3 days ago" in page


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ({"label": "PMO lead", "key": "own-role", "points": 20, "days_ago": None}, "+20 PMO lead"),
        (
            {"label": "", "key": "confirmed", "points": 25, "days_ago": 3},
            "+25 confirmed the address 3 days ago",
        ),
        (
            {"label": "", "key": "confirmed", "points": 24, "days_ago": 1},
            "+24 confirmed the address yesterday",
        ),
        (
            {"label": "500–1,999", "key": "size", "points": 18, "days_ago": None},
            "+18 “500–1,999”",
        ),
        ({"label": "", "key": "new-kind", "points": 1, "days_ago": 0}, "+1 new-kind today"),
    ],
)
def test_a_reason_is_a_sentence(reason: dict[str, object], sentence: str) -> None:
    with override("en"):
        assert describe_reason(reason) == sentence


def test_a_script_in_a_name_is_text(version: CampaignVersion) -> None:
    lead, client = make_lead(version, first_name=EVIL), log_in("Consultants")
    for url in (LIST, get_page(lead), reverse("admin:index")):
        assert EVIL not in client.get(url).content.decode()


def test_a_consultant_takes_a_lead_in_the_list(version: CampaignVersion) -> None:
    lead, client = make_lead(version), log_in("Consultants")
    page = client.post(LIST, {"action": "take", "_selected_action": [lead.pk]}, follow=True)
    lead.refresh_from_db()
    assert lead.owner is not None
    assert lead.owner.username == "consultants"
    assert "The lead is yours." in page.content.decode()


def test_a_consultant_takes_a_lead_on_its_page(version: CampaignVersion) -> None:
    lead, client = make_lead(version), log_in("Consultants")
    assert get_status(client, get_page(lead, "take")) == 405
    assert "Take the lead" in client.get(get_page(lead)).content.decode()
    client.post(get_page(lead, "take"))
    lead.refresh_from_db()
    assert lead.owner is not None


def test_take_leaves_a_colleagues_lead_alone(version: CampaignVersion) -> None:
    colleague, client = make_user(name="colleague"), log_in("Consultants")
    lead = make_lead(version)
    Lead.objects.filter(pk=lead.pk).update(owner=colleague)
    page = client.post(get_page(lead, "take"))
    lead.refresh_from_db()
    assert (page.status_code, lead.owner) == (403, colleague)
    assert "a colleague’s" in page.content.decode()


def test_an_administrators_take_leaves_a_colleagues_lead_alone_too(
    version: CampaignVersion,
) -> None:
    colleague, client = make_user(name="colleague"), log_in("Administrators")
    lead = make_lead(version, owner=colleague)
    page = client.post(get_page(lead, "take"), follow=True)
    assert Lead.objects.get(pk=lead.pk).owner == colleague
    assert "left with them" in page.content.decode()


def test_take_takes_nobody_who_may_not_be_contacted(version: CampaignVersion) -> None:
    lead, user = make_lead(version, may_contact=False), make_user()
    assert handover.take(lead_ids=[lead.pk], owner_id=user.pk, now=TUESDAY) == 0


def test_a_lead_can_be_neither_added_nor_removed(version: CampaignVersion) -> None:
    client = log_in("Administrators")
    assert get_status(client, reverse("admin:leads_lead_add")) == 403
    assert get_status(client, get_page(make_lead(version), "delete")) == 403


def test_the_dashboard_lists_only_ones_own_open_leads(version: CampaignVersion) -> None:
    user = make_user("Consultants")
    own, won, _free = (make_lead(version, number=number) for number in range(3))
    Lead.objects.filter(pk=own.pk).update(owner=user)
    Lead.objects.filter(pk=won.pk).update(owner=user, stage="won")
    found = get_leads(owner_id=user.pk, limit=5, unowned_limit=0)
    assert [call.pk for call in found.mine] == [own.pk]
    assert (found.mine_count, found.unowned_count) == (1, 1)


def test_others_are_counted_without_names(version: CampaignVersion) -> None:
    make_lead(version)
    make_lead(version, number=1, may_contact=False)
    assert (get_counts().may_contact, get_counts().others) == (1, 1)
