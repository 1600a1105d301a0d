"""After a backup was restored: erase again whoever was erased since it was made."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, no_translations
from django.utils import timezone

from assessments import personal_data


class Command(BaseCommand):
    help = (
        "Erases again whoever the ledger of erasures knows (ERASURES_FILE), after a backup was "
        "restored. Safe to repeat; whoever came back after the erasure stays."
    )

    @no_translations  # all of it in English, as every command of an operator is
    def handle(self, *args: Any, **options: Any) -> None:
        replayed = personal_data.replay(now=timezone.now())
        self.stdout.write(
            f"{replayed.unknown} erasures in {settings.ERASURES_FILE} were unknown to this "
            f"database, {replayed.erased} people erased again."
        )
