"""The ledger of erasures outlives the database, and an old backup cannot undo it."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from assessments import erasures, personal_data, subjects
from assessments.models import Erasure, Respondent
from campaigns import advancing
from campaigns.models import Suppression
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def file(settings: Settings, tmp_path: Path) -> Path:
    settings.ERASURES_FILE = tmp_path / "erasures.csv"
    return settings.ERASURES_FILE


def make_person(name: str) -> int:
    return make_enrolment(publish_campaign(), email=f"{name}@example.se").respondent_id


def restore_backup(*names: str) -> None:
    """As it was before anybody was erased."""
    Erasure.objects.all().delete()
    Suppression.objects.all().delete()
    Respondent.objects.bulk_create(
        Respondent(email=f"{name}@example.se", created_at=TUESDAY) for name in names
    )


def test_an_erasure_is_written_down_without_the_person(file: Path) -> None:
    receipt = personal_data.erase(respondent_id=make_person("alva"), now=TUESDAY)
    assert receipt
    key = personal_data.get_subject_key("alva@example.se")
    mark = subjects.get_mark()
    assert file.read_text() == f"2026-09-15T07:00:00+00:00,{receipt.receipt},{key},{mark}\n"
    assert Erasure.objects.values_list("receipt", "subject_key", "erased_at").get() == (
        receipt.receipt,
        key,
        TUESDAY,
    )


def test_five_erasures_made_after_the_backup_are_made_again() -> None:
    names = [f"person{number}" for number in range(5)]
    for name in names:
        personal_data.erase(respondent_id=make_person(name), now=TUESDAY + DAY)
    restore_backup(*names, "ulf")
    replayed = personal_data.replay(now=TUESDAY + 2 * DAY)
    assert replayed == personal_data.Replayed(unknown=5, erased=5)
    assert [person.email for person in Respondent.objects.all()] == ["ulf@example.se"]
    assert Suppression.objects.filter(reason="erased").count() == 5
    assert Erasure.objects.count() == 5
    again = personal_data.replay(now=TUESDAY + 2 * DAY)
    assert again == personal_data.Replayed(unknown=0, erased=0)


def test_whoever_came_after_the_backup_and_was_erased_stays_suppressed() -> None:
    personal_data.erase(respondent_id=make_person("alva"), now=TUESDAY + DAY)
    restore_backup()
    personal_data.replay(now=TUESDAY + 2 * DAY)
    key = personal_data.get_subject_key("alva@example.se")
    assert Suppression.objects.get().subject_key == key


def test_whoever_came_back_after_the_erasure_stays() -> None:
    personal_data.erase(respondent_id=make_person("alva"), now=TUESDAY - DAY)
    restore_backup("alva")
    assert personal_data.replay(now=TUESDAY).erased == 0
    assert Respondent.objects.count() == 1
    assert not Suppression.objects.exists()


def test_whoever_had_another_address_when_the_backup_was_made_is_erased_again_too() -> None:
    person = make_person("alva")
    advancing.plan_due(now=TUESDAY, limit=10)  # a mail to the address of that time
    Respondent.objects.filter(pk=person).update(email="alva.ek@example.se")
    personal_data.erase(respondent_id=person, now=TUESDAY + DAY)
    assert Suppression.objects.count() == 2
    restore_backup("alva", "ulf")
    assert personal_data.replay(now=TUESDAY + 2 * DAY).erased == 1
    assert [each.email for each in Respondent.objects.all()] == ["ulf@example.se"]


def test_a_torn_last_line_is_passed_over_and_nothing_is_added_to_it(file: Path) -> None:
    personal_data.erase(respondent_id=make_person("alva"), now=TUESDAY)
    with file.open("a") as lines:
        lines.write("2026-09-15T07:00:00+00:00,ABCD")
    personal_data.erase(respondent_id=make_person("ulf"), now=TUESDAY)
    Erasure.objects.all().delete()
    assert len(erasures.get_entries()) == 2


def test_a_file_that_cannot_be_written_is_written_later(
    file: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ERASURES_FILE = file / "no" / "folder.csv"
    file.write_text("")
    receipt = personal_data.erase(respondent_id=make_person("alva"), now=TUESDAY)
    assert receipt
    assert "the file of erasures could not be written" in caplog.text
    settings.ERASURES_FILE = file
    erasures.write_lines()
    assert receipt.receipt in file.read_text()


def test_old_erasures_are_forgotten_in_both_places(
    file: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    older = personal_data.erase(respondent_id=make_person("alva"), now=TUESDAY)
    newer = personal_data.erase(respondent_id=make_person("ulf"), now=TUESDAY + DAY)
    assert newer
    old = erasures.get_old(before=TUESDAY + DAY, limit=10)
    assert old == [older]
    with django_capture_on_commit_callbacks(execute=True):
        erasures.forget(old)
    assert Erasure.objects.get().receipt == newer.receipt
    assert file.read_text().count("\n") == 1


def test_erase_person_prints_the_receipt() -> None:
    make_person("alva")
    said = StringIO()
    call_command("erase_person", "Alva@Example.se", stdout=said)
    assert Erasure.objects.get().receipt in said.getvalue()
    assert "alva" not in said.getvalue().lower()
    assert not Respondent.objects.exists()


@pytest.mark.parametrize("address", ["nobody@example.se", "nonsense", "a@..", ""])
def test_erase_person_says_so_when_there_is_nobody(address: str) -> None:
    with pytest.raises(CommandError, match="Nobody here has this address"):
        call_command("erase_person", address)


def test_replay_erasures_says_what_it_did() -> None:
    personal_data.erase(respondent_id=make_person("alva"), now=TUESDAY + DAY)
    restore_backup("alva")
    said = StringIO()
    call_command("replay_erasures", stdout=said)
    assert "1 erasures in" in said.getvalue()
    assert "1 people erased again" in said.getvalue()


def test_granting_a_permit_to_a_restored_database_erases_again() -> None:
    personal_data.erase(respondent_id=make_person("alva"), now=TUESDAY + DAY)
    restore_backup("alva")
    said = StringIO()
    call_command("permit", "--grant", "--yes", stdout=said)
    assert "1 erasures were unknown to this database: 1 people erased again." in said.getvalue()
    assert not Respondent.objects.exists()
