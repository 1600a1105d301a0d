"""Three people to try the product as. Never in production."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError

PASSWORD = "demo"  # noqa: S105  # a demonstration on this machine only
LOGINS = {"marknad": "Marketers", "konsult": "Consultants", "admin": "Administrators"}


class Command(BaseCommand):
    help = "Creates the logins marknad, konsult and admin (password: demo) if they are missing."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Demo logins are for demonstrations, not for production.")
        for name, group in LOGINS.items():
            user, created = User.objects.get_or_create(
                username=name,
                defaults={
                    "email": f"{name}@example.se",
                    "is_staff": True,
                    "is_superuser": group == "Administrators",
                },
            )
            if created:
                user.set_password(PASSWORD)
                user.save(update_fields=["password"])
                user.groups.add(Group.objects.get(name=group))
                self.stdout.write(f"{name} / {PASSWORD} ({group})")
