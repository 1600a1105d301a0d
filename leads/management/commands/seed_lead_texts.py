"""Bring in, or up to date, what consultants start from."""

from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand

from leads import seeding


class Command(BaseCommand):
    help = (
        "Seeds opening questions and reasons for an ending from content/leads.yaml. Safe to "
        "repeat: what somebody has changed or removed is left alone, and named."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        file = settings.CONTENT_DIR / "leads.yaml"
        seeded = seeding.seed_texts(shipped=yaml.safe_load(file.read_text(encoding="utf-8")))
        self.stdout.write(
            f"leads: {len(seeded.written)} written, {len(seeded.unchanged)} up to date, "
            f"{len(seeded.kept)} left as edited"
        )
        for key in seeded.kept:
            self.stdout.write(f"  left as edited: {key}")
