"""Forget what is past its time: all of it at once, or only say how much there is."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, no_translations
from django.utils import timezone

from assessments import papers, personal_data
from assessments.personal_data import Forgetting

BATCH = 1000


class Command(BaseCommand):
    help = "Forgets what is past its time; workers do the same by themselves, every hour."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count, forget nothing")

    @no_translations  # all of it in English, as every command of an operator is
    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        act = self.count if options["dry_run"] else self.forget
        total = 0
        for each in (each for holder in personal_data.get_holders() for each in holder.forgettings):
            count = act(each, now)
            total += count
            kept = papers.describe_retention(each.retention)
            self.stdout.write(f"{count:>9}  {each.name:<44} {kept}")
        if options["dry_run"]:
            self.stdout.write(f"{total:>9}  past their time. Nothing was forgotten.")
        else:
            self.stdout.write(f"{total:>9}  forgotten.")

    def count(self, each: Forgetting, now: datetime) -> int:
        return each.count(now)

    def forget(self, each: Forgetting, now: datetime) -> int:
        total = 0
        while done := each.forget(now, BATCH):
            total += done
        return total
