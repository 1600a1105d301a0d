import json

import pytest
from django.test import Client

from campaigns import drafts
from campaigns.admin.drafting import judge
from campaigns.models import Campaign, Message, Tip
from tests.admin import get_list, get_page, get_status, log_in
from tests.campaigns.wires import make_message
from tests.factories import publish_campaign

pytestmark = pytest.mark.django_db

CHECK = "/admin/campaigns/campaign/check/"


@pytest.fixture
def campaign(db: None) -> Campaign:
    return publish_campaign().campaign


def test_a_slip_of_the_pen_is_told_at_its_part_while_it_is_written() -> None:
    said = judge(
        {"subject": "Hej {{ fist_name }}", "preview": "", "body": ""}, language="sv", is_tip=True
    )
    assert len(said["subject"]["faults"]) == 1
    assert "fist_name" in said["subject"]["faults"][0]
    assert said["preview"] == said["body"] == {"faults": [], "advice": []}


def test_what_is_still_empty_is_no_fault_yet() -> None:
    said = judge({"subject": "", "preview": "", "body": ""}, language="sv", is_tip=True)
    assert all(each == {"faults": [], "advice": []} for each in said.values())


def test_advice_is_given_beside_the_faults() -> None:
    texts = {"subject": "x" * 60, "preview": "Kort", "body": "Tre små ord."}
    said = judge(texts, language="sv", is_tip=True)
    assert (len(said["subject"]["advice"]), len(said["body"]["advice"])) == (1, 1)


def test_the_check_answers_a_marketer_and_changes_nothing(campaign: Campaign) -> None:
    answer = log_in("Marketers").post(CHECK, {"body": "{{ x }}", "language": "sv", "kind": "tip"})
    assert len(json.loads(answer.content)["body"]["faults"]) == 1


@pytest.mark.parametrize("group", ["Consultants", ""])
def test_the_check_answers_nobody_else(group: str) -> None:
    assert log_in(group).post(CHECK, {"body": "x"}).status_code == 403


def test_the_check_asks_strangers_to_log_in_and_answers_no_get() -> None:
    assert Client().post(CHECK).status_code == 302
    assert get_status(log_in("Marketers"), CHECK) == 405


@pytest.mark.parametrize("text", ["\x00", "{{" * 9000, "[" * 5000, "😀" * 200_000, "\u202e"])
def test_the_check_survives_any_text(campaign: Campaign, text: str) -> None:
    answer = log_in("Marketers").post(CHECK, {"body": text, "language": "xx", "kind": "?"})
    assert answer.status_code == 200


def get_form(page: object) -> dict[str, object]:
    form = page.context["adminform"].form  # type: ignore[attr-defined]
    return {name: form[name].value() or "" for name in form.fields}


def test_a_second_subject_is_written_beside_the_first(campaign: Campaign) -> None:
    tip = Tip.objects.latest("pk")
    client = log_in("Marketers")
    form = get_form(client.get(get_page(tip)))
    form |= {"subject_b_sv": "En annan rad", "subject_b_en": "Another line", "is_active": "on"}
    client.post(get_page(tip), form)
    tip.refresh_from_db()
    assert (tip.subject_b_sv, tip.subject_b_en) == ("En annan rad", "Another line")  # type: ignore[attr-defined]


def test_a_broken_second_subject_is_refused_in_its_own_field(campaign: Campaign) -> None:
    tip = Tip.objects.latest("pk")
    client = log_in("Marketers")
    form = get_form(client.get(get_page(tip))) | {"subject_b_sv": "Hej {{ x }}", "is_active": "on"}
    errors = client.post(get_page(tip), form).context["adminform"].form.errors
    assert list(errors) == ["subject_b_sv"]


def test_saving_a_text_as_it_is_changes_nothing(campaign: Campaign) -> None:
    """A browser sends line ends of its own, and Publish must not see a change in that."""
    tip = Tip.objects.filter(body_sv__contains="\n\n").latest("pk")
    before = drafts.build_tip(tip)
    client = log_in("Marketers")
    form = get_form(client.get(get_page(tip))) | {"is_active": "on"}
    form = {name: str(value).replace("\n", "\r\n") for name, value in form.items()}
    assert client.post(get_page(tip), form).status_code == 302
    assert drafts.build_tip(Tip.objects.get(pk=tip.pk)) == before


def test_a_refused_form_does_not_say_that_it_was_saved(campaign: Campaign) -> None:
    client = log_in("Marketers")
    form = get_form(client.get(get_page(campaign)))
    form |= {"opens": "17:00", "closes": "09:00", "weekdays": ["1"]}
    form |= {"steps-TOTAL_FORMS": "0", "steps-INITIAL_FORMS": "0"}
    page = client.post(get_page(campaign), form)
    assert list(page.context["adminform"].form.errors) == ["closes"]
    assert (page.context["is_changed"], "08:30" in page.context["hours"]) == (False, True)


@pytest.mark.parametrize("days", ["-1", "366"])
def test_days_are_between_now_and_a_year(campaign: Campaign, days: str) -> None:
    client = log_in("Marketers")
    form = get_form(client.get(get_page(campaign))) | {"cap_days": days}
    form |= {"steps-TOTAL_FORMS": "0", "steps-INITIAL_FORMS": "0"}
    errors = client.post(get_page(campaign), form).context["adminform"].form.errors
    assert "cap_days" in errors


def test_what_is_wrong_for_everybody_is_told_once_by_the_steps_name(campaign: Campaign) -> None:
    campaign.steps.filter(key="talk").update(body_sv="Hej {{ second_role }}")
    page = log_in("Marketers").get(get_page(campaign, "publish"))
    (fault,) = page.context["faults"]
    assert fault.place.startswith("Day 45: ")
    assert fault.url.endswith("#id_steps-7-body_sv")


def test_another_campaign_on_the_same_consent_is_told_before_publishing(
    campaign: Campaign,
) -> None:
    Campaign.objects.create(key="second", name_sv="B", name_en="B", assessment=campaign.assessment)
    second = Campaign.objects.get(key="second")
    page = log_in("Marketers").get(get_page(second, "publish"))
    assert list(page.context["rivals"]) == [campaign]


def test_a_new_campaign_begins_with_working_days_in_stockholm(campaign: Campaign) -> None:
    page = log_in("Marketers").get("/admin/campaigns/campaign/add/")
    form = page.context["adminform"].form
    assert form["weekdays"].value() == [1, 2, 3, 4, 5]
    assert (form["zone"].value(), form["assessment"].value()) == (
        "Europe/Stockholm",
        campaign.assessment_id,
    )


def test_tips_are_found_by_their_tags(campaign: Campaign) -> None:
    tip = Tip.objects.latest("pk")
    client = log_in("Marketers")
    form = get_form(client.get(get_page(tip))) | {
        "tags": "Möten,  planering, möten",
        "is_active": "on",
    }
    client.post(get_page(tip), form)
    tip.refresh_from_db()
    assert tip.tags == ["möten", "planering"]
    found = client.get(f"{get_list(Tip)}?tag=planering").context["cl"].result_list
    assert list(found) == [tip]


def test_a_tip_says_how_often_it_was_sent_and_who_takes_it(campaign: Campaign) -> None:
    make_message()
    tip = Tip.objects.latest("pk")
    Message.objects.update(tip_key=tip.key, state="sent", sent_at="2026-09-15T07:00:00Z")
    page = log_in("Marketers").get(get_page(tip))
    assert (page.context["sent"], page.context["users"]) == (1, [campaign])
