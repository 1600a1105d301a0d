"""Write out everything about one person, to hand to them."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations
from django.utils import translation

from assessments import personal_data


class Command(BaseCommand):
    help = (
        "Writes all that is kept about a person as JSON, or with --to as a zip file with JSON, "
        "its schema and CSV tables, in the person's language."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", nargs="?", help="the person's mail address")
        parser.add_argument("--to", type=Path, metavar="FILE.zip", help="write a zip file instead")
        parser.add_argument("--schema", action="store_true", help="only the schema of the JSON")

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        if options["schema"]:
            self.write(personal_data.build_schema())
            return
        respondent_id = personal_data.find(email=options["address"] or "")
        if respondent_id is None:
            raise CommandError("Nobody here has this address.")
        with translation.override(personal_data.get_language(respondent_id=respondent_id)):
            if options["to"] is None:
                self.write(personal_data.export(respondent_id=respondent_id))
                return
            packed = personal_data.build_archive(respondent_id=respondent_id)
        try:
            options["to"].write_bytes(packed)
        except OSError as error:
            raise CommandError(f"{options['to']} cannot be written: {error.strerror}") from None
        self.stdout.write(f"Written to {options['to']}. It holds links that act for the person.")

    def write(self, document: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2))
