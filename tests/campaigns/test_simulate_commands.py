"""`manage.py simulate` and `manage.py forecast`."""

from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from campaigns import advancing
from campaigns.models import Campaign, CampaignVersion, Message
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


def run(*arguments: str) -> list[str]:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().splitlines()


def test_simulate_prints_a_line_for_each_decision(version: CampaignVersion) -> None:
    lines = run(
        "simulate", "utvecklingsmotorn", "--weakest", "brobyggare,takthallare",
        "--start", "2026-12-18", "--days", "20",
    )  # fmt: skip
    assert [line.split() for line in lines] == [
        ["2026-12-18", "Fri", "12:00", "result", "sent", "-"],
        ["2026-12-21", "Mon", "12:29", "tip-1", "sent", "brobyggare-weak-sit-in-on-planning"],
        ["2026-12-28", "Mon", "12:36", "tip-2", "sent", "takthallare-weak-who-waits-for-whom"],
        ["2027-01-04", "Mon", "13:05", "tip-3", "sent", "brobyggare-weak-drop-one-report"],
    ]


def test_simulate_says_why_a_step_waits_and_until_when(version: CampaignVersion) -> None:
    lines = run("simulate", "utvecklingsmotorn", "--start", "2026-12-21", "--days", "9")
    assert lines[1].split(maxsplit=4) == [
        "2026-12-24",
        "Thu",
        "12:00",
        "tip-1",
        "held       window until 2026-12-28 Mon 08:30",
    ]
    assert lines[2].startswith("2026-12-28 Mon 08:")


def test_simulate_walks_the_draft_when_asked(version: CampaignVersion) -> None:
    Campaign.objects.get().steps.exclude(key="result").delete()
    assert len(run("simulate", "utvecklingsmotorn", "--draft")) == 2
    assert len(run("simulate", "utvecklingsmotorn")) > 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "There is no campaign “nonsense”. There is: utvecklingsmotorn."),
        (["utvecklingsmotorn", "--weakest", "x"], "There is no role “x”. There is: takthallare, "),
        (["utvecklingsmotorn", "--tier", "x"], "There is no tier “x”. There is: weak, "),
        (["utvecklingsmotorn", "--language", "de"], "There is no language “de”. There is: sv, en"),
        (["utvecklingsmotorn", "--start", "soon"], "“soon” is not a date."),
        (["utvecklingsmotorn", "--start", "0001-01-01"], "The start lies too far away."),
        (["utvecklingsmotorn", "--days", "0"], "Days are 1 to 1000."),
    ],
)
def test_simulate_says_what_it_cannot_read(
    version: CampaignVersion, arguments: list[str], said: str
) -> None:
    with pytest.raises(CommandError) as error:
        run("simulate", *arguments)
    assert said in str(error.value)


def test_forecast_prints_a_line_for_each_day_and_the_sum(version: CampaignVersion) -> None:
    make_enrolment(version)
    lines = run("forecast", "utvecklingsmotorn", "--days", "30")
    assert len(lines) == 31
    assert lines[-1].split()[0] == "sum"
    assert int(lines[-1].split()[1]) >= 1
    assert not Message.objects.exists()


def test_forecast_says_that_a_paused_campaign_sends_nothing(version: CampaignVersion) -> None:
    Campaign.objects.update(paused_at="2026-09-15T07:00Z", pause_reason="by_hand")
    assert run("forecast", "utvecklingsmotorn")[-1] == (
        "The campaign is paused: nothing leaves until it goes on."
    )


@time_machine.travel(TUESDAY, tick=False)
def test_forecast_lists_the_mails_of_one_day_and_adds_them_up(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    lines = run("forecast", "utvecklingsmotorn", "--on", "2026-09-18")
    day, weekday, _time, *rest = lines[0].split()
    assert [day, weekday, *rest] == [
        "2026-09-18", "Fri", "tip-1", str(enrolment.pk), "likely", "after_3_days,behind_1",
    ]  # fmt: skip
    assert [line.split() for line in lines[1:4]] == [
        ["sum", "result", "0"],
        ["sum", "tip-1", "1"],
        ["sum", "tip-2", "0"],
    ]
    advancing.plan_due(now=TUESDAY, limit=1)
    lines = run("forecast", "utvecklingsmotorn", "--on", "2026-09-15")
    assert lines[0].split()[3:] == ["result", str(enrolment.pk), "planned", "-"]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("tuesday", "“tuesday” is not a date."),
        ("2026-09-14", "That day is not among the 30 that begin today."),
        ("2026-10-15", "That day is not among the 30 that begin today."),
    ],
)
@time_machine.travel(TUESDAY, tick=False)
def test_forecast_says_which_day_it_cannot_foretell(
    version: CampaignVersion, day: str, said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        run("forecast", "utvecklingsmotorn", "--on", day)


def test_neither_can_do_without_a_version(db: None) -> None:
    version = publish_campaign()
    Campaign.objects.create(key="new", name="New", assessment=version.campaign.assessment)
    for command in ("simulate", "forecast"):
        with pytest.raises(CommandError, match="is not published"):
            run(command, "new")
