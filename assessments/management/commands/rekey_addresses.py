"""Hash every kept hash with the newest ADDRESS_KEY."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations
from django.utils import timezone

from assessments import personal_data


class Command(BaseCommand):
    help = (
        "After a new ADDRESS_KEY, with the one before it last in ADDRESS_KEY_EARLIER: hashes every "
        "hash of an address once more. Safe to repeat."
    )

    @no_translations  # all of it in English, as every command of an operator is
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            is_done = personal_data.rekey(now=timezone.now())
        except ValueError:
            raise CommandError(
                "The hashes here were made with other keys. ADDRESS_KEY_EARLIER must end with the "
                "key that was in force, and ADDRESS_KEY be one key newer. Nothing was changed."
            ) from None
        self.stdout.write(
            "Every hash was hashed with the new key."
            if is_done
            else "The hashes are of the newest key already."
        )
