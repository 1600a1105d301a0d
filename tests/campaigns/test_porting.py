"""A campaign out as a file and in as a draft, by hand, by command and in the admin."""

from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.urls import reverse

from campaigns import drafts, files, porting, publishing
from campaigns.models import Campaign, CampaignVersion, Step, Tip
from tests.admin import get_status, log_in
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def campaign(version: CampaignVersion) -> Campaign:
    return version.campaign


@pytest.fixture
def text(campaign: Campaign) -> str:
    return porting.export(campaign=campaign)


def get_draft() -> dict[str, object]:
    return drafts.build_document(campaign=Campaign.objects.get(key="utvecklingsmotorn"))


def test_out_and_in_and_out_again_is_the_same_to_the_byte(campaign: Campaign, text: str) -> None:
    before = get_draft()
    porting.bring_in(text=text)
    assert get_draft() == before
    assert porting.export(campaign=Campaign.objects.get()) == text


def test_a_file_that_was_not_touched_changes_nothing_and_says_so(text: str) -> None:
    plan = porting.plan(text=text)
    assert (plan.is_new, plan.changes, plan.new_tips, plan.shared, plan.lost_steps) == (
        False,
        [],
        [],
        [],
        [],
    )


def test_the_ends_of_lines_that_a_browser_writes_are_no_change(text: str) -> None:
    Step.objects.filter(key="talk").update(body_sv="en rad\r\nen till")
    exported = porting.export(campaign=Campaign.objects.get())
    assert "\r" not in exported
    assert porting.plan(text=exported).changes == []


def test_the_plan_says_what_changes_and_writes_nothing(text: str) -> None:
    wanted = text.replace("delay_days: 7", "delay_days: 9", 1).replace(
        "opens: 08:30", "opens: 09:00"
    )
    plan = porting.plan(text=wanted)
    assert {(each.old, each.new) for each in plan.changes} == {("7", "9"), ("08:30", "09:00")}
    assert porting.export(campaign=Campaign.objects.get()) == text


def test_steps_that_are_not_in_the_file_go_and_tips_stay(campaign: Campaign, text: str) -> None:
    document = files.read(text=text)
    document["campaign"]["steps"] = document["campaign"]["steps"][:2]
    document["tips"] = document["tips"][:1]
    document["tips"][0]["subject"]["sv"] = "Nytt ämne"
    changed = files.write(document=document)
    plan = porting.plan(text=changed)
    assert len(plan.lost_steps) == 7
    assert plan.shared == [document["tips"][0]["key"]]
    porting.bring_in(text=changed)
    assert (Step.objects.count(), Tip.objects.count()) == (2, 36)
    assert Tip.objects.get(key=plan.shared[0]).subject_sv == "Nytt ämne"


def test_a_copy_under_another_key_is_a_campaign_of_its_own(text: str) -> None:
    assert porting.plan(text=text, key="copy").is_new
    porting.bring_in(text=text, key="copy")
    assert sorted(Campaign.objects.values_list("key", flat=True)) == ["copy", "utvecklingsmotorn"]
    assert Step.objects.count() == 18
    assert publishing.get_published(key="copy") is None


def test_nobody_under_way_notices(version: CampaignVersion, text: str) -> None:
    enrolment = make_enrolment(version)
    porting.bring_in(text=text.replace("delay_days: 7", "delay_days: 9"))
    enrolment.refresh_from_db()
    assert enrolment.version.document == version.document
    assert CampaignVersion.objects.count() == 1


def test_a_version_can_be_taken_out_instead_of_the_draft(version: CampaignVersion) -> None:
    Step.objects.filter(key="talk").delete()
    campaign = Campaign.objects.get()
    assert "key: talk" not in porting.export(campaign=campaign)
    assert "key: talk" in porting.export(campaign=campaign, version=version)


def test_a_campaign_without_tip_steps_takes_no_tips_along(campaign: Campaign) -> None:
    Step.objects.filter(kind="tip").delete()
    assert files.read(text=porting.export(campaign=campaign))["tips"] == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("assessment: pmo", "assessment: other", "no_such_test"),
        ("role: brobyggare", "role: snickare", "no_such_role"),
    ],
)
def test_what_this_installation_does_not_know_is_refused_and_nothing_is_written(
    text: str, old: str, new: str, code: str
) -> None:
    before = get_draft()
    with pytest.raises(porting.BadFile) as error:
        porting.bring_in(text=text.replace(old, new))
    assert {problem.code for problem in error.value.problems} == {code}
    assert get_draft() == before


def test_what_was_brought_in_is_not_seeded_over(text: str) -> None:
    porting.bring_in(text=text.replace("delay_days: 7", "delay_days: 9"))
    before = get_draft()
    call_command("seed_content", stdout=StringIO())
    assert get_draft() == before


# --- Commands --------------------------------------------------------------------------------


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_commands_take_out_and_bring_in(text: str, tmp_path: Path) -> None:
    file = tmp_path / "campaign.yaml"
    run("export_campaign", "utvecklingsmotorn", "--output", str(file))
    assert file.read_text(encoding="utf-8") == text == run("export_campaign", "utvecklingsmotorn")
    assert run("import_campaign", str(file)) == "Nothing differs.\nIt is the draft now.\n"
    file.write_text(text.replace("priority: 10", "priority: 11"), encoding="utf-8")
    said = "campaign.priority: '10' -> '11'\n"
    assert run("import_campaign", str(file), "--dry-run") == f"{said}Nothing was written.\n"
    assert Campaign.objects.get().priority == 10
    run("import_campaign", str(file), "--as", "copy")
    assert Campaign.objects.get(key="copy").priority == 11


def test_the_import_prints_everything_that_is_wrong(text: str, tmp_path: Path) -> None:
    file = tmp_path / "campaign.yaml"
    file.write_text(text.replace("priority: 10", "prioritet: 10"), encoding="utf-8")
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("import_campaign", str(file), stdout=out)
    assert end.value.code == 1
    assert out.getvalue().splitlines() == [
        "campaign.priority  Something is missing here.",
        "campaign.prioritet  “prioritet” means nothing here. Did you mean “priority”?",
    ]


def test_the_commands_say_what_they_cannot_find(campaign: Campaign, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is: utvecklingsmotorn"):
        run("export_campaign", "nonsense")
    with pytest.raises(CommandError, match=r"There is no version “7”\. There is: 1"):
        run("export_campaign", "utvecklingsmotorn", "--version-number", "7")
    with pytest.raises(CommandError, match="The file cannot be read"):
        run("import_campaign", str(tmp_path / "nothing.yaml"))


# --- In the admin ----------------------------------------------------------------------------

IMPORT = "/admin/campaigns/campaign/import/"


def upload(text: str | bytes) -> dict[str, object]:
    content = text.encode() if isinstance(text, str) else text
    file = BytesIO(content)
    file.name = "campaign.yaml"
    return {"file": file}


def test_a_marketer_takes_out_a_file(campaign: Campaign, text: str) -> None:
    url = reverse("admin:campaigns_campaign_export", args=[campaign.pk])
    answer = log_in("Marketers").get(url)
    assert answer.content.decode() == text
    assert "utvecklingsmotorn-" in answer["Content-Disposition"]


def test_a_marketer_sees_what_a_file_would_change_and_then_brings_it_in(text: str) -> None:
    client = log_in("Marketers")
    changed = text.replace("priority: 10", "priority: 11")
    page = client.post(IMPORT, upload(changed)).content.decode()
    assert "The draft of The development engine changes" in page
    assert Campaign.objects.get().priority == 10
    # As a browser sends a hidden field.
    carried = {"text": changed.replace("\n", "\r\n"), "key": "", "confirmed": "yes"}
    page = client.post(IMPORT, carried, follow=True).content.decode()
    assert "Imported as a draft." in page
    assert Campaign.objects.get().priority == 11
    assert LogEntry.objects.count() == 1
    assert porting.plan(text=changed).changes == []


def test_a_file_with_faults_tells_them_all_and_imports_nothing(text: str) -> None:
    bad = text.replace("priority: 10", "priority: high").replace("tier: strong", "tier: super")
    page = log_in("Marketers").post(IMPORT, upload(bad)).content.decode()
    assert "13 things are wrong with the file" in page
    assert "<code>campaign.priority</code>" in page
    assert "Nothing has been imported." in page


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Choose a file that is not empty."),
        (b"\xff\xfe\x00", "This is not a text file in UTF-8."),
        (b"x" * 1_000_001, "The file is larger than 1 MB."),
        (b"<script>alert(1)</script>", "This is not the kind of value that belongs here."),
        (b"a: [", "The file cannot be read"),
    ],
)
def test_what_is_no_campaign_is_said_to_be_none(
    campaign: Campaign, content: bytes, said: str
) -> None:
    answer = log_in("Marketers").post(IMPORT, upload(content))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert said in page
    assert "<script>alert(1)" not in page


def test_the_list_of_campaigns_leads_there(campaign: Campaign) -> None:
    page = log_in("Marketers").get("/admin/campaigns/campaign/").content.decode()
    assert f'href="{IMPORT}"' in page


def test_consultants_import_and_export_nothing(campaign: Campaign) -> None:
    client = log_in("Consultants")
    assert get_status(client, IMPORT) == 403
    assert get_status(client, f"/admin/campaigns/campaign/{campaign.pk}/export/") == 403


def test_a_draft_that_publish_would_refuse_may_come_in(campaign: Campaign, text: str) -> None:
    unfinished = text.replace("{{ first_name | du }}", "{{ fist_name }}")
    porting.bring_in(text=unfinished)
    assert publishing.check(campaign=Campaign.objects.get(), now=TUESDAY)
