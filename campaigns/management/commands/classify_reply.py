"""Says what a received mail would be taken for, and why. Changes nothing."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns import replies
from campaigns.models import Reply
from campaigns.replies.opening import MAX_BYTES
from campaigns.words import describe_sign


class Command(BaseCommand):
    help = "Says what a received mail (a file, as it came) is taken for, and why. Changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the mail, such as reply.eml")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            with file.open("rb") as opened:
                raw = opened.read(MAX_BYTES)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from None
        verdict = replies.judge(replies.open_mail(raw), received_at=timezone.now())
        self.stdout.write(f"{verdict.kind}: {Reply.Verdict(verdict.kind).label}")
        if verdict.until:
            self.stdout.write(f"back: {verdict.until}")
        for reason in verdict.reasons:
            self.stdout.write(f"- {describe_sign({'code': reason.code, 'found': reason.found})}")
