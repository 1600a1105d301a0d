import subprocess
import sys

import pytest

from tests.journeys.running import ROOT


@pytest.mark.journey
def test_three_people_get_the_right_mails_in_the_right_order() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.journeys.journey"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-4000:]
    assert "The journey went as it should." in done.stdout
