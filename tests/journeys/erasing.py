"""Erases one person from a running stack, by the command, and looks for what is left.

Run as a program in the environment of the stack. Prints where traces were before and after.
"""

import io
import json
import logging

import django

EMAIL = "zebulon.q77@kvarnby.example"
NAME = "Zebulina"
# PostgreSQL's own files hold removed rows until it has cleaned up; its tables are asked instead.
UNREAD = ("postgres", "static")


def main() -> None:
    django.setup()
    from django.core.management import call_command

    logging.disable()
    before = search()
    call_command("erase_person", EMAIL, stdout=io.StringIO())
    print(json.dumps({"before": before, "after": search()}))


def search() -> dict[str, list[str]]:
    from django.conf import settings

    from tests.searching import get_traces, search_files, search_redis, search_tables

    traces = get_traces(EMAIL, NAME)
    return {
        "tables": search_tables(traces),
        "keys": search_redis(traces),
        "files": search_files(settings.VAR_DIR, traces, without=UNREAD),
    }


if __name__ == "__main__":
    main()
