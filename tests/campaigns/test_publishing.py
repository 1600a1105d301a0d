from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings

from campaigns import publishing, rendering, seeding
from campaigns.models import Campaign, CampaignVersion, CompiledMail, Step, Tip
from tests.factories import ROLES, TUESDAY, publish_campaign, read_content

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def campaign(version: CampaignVersion) -> Campaign:
    return version.campaign


def get_problems(campaign: Campaign) -> list[str]:
    return [str(problem) for problem in publishing.check(campaign=campaign, now=TUESDAY)]


def test_publish_freezes_the_shipped_files(version: CampaignVersion) -> None:
    assert version.document == {
        "campaign": read_content("campaign.yaml"),
        "tips": sorted(
            (tip for role in ROLES for tip in read_content(f"tips/{role}.yaml")),
            key=lambda tip: tip["role"],
        ),
    }


def test_publish_compiles_every_step_and_tip_in_both_languages(version: CampaignVersion) -> None:
    steps = [f"step:{key}" for key in ("result", "talk", "retake")]
    tips = [f"tip:{tip['key']}" for tip in version.document["tips"]]
    expected = {f"{key}/{language}" for key in steps + tips for language in ("sv", "en")}
    assert set(version.compiled) == expected
    assert CompiledMail.objects.filter(digest__in=version.compiled.values()).count() == len(
        set(version.compiled.values())
    )


def test_publish_twice_makes_one_version(campaign: Campaign) -> None:
    again = publishing.publish(campaign=campaign, by=None, now=TUESDAY)
    assert again.number == 1


def test_publish_makes_a_new_version_of_a_changed_draft(campaign: Campaign) -> None:
    campaign.steps.filter(key="talk").update(delay_days=30)
    assert publishing.publish(campaign=campaign, by=None, now=TUESDAY).number == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Hej {{ fist_name | du }}", "step:talk.body.sv 1:5: unknown_variable “fist_name”"),
        ("Hej {{ first_name }}", "step:talk.body.sv 1:5: missing_fallback “first_name”"),
        (
            "Hej\n{{ settings.SECRET_KEY }}",
            "step:talk.body.sv 2:1: dotted_name “settings.SECRET_KEY”",
        ),
        ("Hej {{ first_name", "step:talk.body.sv 1:5: unclosed"),
        ("{% load admin %}", "step:talk.body.sv 1:1: tag"),
        ("", "step:talk.body.sv 1:1: empty"),
    ],
)
def test_publish_is_refused_with_the_place(campaign: Campaign, text: str, problem: str) -> None:
    campaign.steps.filter(key="talk").update(body_sv=text)
    assert problem in get_problems(campaign)
    with pytest.raises(publishing.NotPublishable):
        publishing.publish(campaign=campaign, by=None, now=TUESDAY)


def test_publish_is_refused_when_a_role_has_no_tip_in_a_tier(campaign: Campaign) -> None:
    Tip.objects.filter(role_key="brobyggare", tier="strong").update(is_active=False)
    assert get_problems(campaign) == ["tips.brobyggare.strong: no_tip"]


def test_publish_is_refused_without_steps(campaign: Campaign) -> None:
    Step.objects.all().delete()
    assert get_problems(campaign) == ["steps: no_steps"]


def test_published_versions_cannot_be_changed(version: CampaignVersion) -> None:
    with pytest.raises(Exception, match="never changes"):
        CampaignVersion.objects.filter(pk=version.pk).update(document={})


def test_published_versions_cannot_be_removed(version: CampaignVersion) -> None:
    with pytest.raises(Exception, match="never changes"):
        CampaignVersion.objects.filter(pk=version.pk).delete()


def test_seeding_never_overwrites_a_tip_that_a_marketer_changed(version: CampaignVersion) -> None:
    tip = Tip.objects.order_by("pk").first()
    assert tip is not None
    Tip.objects.filter(pk=tip.pk).update(subject_sv="Mitt eget ämne")
    tips = [each for role in ROLES for each in read_content(f"tips/{role}.yaml")]
    for each in tips:
        each["subject"]["sv"] += "!"
    _, seeded = seeding.seed_campaign(
        campaign=read_content("campaign.yaml"),
        tips=tips,
        assessment_id=version.campaign.assessment_id,
    )
    assert seeded.kept == [f"tip/{tip.key}"]
    assert Tip.objects.get(pk=tip.pk).subject_sv == "Mitt eget ämne"
    assert len(seeded.written) == len(tips) - 1


# --- Links, a way out, second subjects ----------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/en/", "/test/pmo/", "/en/integritet/?a=b#c", "/resultat/abc/"]
)
def test_a_link_to_one_of_our_pages_may_be_published(campaign: Campaign, path: str) -> None:
    link = f"{settings.SITE_URL}{path}"
    Step.objects.filter(key="talk").update(body_sv=f"Se [sidan]({link}).")
    assert get_problems(campaign) == []


def test_a_link_to_a_page_of_ours_that_is_not_there_is_refused(campaign: Campaign) -> None:
    link = f"{settings.SITE_URL}/test-pmo/"
    Step.objects.filter(key="talk").update(body_sv=f"Se [sidan]({link}).")
    assert set(get_problems(campaign)) == {f"step:talk.body.sv: dead_link “{link}”"}


@pytest.mark.parametrize("target", ["", "#", "/test/pmo/", "javascript:alert(1)"])
def test_a_link_that_leads_nowhere_is_refused(campaign: Campaign, target: str) -> None:
    Step.objects.filter(key="talk").update(body_sv=f"Se [sidan]({target}).")
    problems = get_problems(campaign)
    assert problems
    assert all("step:talk.body.sv" in each and "bad_link" in each for each in problems)


@pytest.mark.parametrize("lost", ["{{ unsubscribe_url }}", "{{ postal_address }}"])
def test_a_mail_that_does_not_say_how_to_stop_and_who_writes_is_refused(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    def compile_badly(**texts: Any) -> rendering.Compiled:
        compiled = compile_well(**texts)
        return replace(compiled, text=compiled.text.replace(lost, ""))

    compile_well = rendering.compile_mail
    monkeypatch.setattr(rendering, "compile_mail", compile_badly)
    assert "step:talk.sv: no_way_out" in get_problems(campaign)


def test_a_second_subject_is_compiled_beside_the_first(campaign: Campaign) -> None:
    Step.objects.filter(key="talk").update(subject_b_sv="En kvart?", subject_b_en="A quarter?")
    version = publishing.publish(campaign=campaign, by=None, now=TUESDAY)
    first = CompiledMail.objects.get(digest=version.compiled["step:talk/sv"])
    second = CompiledMail.objects.get(digest=version.compiled["step:talk/sv/b"])
    assert (second.subject, second.subject != first.subject) == ("En kvart?", True)
    assert second.text == first.text
    assert "step:result/sv/b" not in version.compiled


def test_a_second_subject_is_needed_in_both_languages_and_judged_like_the_first(
    campaign: Campaign,
) -> None:
    Step.objects.filter(key="talk").update(subject_b_sv="Hej {{ fist_name | du }}")
    assert get_problems(campaign) == [
        "step:talk.subject_b.sv 1:5: unknown_variable “fist_name”",
        "step:talk.subject_b.en 1:1: empty",
    ]


def test_advice_names_the_place_and_fewer_tips_than_steps_are_told(campaign: Campaign) -> None:
    Step.objects.filter(key="talk").update(subject_b_sv="Vinn", subject_b_en="Win")
    tips = Tip.objects.filter(role_key="brobyggare", tier="weak")
    tips.exclude(pk=tips.order_by("pk")[0].pk).delete()
    found = {f"{each.place} {each.code}" for each in publishing.get_advice(campaign=campaign)}
    assert found == {"step:talk.subject_b.sv spam_word", "tips.brobyggare.weak few_tips"}
