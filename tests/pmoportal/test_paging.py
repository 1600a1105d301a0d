import pytest
from django.contrib.auth.models import User
from django.db import connection

from pmoportal.paging import BoundedPaginator, _round


class Small(BoundedPaginator):
    most = 100


def make_users(count: int) -> None:
    User.objects.bulk_create(User(username=f"user{n}") for n in range(count))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE auth_user")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rows", "count", "pages", "is_cut"),
    [(0, 0, 1, False), (100, 100, 2, False), (101, 100, 2, True)],
)
def test_rows_are_counted_up_to_the_most(rows: int, count: int, pages: int, is_cut: bool) -> None:
    make_users(rows)
    pager = Small(User.objects.order_by("pk"), 50)
    assert (pager.count, pager.num_pages, pager.is_cut) == (count, pages, is_cut)


@pytest.mark.django_db
def test_beyond_that_there_is_an_estimate_in_two_digits() -> None:
    make_users(1234)
    assert Small(User.objects.order_by("pk"), 50).estimate == 1200
    few = User.objects.filter(username__lt="user2").order_by("pk")
    assert 100 <= Small(few, 50).estimate <= 1200


@pytest.mark.django_db
def test_a_short_list_is_estimated_exactly() -> None:
    make_users(7)
    assert Small(User.objects.order_by("pk"), 50).estimate == 7


@pytest.mark.parametrize(
    ("number", "told"), [(0, 0), (7, 7), (99, 99), (1234, 1200), (98765, 99000)]
)
def test_estimates_are_rounded_to_two_digits(number: int, told: int) -> None:
    assert _round(number) == told
