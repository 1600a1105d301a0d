"""The keys of the list of leads, in a real browser, on a page with the hooks of the real one."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.journeys.running import ROOT

if TYPE_CHECKING:  # installed only where there is a browser
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

ROW = (
    '<tr><td><input type="checkbox" class="action-select"></td><th><a href="#{n}">{n}</a></th></tr>'
)
PAGE = """\
<!doctype html><title>Leads</title><script src="{script}"></script>
<input type="text" id="searchbar">
<table id="result_list"><tbody>{rows}</tbody></table>
<details data-keys hidden><summary>Keys</summary>j k o x ?</details>
"""


@pytest.fixture
def page(browser: "Browser", tmp_path: Path) -> Iterator["Page"]:
    rows = "".join(ROW.format(n=number) for number in (1, 2, 3))
    file = tmp_path / "list.html"
    script = (ROOT / "static" / "leads.js").as_uri()
    file.write_text(PAGE.format(script=script, rows=rows), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    yield page
    page.close()


def press(page: "Page", keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def get_focused(page: "Page") -> str:
    return str(page.evaluate("document.activeElement.textContent"))


@pytest.mark.parametrize(
    ("keys", "number"),
    [("j", "1"), ("jj", "2"), ("jjk", "1"), ("k", "1"), ("jjjjj", "3"), ("jkkk", "1")],
)
def test_j_and_k_move_and_stop_at_the_ends(page: "Page", keys: str, number: str) -> None:
    press(page, keys)
    assert get_focused(page) == number


def test_x_marks_the_lead_and_marks_it_not(page: "Page") -> None:
    press(page, "jjx")
    marked = page.locator(".action-select")
    assert [marked.nth(n).is_checked() for n in range(3)] == [False, True, False]
    press(page, "x")
    assert not marked.nth(1).is_checked()


def test_o_opens_the_lead(page: "Page") -> None:
    press(page, "jjjo")
    assert page.url.endswith("#3")


def test_the_help_is_there_with_the_script_and_a_question_mark_opens_it(page: "Page") -> None:
    help_box = page.locator("[data-keys]")
    assert help_box.is_visible()
    press(page, "?")
    assert help_box.evaluate("each => each.open")
    press(page, "?")
    assert not help_box.evaluate("each => each.open")


def test_the_help_comes_into_sight_under_a_long_list(page: "Page") -> None:
    page.evaluate("document.querySelector('table').style.marginBottom = '3000px'")
    help_box = page.locator("[data-keys]")
    is_seen = "each => each.getBoundingClientRect().bottom <= innerHeight"
    assert not help_box.evaluate(is_seen)
    press(page, "?")
    assert help_box.evaluate(is_seen)


def test_who_moved_by_tab_goes_on_from_there(page: "Page") -> None:
    page.locator("th a").nth(1).focus()
    press(page, "j")
    assert get_focused(page) == "3"


def test_letters_in_a_field_are_letters_and_combinations_are_the_browsers(page: "Page") -> None:
    page.locator("#searchbar").focus()
    press(page, "jx?")
    assert page.locator("#searchbar").input_value() == "jx?"
    page.locator("#searchbar").evaluate("each => each.blur()")
    page.keyboard.press("Alt+j")
    assert get_focused(page) not in {"1", "2", "3"}
