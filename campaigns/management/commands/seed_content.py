"""Bring the shipped content in, or up to date, and publish what can be."""

from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assessments import seeding as test_seeding
from campaigns import publishing, seeding

TIP_FILES = ("takthallare", "synliggorare", "brobyggare", "balansmastare")


class Command(BaseCommand):
    help = (
        "Seeds the test, the tips and the campaign from content/. Safe to repeat: what a "
        "marketer has changed or removed is left alone, and named."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        test = read("assessment.yaml")
        assessment, seeded = test_seeding.seed_assessment(shipped=test)
        self.report("test", seeded)
        try:
            version = test_seeding.publish_seeded(assessment=assessment, seeded=seeded, now=now)
        except ValueError as error:
            raise CommandError(f"The test cannot be published: {error}") from error
        self.stdout.write(f"test: version {version.number} is published")
        self.report("wordings", seeding.seed_wordings(wordings=read("consent.yaml"), now=now))
        campaign, seeded = seeding.seed_campaign(
            campaign=read("campaign.yaml"),
            tips=[tip for name in TIP_FILES for tip in read(f"tips/{name}.yaml")],
            assessment_id=assessment.pk,
        )
        self.report("campaign", seeded)
        try:
            edition = seeding.publish_seeded(campaign=campaign, seeded=seeded, now=now)
        except publishing.NotPublishable as error:
            raise CommandError(f"The campaign cannot be published: {error}") from error
        self.stdout.write(f"campaign: version {edition.number} is published")

    def report(self, what: str, seeded: test_seeding.Seeded) -> None:
        self.stdout.write(
            f"{what}: {len(seeded.written)} written, {len(seeded.unchanged)} up to date, "
            f"{len(seeded.kept)} left as edited"
        )
        for key in seeded.kept:
            self.stdout.write(f"  left as edited: {key}")


def read(name: str) -> Any:
    return yaml.safe_load((Path(settings.CONTENT_DIR) / name).read_text(encoding="utf-8"))
