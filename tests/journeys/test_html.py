"""Whether the public pages are valid HTML, as html-validate reads it."""

import subprocess
from pathlib import Path

import pytest

from tests.journeys.browsing import Visitor
from tests.journeys.running import ROOT
from tests.journeys.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.journey]

CONFIG = ROOT / "tests" / "web" / ".htmlvalidate.json"


def test_every_public_page_is_valid_html(tools: Path, site: Site, tmp_path: Path) -> None:
    visitor = Visitor(site.url)
    pages = {name: visitor.get(address) for name, address in site.pages.items()}
    wrong = {name: page.status for name, page in pages.items() if page.status != get_status(name)}
    assert wrong == {}
    for name, page in pages.items():
        (tmp_path / f"{name}.html").write_text(page.body, encoding="utf-8")
    done = subprocess.run(
        [tools / "html-validate", "--config", CONFIG, "--formatter", "text", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


def get_status(name: str) -> int:
    return 404 if name.endswith("missing") else 200
