"""Which browser there is to test with."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """CHROMIUM, else the first browser on PATH, else None."""
    if given := os.environ.get("CHROMIUM"):
        return given
    return next((found for name in NAMES if (found := shutil.which(name))), None)
