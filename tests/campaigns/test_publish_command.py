"""`manage.py publish`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from campaigns.models import Campaign, CampaignVersion, Enrolment, Step
from tests.factories import make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


def run(*options: str) -> list[str]:
    out = StringIO()
    call_command("publish", "utvecklingsmotorn", *options, stdout=out)
    return out.getvalue().splitlines()


def test_check_finds_nothing_in_what_we_ship_and_publishes_nothing(
    version: CampaignVersion,
) -> None:
    assert [line for line in run("--check") if line.startswith("refuses")] == []
    assert CampaignVersion.objects.count() == 1


def test_check_prints_each_finding_and_ends_with_status_one(version: CampaignVersion) -> None:
    Step.objects.filter(key="talk").update(body_sv="Hej {{ fist_name }}", subject_en="ACT NOW!!")
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("publish", "utvecklingsmotorn", "--check", stdout=out)
    assert end.value.code == 1
    lines = out.getvalue().splitlines()
    assert lines[0] == (
        "refuses  step:talk.body.sv  unknown_variable: Line 1, column 5: “fist_name” is not a "
        "placeholder that can be used here. Did you mean “first_name”?"
    )
    assert [line.split(":")[0:2] for line in lines[1:]] == [
        ["advises  step", "talk.subject.en  shouting"],
        ["advises  step", "talk.subject.en  spam_word"],
    ]


def test_advice_alone_does_not_refuse(version: CampaignVersion) -> None:
    Step.objects.filter(key="talk").update(subject_en="ACT NOW!!")
    assert len(run("--check")) == 2


def test_publishing_says_which_version_and_what_became_of_those_under_way(
    version: CampaignVersion,
) -> None:
    make_enrolment(version)
    Campaign.objects.update(cap_days=2)
    assert run() == ["Version 2 is published. Under way: 1, move."]
    assert Enrolment.objects.get().version.number == 2
    Campaign.objects.update(cap_days=3)
    assert run("--people", "keep") == ["Version 3 is published. Under way: 1, keep."]
    assert Enrolment.objects.get().version.number == 2
    assert run() == ["Nothing has changed since version 3."]


def test_what_is_refused_is_not_published(version: CampaignVersion) -> None:
    Step.objects.filter(key="talk").update(subject_sv="")
    with pytest.raises(CommandError, match="Nothing was published"):
        run()
    assert CampaignVersion.objects.count() == 1


def test_a_campaign_that_is_not_there_is_told_with_those_that_are(
    version: CampaignVersion,
) -> None:
    with pytest.raises(CommandError, match="There is: utvecklingsmotorn"):
        call_command("publish", "nonsense")
