"""Print the record of processing that the authority may ask for."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from assessments import papers


class Command(BaseCommand):
    help = "Prints the record of processing activities (GDPR, article 30) as Markdown."

    def add_arguments(self, parser: ArgumentParser) -> None:
        languages = [code for code, _ in settings.LANGUAGES]
        parser.add_argument("--language", choices=languages, default=settings.LANGUAGE_CODE)

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            self.stdout.write(papers.write_record(papers.build_record()))
