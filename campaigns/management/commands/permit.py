"""Whether mail may leave from this host by this database, and letting it."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations
from django.utils import timezone

from assessments import personal_data
from campaigns import delivery, permit
from campaigns.overview import Waiting, get_waiting
from campaigns.words import PERMITS

# A database that came from somewhere else, or from the past, may hold mail that has left already.
COPIES = ("other_host", "other_database", "restored")


class Command(BaseCommand):
    help = (
        "Shows whether mail may leave from here. A restored backup, a clone or a copy for tests "
        "may not, until somebody who knows what it is grants it a permit."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        act = parser.add_mutually_exclusive_group()
        act.add_argument("--show", action="store_true", help="what holds now (the default)")
        act.add_argument("--grant", action="store_true", help="let mail leave from here")
        act.add_argument("--revoke", action="store_true", help="stop all mail at once, everywhere")
        act.add_argument(
            "--demonstration", action="store_true", help="grant one where no harm can come of it"
        )
        parser.add_argument("--yes", action="store_true", help="do not ask, even of a copy")

    @no_translations  # all of it in English, as every command of an operator is
    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["demonstration"]:
            permit.grant_to_demonstration(now=now)
            return
        if options["revoke"]:
            count = permit.revoke(now=now, everywhere=True)
            self.stdout.write(f"{count} permits revoked. No mail leaves, from any host.")
            return
        standing = permit.get_standing()
        self.stdout.write(f"host      {permit.get_host()}\ndatabase  {permit.get_database()}")
        self.stdout.write(f"permit    {PERMITS[standing.reason]}")
        if standing.permit:
            at = timezone.localtime(standing.permit.granted_at)
            by = standing.permit.granted_by
            self.stdout.write(f"          granted {at:%Y-%m-%d %H:%M} by {by}")
        if options["grant"]:
            self.grant(is_copy=standing.reason in COPIES, is_sure=options["yes"])
        else:
            self.show_waiting(get_waiting(now=now))

    def grant(self, *, is_copy: bool, is_sure: bool) -> None:
        now = timezone.now()
        if not personal_data.is_key_right():
            raise CommandError(
                "The hashes here were made with an earlier ADDRESS_KEY. First: rekey_addresses"
            )
        replayed = personal_data.replay(now=now)
        if replayed.unknown:
            self.stdout.write(
                f"{replayed.unknown} erasures were unknown to this database: {replayed.erased} "
                "people erased again."
            )
        settled = delivery.settle_lost(now=now)
        if settled:
            self.stdout.write(f"{settled} messages had left already, by the provider's reports.")
        waiting = get_waiting(now=now)
        self.show_waiting(waiting)
        if is_copy and not is_sure and (waiting.messages or waiting.people):
            self.ask()
        permit.grant(by=getpass.getuser(), now=now)
        self.stdout.write("Granted. Mail leaves from here.")

    def show_waiting(self, waiting: Waiting) -> None:
        self.stdout.write(
            f"waiting   {waiting.messages} messages to leave at once, {waiting.people} people due "
            f"for a next step, {waiting.unknown} messages of unknown fate"
        )
        for step, count in waiting.by_step:
            self.stdout.write(f"          {count:>7}  {step}")

    def ask(self) -> None:
        self.stdout.write(
            "This database is a copy, or older than what has left. What waits may have been sent "
            "already. Look at it in the admin: /admin/campaigns/message/?state__exact=queued"
        )
        if not sys.stdin.isatty() or input("Send it all? Type yes: ") != "yes":
            raise CommandError("Nothing was granted. To grant all the same: --grant --yes")
