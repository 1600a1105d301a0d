"""What others say of the public pages: Lighthouse of how they load, html-validate of their HTML."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.browsing import Visitor
from tests.journeys.running import ROOT
from tests.journeys.site import Site

WEB = ROOT / "tests" / "web"
TOOLS = WEB / "node_modules" / ".bin"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.journey,
    pytest.mark.skipif(
        shutil.which("node") is None or not TOOLS.is_dir(),
        reason="no Lighthouse: with Node.js 18 or later, npm ci --prefix tests/web",
    ),
]

LEAST = 98
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
# The others carry noindex on purpose, which Lighthouse counts against them.
INDEXABLE = ("home", "start", "privacy")
CHROME_FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("name", ["home", "start", "question", "result in company", "privacy"])
def test_lighthouse_has_next_to_nothing_to_add(
    site: Site, chromium: str, tmp_path: Path, name: str, language: str
) -> None:
    report = run_lighthouse(site.pages[f"{language} {name}"], chromium, tmp_path)
    scores = {key: round(100 * each["score"]) for key, each in report["categories"].items()}
    if name not in INDEXABLE:
        del scores["seo"]
    low = {key: score for key, score in scores.items() if score < LEAST}
    assert low == {}, {key: get_faults(report, key) for key in low}


def test_every_public_page_is_valid_html(site: Site, tmp_path: Path) -> None:
    visitor = Visitor(site.url)
    for name, address in site.pages.items():
        (tmp_path / f"{name}.html").write_text(visitor.get(address).body, encoding="utf-8")
    done = subprocess.run(
        [TOOLS / "html-validate", "--config", WEB / ".htmlvalidate.json", "-f", "unix", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == ""
    assert done.returncode == 0, done.stderr


def run_lighthouse(address: str, chromium: str, folder: Path) -> dict[str, Any]:
    output = folder / "report.json"
    subprocess.run(
        [
            TOOLS / "lighthouse",
            address,
            "--quiet",
            "--output=json",
            f"--output-path={output}",
            f"--only-categories={','.join(CATEGORIES)}",
            f"--chrome-flags={CHROME_FLAGS}",
        ],
        env=os.environ | {"CHROME_PATH": chromium},
        capture_output=True,
        check=True,
    )
    report: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
    return report


def get_faults(report: dict[str, Any], category: str) -> list[str]:
    """The audits that cost points, with what was measured."""
    return [
        f"{audit['id']}: {audit.get('displayValue') or audit['title']}"
        for reference in report["categories"][category]["auditRefs"]
        if reference["weight"] > 0
        for audit in [report["audits"][reference["id"]]]
        if audit["score"] is not None and audit["score"] < 1
    ]
