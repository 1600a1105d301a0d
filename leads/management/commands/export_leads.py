"""Every lead that may be carried out of the house, as CSV or XLSX, to a file or the output."""

import shutil
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError

from leads.models import Lead
from leads.sheets import writing


class Command(BaseCommand):
    help = "Writes the leads of people who agree to be contacted, with address and name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=["csv", "xlsx"], default="csv")
        parser.add_argument("--to", type=Path, help="the file; else standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        to: Path | None = options["to"]
        if to is None:
            _write(options["format"], sys.stdout.buffer)
            return
        try:
            with to.open("xb") as file:
                to.chmod(0o600)  # addresses of people
                _write(options["format"], file)
        except OSError as error:
            raise CommandError(f"{to}: {error.strerror}") from None


def _write(form: str, file: IO[bytes]) -> None:
    leads = writing.get_leads(Lead.objects.order_by("pk"))
    if form == "csv":
        file.writelines(writing.write_csv(leads))
        return
    with writing.write_xlsx(leads) as sheet:
        shutil.copyfileobj(sheet, file)
