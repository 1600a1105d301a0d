"""Brings a campaign in from a file, as a draft."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations

from campaigns import porting
from campaigns.faults import describe_problem


class Command(BaseCommand):
    help = (
        "The file becomes the draft of its campaign; nothing is published. Prints what changes, "
        "or everything that is wrong with the file (exit status 1)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="its path, - for standard input")
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument("--as", dest="key", default="", help="under this key, as a copy")

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        text = _read(options["file"])
        try:
            plan = porting.plan(text=text, key=options["key"])
            if not options["dry_run"]:
                porting.bring_in(text=text, key=options["key"])
        except porting.BadFile as error:
            for problem in error.problems:
                self.stdout.write(f"{problem.place or '-'}  {describe_problem(problem)}")
            sys.exit(1)
        self.describe(plan)
        self.stdout.write("Nothing was written." if options["dry_run"] else "It is the draft now.")

    def describe(self, plan: porting.Plan) -> None:
        if plan.is_new:
            self.stdout.write(f"New campaign: {plan.key}")
        elif not plan.changes:
            self.stdout.write("Nothing differs.")
        for change in plan.changes:
            self.stdout.write(f"{change.place}: {change.old!r} -> {change.new!r}")
        for what, keys in (("step goes", plan.lost_steps), ("tip changes", plan.shared)):
            for key in keys:
                self.stdout.write(f"{what}: {key}")
        for key in plan.new_tips:
            self.stdout.write(f"new tip: {key}")


def _read(path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"The file cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise CommandError("The file is not UTF-8.") from None
