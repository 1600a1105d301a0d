"""Writes a campaign with its tips as one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations

from campaigns import porting
from campaigns.management.choosing import choose, get_campaign


class Command(BaseCommand):
    help = "The draft as one readable file, for import_campaign; or a version that was published."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", help="its key")
        parser.add_argument("--version-number", default="", help="instead of the draft")
        parser.add_argument("--output", type=Path, help="instead of standard output")

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        campaign = get_campaign(options["campaign"])
        version = None
        if number := options["version_number"]:
            versions = campaign.versions.order_by("number")
            numbers = [str(each) for each in versions.values_list("number", flat=True)]
            version = versions.get(number=choose("version", number, numbers))
        text = porting.export(campaign=campaign, version=version)
        if options["output"] is None:
            self.stdout.write(text, ending="")
            return
        try:
            options["output"].write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"The file cannot be written: {error.strerror}.") from error
