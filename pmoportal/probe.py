"""Asks the web server of this machine how it is: for the stack, and for a container's health."""

import os
import sys
import urllib.error
import urllib.request
from urllib.parse import urlsplit


def ask_web(*, port: int, site_url: str) -> int | None:
    """The status of /healthz, or None when nobody answers."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/healthz", headers={"Host": urlsplit(site_url).netloc}
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as answer:
        return answer.code
    except OSError:
        return None


def main() -> None:
    port = int(os.environ.get("PORT") or 8000)
    site_url = os.environ.get("SITE_URL") or f"http://127.0.0.1:{port}"
    sys.exit(0 if ask_web(port=port, site_url=site_url) == 200 else 1)


if __name__ == "__main__":
    main()
