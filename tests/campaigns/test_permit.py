"""Mail leaves only where somebody let it: not from a clone, a copy or a restored backup."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from campaigns import advancing, delivery, permit, sending
from campaigns.models import DeliveryEvent, Message, Permit
from tests.campaigns.wires import Wire, make_message, read, send
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def message() -> Message:
    return make_message()


def run(*options: str) -> str:
    out = StringIO()
    call_command("permit", *options, stdout=out)
    return out.getvalue()


def send_nothing() -> str:
    """Why nothing left."""
    wire = Wire()
    assert send(wire).claimed == 0
    assert wire.mails == []
    assert read("state", "claim") == [("queued", None)]
    return permit.get_standing().reason


def test_mail_leaves_with_a_live_permit(message: Message) -> None:
    assert send(Wire()).states == {"sent": 1}


def test_no_mail_leaves_where_nobody_granted_a_permit(message: Message) -> None:
    Permit.objects.all().delete()
    assert send_nothing() == "no_permit"


def test_no_mail_leaves_from_a_host_without_the_file(message: Message, settings: Settings) -> None:
    settings.PERMIT_FILE.unlink()
    assert send_nothing() == "other_host"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"token": "x", "mark": 1}', "\x00"])
def test_a_damaged_file_is_no_permit(message: Message, settings: Settings, text: str) -> None:
    settings.PERMIT_FILE.write_text(text)
    assert send_nothing() == "other_host"


def test_no_mail_leaves_from_a_folder_that_was_copied(message: Message, settings: Settings) -> None:
    copied = settings.PERMIT_FILE.parent / "copied" / "permit.json"
    copied.parent.mkdir(exist_ok=True)
    copied.write_text(settings.PERMIT_FILE.read_text())
    settings.PERMIT_FILE = copied
    assert send_nothing() == "other_host"


def test_no_mail_leaves_from_a_dump_in_another_database(message: Message) -> None:
    Permit.objects.update(database="7711232411257351581:5")
    assert send_nothing() == "other_database"


def test_no_mail_leaves_after_the_permit_was_revoked(message: Message) -> None:
    assert "1 permits revoked" in run("--revoke")
    assert send_nothing() == "revoked"


def test_a_database_older_than_its_own_mail_sends_nothing() -> None:
    """As after restoring a backup of six hours ago: what was sent since is queued again."""
    make_message()
    before = dict(Permit.objects.values_list("token", "mark"))
    send(Wire())
    Message.objects.update(state="queued", sending_at=None, sent_at=None, attempt=0)
    for token, mark in before.items():
        Permit.objects.filter(token=token).update(mark=mark)
    assert send_nothing() == "restored"


def test_revoking_stops_a_batch_that_is_under_way() -> None:
    for name in "abc":
        make_enrolment(publish_campaign(), email=f"{name}@example.se")
    advancing.plan_due(now=TUESDAY, limit=10)

    class Revoking(Wire):
        def take(self, mail: Any) -> Any:
            permit.revoke(now=TUESDAY)
            return super().take(mail)

    wire = Revoking()
    send(wire)
    assert len(wire.mails) == 1
    assert sorted(state for (state,) in read("state")) == ["queued", "queued", "sent"]


def test_each_batch_is_counted_on_both_sides(message: Message) -> None:
    before = permit.get_standing().permit
    assert before
    send(Wire())
    after = permit._read_note()
    assert after
    assert (after.token, after.mark) == (before.token, before.mark + 1)
    assert Permit.objects.get(token=after.token).mark == after.mark


def test_an_empty_batch_is_not_counted(message: Message) -> None:
    send(Wire())
    before = permit._read_note()
    send(Wire())
    assert permit._read_note() == before


def test_an_old_batch_does_not_bring_an_old_permit_back(message: Message) -> None:
    old = permit._read_note()
    assert old
    new = permit.grant(by="x", now=TUESDAY)
    permit.remember(permit.Note(token=old.token, mark=99))
    note = permit._read_note()
    assert note
    assert (note.token, note.mark) == (new.token, 0)


def test_showing_changes_nothing_and_says_what_waits(message: Message) -> None:
    before = list(Permit.objects.values())
    said = run()
    assert "får gå ut" in said or "may leave" in said
    assert "1 messages to leave at once" in said
    assert list(Permit.objects.values()) == before


def test_a_new_installation_is_granted_a_permit_without_a_question(message: Message) -> None:
    Permit.objects.all().delete()
    assert "Granted" in run("--grant")
    assert send(Wire()).states == {"sent": 1}


@pytest.fixture
def copy(message: Message) -> Iterator[Message]:
    Permit.objects.update(database="1:1")
    return message


def test_a_copy_with_mail_waiting_is_granted_nothing_without_a_yes(copy: Message) -> None:
    with pytest.raises(CommandError, match="Nothing was granted"):
        run("--grant")
    assert send_nothing() == "other_database"
    run("--grant", "--yes")
    assert send(Wire()).states == {"sent": 1}


def make_report(message: Message, event_type: str = "delivered") -> delivery.Report:
    return delivery.Report(
        provider="postmark",
        event_type=event_type,
        event_id="1",
        message_id=str(message.pk),
        provider_id="p-1",
        recipient=message.to,
        reject_reason="",
        words="",
        happened_at=TUESDAY,
    )


def test_what_had_left_by_the_providers_word_is_settled_before_the_rest_is_shown(
    copy: Message,
) -> None:
    delivery.record(report=make_report(copy), received_at=TUESDAY)
    said = run("--grant", "--yes")
    assert "1 messages had left already" in said
    assert "0 messages to leave" in said
    assert read("state", "reason", "sent_at") == [("sent", "proved", TUESDAY)]
    assert DeliveryEvent.objects.get().message == copy


def test_a_complaint_about_lost_mail_still_has_its_consequences(copy: Message) -> None:
    delivery.record(report=make_report(copy, "complained"), received_at=TUESDAY)
    run("--grant", "--yes")
    enrolment = copy.enrolment
    assert enrolment
    enrolment.refresh_from_db()
    assert enrolment.reason == "complaint"


def test_mail_that_is_planned_again_is_known_by_its_name() -> None:
    """The row was lost with the restored backup; its Message-ID follows from what it is."""
    message = make_message()
    delivery.record(report=make_report(message), received_at=TUESDAY)
    Message.objects.all().delete()
    message.enrolment.__class__.objects.update(next_due_at=TUESDAY)
    DeliveryEvent.objects.all().delete()
    delivery.record(report=make_report(message), received_at=TUESDAY)
    advancing.plan_due(now=TUESDAY, limit=10)
    again = Message.objects.get()
    assert (again.pk, again.state, again.reason) == (message.pk, "sent", "proved")
    assert sending.send_due(now=TUESDAY, limit=10, transport=Wire()).claimed == 0


@pytest.mark.parametrize(("is_catcher", "known", "is_granted"), [
    (True, True, True), (True, False, True), (False, False, True), (False, True, False),
])  # fmt: skip
def test_a_demonstration_grants_itself_a_permit_where_no_harm_can_come_of_it(
    message: Message, settings: Settings, is_catcher: bool, known: bool, is_granted: bool
) -> None:
    class Servers:
        catcher = is_catcher

    settings.EMBEDDED = Servers()
    settings.PRODUCTION = False
    settings.PERMIT_FILE.unlink()
    if not known:
        Permit.objects.all().delete()
    run("--demonstration")
    assert permit.get_standing().is_live is is_granted


def test_production_grants_itself_nothing(message: Message, settings: Settings) -> None:
    settings.PRODUCTION = True
    Permit.objects.all().delete()
    run("--demonstration")
    assert not Permit.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_clone_of_the_database_sends_nothing() -> None:
    """Every row is the same; the database is another."""
    publish_campaign()
    here = permit.get_database()
    assert permit.get_standing().is_live
    name = connection.settings_dict["NAME"]
    clone = f"{name}_clone"
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{clone}"')
        cursor.execute(f'CREATE DATABASE "{clone}" TEMPLATE "{name}"')
    connection.settings_dict["NAME"] = clone
    try:
        assert Permit.objects.filter(revoked_at=None, database=here).exists()
        assert permit.get_standing().reason == "other_database"
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{clone}"')
