"""Prints how many mails of a campaign leave on each coming day."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations
from django.utils import timezone

from campaigns import forecasting, publishing
from campaigns.management.choosing import get_campaign


class Command(BaseCommand):
    help = (
        "One line a day: mails to those under way, and to newcomers if as many come as in the last "
        "four weeks; then the sum."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", help="its key")
        parser.add_argument("--days", type=int, default=30)

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        campaign = get_campaign(options["campaign"])
        version = publishing.get_published(key=campaign.key)
        if version is None:
            raise CommandError("The campaign is not published, so nothing leaves.")
        if not 0 < options["days"] <= 366:
            raise CommandError("Days are 1 to 366.")
        found = forecasting.forecast(
            campaign=campaign, document=version.document, now=timezone.now(), days=options["days"]
        )
        for day in found.days:
            self.stdout.write(f"{day.date:%Y-%m-%d %a} {day.mails:>8} {day.newcomers:>10.1f}")
        self.stdout.write(
            f"{'sum':<14} {sum(day.mails for day in found.days):>8} "
            f"{sum(day.newcomers for day in found.days):>10.1f}"
        )
        if campaign.paused_at:
            self.stdout.write("The campaign is paused: nothing leaves until it goes on.")
        if found.is_estimate:
            self.stdout.write(f"Estimated from {found.asked} of {found.people} people.")
