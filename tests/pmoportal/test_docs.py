import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_the_papers_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_no_picture_is_kept_that_nobody_shows() -> None:
    shown = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    pictures = {picture.name for picture in (ROOT / "docs" / "pictures").glob("*.png")}
    assert {name for name in pictures if name not in shown} == set()
