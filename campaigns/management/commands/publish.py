"""Publishes a campaign's draft, or says what keeps it from being published."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations
from django.db import transaction
from django.utils import timezone

from campaigns import moving, publishing
from campaigns.faults import describe_advice, describe_problem
from campaigns.management.choosing import get_campaign
from campaigns.models import Campaign, CampaignVersion


class Command(BaseCommand):
    help = (
        "Publishes a campaign. With --check nothing is published: one line for each finding, and "
        "exit status 1 if one of them refuses. Advice never does."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", help="its key")
        parser.add_argument("--check", action="store_true", help="only say what would be found")
        parser.add_argument(
            "--people",
            choices=CampaignVersion.People.values,
            default=CampaignVersion.People.MOVE,
            help="what becomes of those under way",
        )

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        campaign = get_campaign(options["campaign"])
        now = timezone.now()
        problems = publishing.check(campaign=campaign, now=now)
        for problem in problems:
            self.stdout.write(
                f"refuses  {problem.place}  {problem.code}: {describe_problem(problem)}"
            )
        for each in publishing.get_advice(campaign=campaign):
            sentence = describe_advice(each.code, name=each.name, figure=each.figure)
            self.stdout.write(f"advises  {each.place}  {each.code}: {sentence}")
        if options["check"]:
            if problems:
                sys.exit(1)
        elif problems:
            raise CommandError("Nothing was published.")
        else:
            self.publish(campaign, options["people"])

    def publish(self, campaign: Campaign, people: str) -> None:
        now = timezone.now()
        with transaction.atomic():
            version = publishing.publish(campaign=campaign, by=None, now=now)
            is_new = version.published_at == now
            moved = moving.move(version=version, people=people, now=now) if is_new else 0
        if is_new:
            self.stdout.write(
                f"Version {version.number} is published. Under way: {moved}, {people}."
            )
        else:
            self.stdout.write(f"Nothing has changed since version {version.number}.")
