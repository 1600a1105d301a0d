"""The import contracts hold, and they cover every module."""

import configparser
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
DOORS = {
    "assessments": {
        "examples",
        "overview",
        "packing",
        "personal_data",
        "portraits",
        "profiles",
        "seeding",
        "signals",
    },
    "campaigns": {
        "engagement",
        "enrolment",
        "leaving",
        "overview",
        "posting",
        "sight",
        "signals",
        "stories",
    },
}
FOUND_BY_DJANGO = {"apps", "management", "migrations", "templatetags"}


def test_the_contracts_are_kept() -> None:
    checked = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("app", sorted(DOORS))
def test_every_module_is_a_door_or_protected(app: str) -> None:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    protected = contracts[f"importlinter:contract:{app}-doors"]["protected_modules"].split()
    modules = {
        path.stem
        for path in (ROOT / app).iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.stem[0] != "_"
    }
    expected = modules - DOORS[app] - FOUND_BY_DJANGO
    assert sorted(protected) == sorted(f"{app}.{name}" for name in expected)
