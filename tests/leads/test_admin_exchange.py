"""Export and import in the admin: what one sees is what one gets, and may change."""

import io
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from leads.models import Lead, Note, Proposal
from leads.sheets.reading import LARGEST, read
from tests.admin import get_list, log_in
from tests.leads.integrating import make_lead

pytestmark = pytest.mark.django_db
IMPORT = "/admin/leads/lead/import/"


@pytest.fixture
def client() -> Client:
    return log_in("Consultants")


def export(client: Client, form: str, *leads: Lead) -> Any:
    posted = {"action": f"export_{form}", "_selected_action": [lead.pk for lead in leads]}
    return client.post(get_list(Lead), posted)


def upload(client: Client, content: bytes | str, name: str = "leads.csv") -> Any:
    content = content.encode() if isinstance(content, str) else content
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, content)})


def apply(client: Client) -> Any:
    return client.post(f"{IMPORT}{Proposal.objects.get().pk}/")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_ticked_is_exported(client: Client, form: str) -> None:
    first, _second = make_lead(), make_lead(number=1)
    answer = export(client, form, first)
    content = b"".join(answer.streaming_content)
    rows = read(io.BytesIO(content), size=len(content))
    assert [row.cells["address"] for row in rows] == ["p0@example.se"]
    assert answer["Content-Disposition"].endswith(f'.{form}"')
    assert "no-store" in answer["Cache-Control"]


def test_a_ticked_lead_that_is_not_in_the_list_is_not_exported(client: Client) -> None:
    hidden = make_lead(may_contact=False)
    answer = export(client, "csv", hidden)
    said = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert b"p0@" not in said


def test_marketers_neither_export_nor_import() -> None:
    lead, client = make_lead(), log_in("Marketers")
    assert export(client, "csv", lead).status_code == 403
    assert client.get(IMPORT).status_code == 403
    assert upload(client, "id;note\n1;x\n").status_code == 403


def test_an_import_is_shown_first_and_done_by_a_second_click(client: Client) -> None:
    lead = make_lead()
    page = upload(client, f"id;note\n{lead.pk};Ring **nu**\n999;x\n").content.decode()
    assert "1 lead changes" in page
    assert "There is no such lead" in page
    assert not Note.objects.exists()
    page = apply(client).content.decode()
    assert "1 lead was changed." in page
    assert Note.objects.get().text == "Ring **nu**"
    assert "done already" in apply(client).content.decode()
    assert Note.objects.count() == 1


def test_an_import_is_done_only_by_whom_it_was_shown_to(client: Client) -> None:
    lead = make_lead()
    upload(client, f"id;note\n{lead.pk};x\n")
    assert "done already, or too old" in apply(log_in("Administrators")).content.decode()
    Proposal.objects.update(created_at="2026-01-01T00:00:00Z")
    assert "done already, or too old" in apply(client).content.decode()
    assert not Note.objects.exists()


def test_looking_at_an_import_does_nothing(client: Client) -> None:
    upload(client, f"id;note\n{make_lead().pk};x\n")
    assert client.get(f"{IMPORT}{Proposal.objects.get().pk}/").status_code == 404
    assert client.get(IMPORT).status_code == 200
    assert not Note.objects.exists()


def test_a_round_trip_changes_nothing(client: Client) -> None:
    lead = make_lead(first_name="=1+1")
    content = b"".join(export(client, "xlsx", lead).streaming_content)
    page = upload(client, content, "leads.xlsx").content.decode()
    assert "1 line says what is so already" in page
    assert "0 lines cannot be used" in page


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"id;owner\n1;\xe5sa\n", "not in UTF-8"),
        (b"id;colour\n", "no column of this name: colour"),
        (b"PK\x03\x04", "not a sheet we can read"),
        (b"", "must name the columns"),
    ],
)
def test_a_bad_file_gets_a_sentence(client: Client, content: bytes, said: str) -> None:
    answer = upload(client, content)
    assert (answer.status_code, said in answer.content.decode()) == (200, True)
    assert not Proposal.objects.exists()


def test_no_file_at_all_is_said_so(client: Client) -> None:
    assert "This field is required." in client.post(IMPORT).content.decode()


def test_a_file_that_is_too_large_gets_an_answer_and_is_not_kept(client: Client) -> None:
    answer = upload(client, b"id;owner\n" + b"1;kim\n" * (LARGEST // 6 + 100))
    assert "larger than 10 MB" in answer.content.decode()


def test_an_import_needs_the_forms_token() -> None:
    make_lead()
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        User.objects.create_superuser("root"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    assert upload(client, "id;note\n1;x\n").status_code == 403


def test_markup_in_a_file_is_shown_as_text(client: Client) -> None:
    page = upload(client, f"id;note\n{make_lead().pk};<b>x</b>\n").content.decode()
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    page = upload(client, "id;<b>x</b>\n").content.decode()
    assert "<b>x</b>" not in page


def test_the_list_leads_to_the_import(client: Client) -> None:
    assert IMPORT in client.get(get_list(Lead)).content.decode()
