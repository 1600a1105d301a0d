"""Brings the tables, texts and files of a VAR_DIR up to date; run before the site starts."""

import os

import django
from django.conf import settings
from django.core.management import call_command

from pmoportal.translations import compile_translations


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmoportal.settings")
    compile_translations(settings.BASE_DIR / "locale")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("seed_content")
    call_command("seed_lead_texts")
    if not settings.PRODUCTION:
        call_command("create_demo_logins")
        call_command("permit", "--demonstration")


if __name__ == "__main__":
    main()
