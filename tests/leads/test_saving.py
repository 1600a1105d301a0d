import pytest

from leads import saving
from leads.models import SavedView
from tests.admin import make_user


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", ""),
        ("?", ""),
        ("grade=A&whose=mine", "whose=mine&grade=A"),
        ("p=3&grade=A&e=1", "grade=A"),
        ("grade=A&grade=B", "grade=B"),
        ("grade=", ""),
        ("q=%C3%A5sa&o=-1", "q=%C3%A5sa&o=-1"),
        ("next=//evil.example", ""),
    ],
)
def test_a_view_holds_filters_in_one_order_and_nothing_else(query: str, kept: str) -> None:
    assert saving.clean(query) == kept


@pytest.mark.django_db
def test_a_view_of_the_same_name_is_replaced() -> None:
    owner = make_user("Consultants").pk
    saving.save(owner_id=owner, name="A", query="grade=A", is_shared=False)
    saving.save(owner_id=owner, name="A", query="grade=B", is_shared=True)
    assert [(v.query, v.is_shared) for v in SavedView.objects.all()] == [("grade=B", True)]


@pytest.mark.django_db
def test_there_is_an_end_to_ones_views() -> None:
    owner = make_user("Consultants").pk
    for number in range(saving.MOST_VIEWS):
        saving.save(owner_id=owner, name=str(number), query="grade=A", is_shared=False)
    saving.save(owner_id=owner, name="3", query="grade=B", is_shared=False)
    with pytest.raises(saving.TooManyViews):
        saving.save(owner_id=owner, name="more", query="grade=A", is_shared=False)


@pytest.mark.django_db
def test_what_a_colleague_who_left_shared_is_gone() -> None:
    left, me = make_user("Consultants", name="left"), make_user("Consultants", name="me")
    saving.save(owner_id=left.pk, name="A", query="", is_shared=True)
    assert saving.get_views(user_id=me.pk).count() == 1
    left.is_active = False
    left.save()
    assert saving.get_views(user_id=me.pk).count() == 0
