"""Scores every lead again from rows, or says whether that would change anything."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, no_translations
from django.utils import timezone

from leads import checking, invariants, rebuilding, refreshing

SHOWN = 10


class Command(BaseCommand):
    help = (
        "Scores every lead again from rows, by the rules in force. With --check nothing is "
        "changed: each stored score is compared with what its rows give by its own rules and at "
        "its own moment, and the exit status is 1 when one differs, or when a grade set by hand "
        "was not written down."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare, change nothing")

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check()
        else:
            now = timezone.now()
            count = sum(len(batch) for batch in refreshing.rebuild(now=now))
            checking.forget_healed(now=now)
            self.stdout.write(f"{count} leads scored again.")

    def _check(self) -> None:
        leads = behind = different = 0
        for batch in rebuilding.check():
            leads, behind = leads + batch.leads, behind + batch.behind
            for each in batch.differences:
                different += 1
                if different <= SHOWN:
                    self.stdout.write(f"lead {each.lead_id}: {', '.join(each.columns)}")
        self.stdout.write(f"{leads} leads, {different} differ, {behind} wait to be scored again.")
        unwritten = invariants.get_unwritten(limit=SHOWN)
        for pk in unwritten:
            self.stdout.write(f"lead {pk}: a grade set by hand that nobody wrote down")
        if different or unwritten:
            sys.exit(1)
