"""Erase everything about one person, and say what to tell them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations
from django.utils import timezone

from assessments import personal_data


class Command(BaseCommand):
    help = (
        "Erases a person from all tables, in one transaction, and prints a receipt. "
        "There is no way back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", help="the person's mail address")

    @no_translations  # all of it in English, as every command of an operator is
    def handle(self, *args: Any, **options: Any) -> None:
        respondent_id = personal_data.find(email=options["address"])
        receipt = respondent_id and personal_data.erase(
            respondent_id=respondent_id, now=timezone.now()
        )
        if not receipt:
            raise CommandError("Nobody here has this address. Nothing was erased.")
        at = timezone.localtime(receipt.erased_at)
        self.stdout.write(
            f"receipt   {receipt.receipt}\n"
            f"erased    {at:%Y-%m-%d %H:%M}\n"
            "gone      address, name, answers, results, mails, consents, place on the lead list\n"
            "kept      a keyed hash of the address, so that nobody writes to it again; dated\n"
            "          evidence of consent under the same hash, without the address"
        )
