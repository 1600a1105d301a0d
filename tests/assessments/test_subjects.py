"""A new key for the hashes by which addresses are known."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from assessments import personal_data, subjects
from assessments.models import AddressKey, Erasure
from campaigns import tasks
from campaigns.models import ConsentEvent, Suppression
from campaigns.permission import get_subject_key
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

FIRST, SECOND, THIRD = (letter * 40 for letter in "abc")


@pytest.fixture(autouse=True)
def file(settings: Settings, tmp_path: Path) -> Path:
    settings.ADDRESS_KEY = FIRST
    settings.ERASURES_FILE = tmp_path / "erasures.csv"
    subjects.note_key(now=TUESDAY)
    return settings.ERASURES_FILE


def erase(name: str) -> None:
    person = make_enrolment(publish_campaign(), email=f"{name}@example.se").respondent_id
    personal_data.erase(respondent_id=person, now=TUESDAY)


def get_hashes() -> set[str]:
    rows = (Suppression.objects, ConsentEvent.objects, Erasure.objects)
    return {key for each in rows for key in each.values_list("subject_key", flat=True)}


def run() -> str:
    said = StringIO()
    call_command("rekey_addresses", stdout=said)
    return said.getvalue().strip()


def test_every_hash_is_known_by_the_new_key_and_none_by_the_old(
    settings: Settings, file: Path
) -> None:
    erase("alva")
    old = get_subject_key("alva@example.se")
    settings.ADDRESS_KEY_EARLIER, settings.ADDRESS_KEY = (FIRST,), SECOND
    assert run() == "Every hash was hashed with the new key."
    assert get_hashes() == {get_subject_key("Alva@example.se")}
    assert old not in file.read_text()
    assert get_subject_key("alva@example.se") in file.read_text()
    assert run() == "The hashes are of the newest key already."
    assert get_hashes() == {get_subject_key("alva@example.se")}


def test_a_database_two_keys_behind_is_brought_up_with_a_file_that_is_not(
    settings: Settings, file: Path
) -> None:
    erase("alva")
    settings.ADDRESS_KEY_EARLIER, settings.ADDRESS_KEY = (FIRST, SECOND), THIRD
    mark = AddressKey.objects.get().mark
    subjects.note_key(now=TUESDAY)
    erase("ulf")  # a line of the newest key
    AddressKey.objects.update(mark=mark)
    Erasure.objects.exclude(subject_key__in=get_first_keys("alva")).delete()
    Suppression.objects.exclude(subject_key__in=get_first_keys("alva")).delete()
    run()
    keys = {get_subject_key(f"{name}@example.se") for name in ("alva", "ulf")}
    assert keys == {line.split(",")[2] for line in file.read_text().splitlines()}
    assert Suppression.objects.get().subject_key == get_subject_key("alva@example.se")


def get_first_keys(name: str) -> list[str]:
    return [subjects._hash(f"{name}@example.se", [FIRST])]


def test_keys_that_made_none_of_it_are_refused(settings: Settings) -> None:
    erase("alva")
    before = get_hashes()
    settings.ADDRESS_KEY = SECOND
    with pytest.raises(CommandError, match="Nothing was changed"):
        run()
    assert get_hashes() == before


def test_no_mail_leaves_while_suppressed_addresses_would_not_be_known(settings: Settings) -> None:
    settings.ADDRESS_KEY = SECOND
    tasks.get_transport.cache_clear()
    with pytest.raises(RuntimeError, match="rekey_addresses"):
        tasks.get_transport()
    with pytest.raises(CommandError, match="First: rekey_addresses"):
        call_command("permit", "--grant", stdout=StringIO())
    settings.ADDRESS_KEY = FIRST
    assert tasks.get_transport()
    tasks.get_transport.cache_clear()


def test_a_database_without_a_mark_is_taken_to_be_of_the_keys_now_set(settings: Settings) -> None:
    AddressKey.objects.all().delete()
    assert subjects.is_key_right()
    settings.ADDRESS_KEY = SECOND
    assert run() == "The hashes are of the newest key already."
    assert AddressKey.objects.get().mark == subjects.get_mark()
