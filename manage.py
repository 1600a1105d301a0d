#!/usr/bin/env python
"""Django's commands, with the embedded servers running for as long as the command does."""

import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line

from pmoportal import embedded

# Commands that need no database; every other one gets the servers it was not given.
SERVERLESS = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "help",
    "makemessages",
    "version",
}


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmoportal.settings")
    asks_for_help = not arguments[1:] or {"-h", "--help", "--version"} & set(arguments)
    if asks_for_help or SERVERLESS & set(arguments[1:2]):
        execute_from_command_line(arguments)
        return
    with embedded.running(settings.EMBEDDED):
        execute_from_command_line(arguments)


if __name__ == "__main__":
    main(sys.argv)
