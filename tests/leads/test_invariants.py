import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from leads import checking, grading, invariants
from leads.models import Lead
from tests.admin import make_user
from tests.factories import TUESDAY
from tests.leads.making import make_lead

pytestmark = pytest.mark.django_db

SENTENCES = (
    "no stored score differs from its rows",
    "no lead has a grade set by hand that nobody wrote down",
    "no grade set by hand has outlived its day",
)


def get_broken(days: int = 0) -> dict[str, int]:
    now = TUESDAY + timedelta(days=days)
    checking.check_slice(now=now)
    found = invariants.check(now=now)
    return {each.sentence: each.count for each in found}


def test_nothing_is_broken_in_an_ordinary_life() -> None:
    lead, colleague = make_lead(), make_user("Consultants")
    make_lead(number=1, may_contact=False)
    grading.override(
        lead_id=lead.pk,
        grade="B2",
        reason="met",
        until=TUESDAY.date(),
        by_id=colleague.pk,
        now=TUESDAY,
    )
    assert get_broken() == {}
    assert get_broken(days=3) == {SENTENCES[2]: 1}
    grading.expire(now=TUESDAY + timedelta(days=3), limit=10)
    assert get_broken(days=3) == {}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"fit": 99}, SENTENCES[0]),
        ({"override_grade": "A1"}, SENTENCES[1]),
        (
            {"override_grade": "", "override_until": TUESDAY.date() - timedelta(days=9)},
            SENTENCES[2],
        ),
    ],
)
def test_what_is_bent_by_hand_is_found(change: dict[str, object], sentence: str) -> None:
    make_lead()
    Lead.objects.update(**change)
    assert get_broken() == {sentence: 1}


def test_the_command_names_the_lead_whose_grade_nobody_wrote_down() -> None:
    lead, out = make_lead(), io.StringIO()
    Lead.objects.update(override_grade="A1")
    with pytest.raises(SystemExit):
        call_command("rebuild_leads", "--check", stdout=out)
    last = out.getvalue().splitlines()[-1]
    assert last == f"lead {lead.pk}: a grade set by hand that nobody wrote down"


def test_looking_reads_no_table_to_its_end() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for rows in (invariants._get_unwritten(), invariants._get_outlived(TUESDAY)):
            assert "Seq Scan" not in rows.explain()
