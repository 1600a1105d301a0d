"""What one colleague has of their own: room for leads, views of the list, attempts refused."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Consultant(models.Model):
    """Takes part when leads are shared out. Whoever has no row, or is away, gets none."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="consultant",
        verbose_name=_("colleague"),
    )
    capacity = models.PositiveSmallIntegerField(
        _("room for"), default=20, help_text=_("Open leads at a time. With 0 they get none.")
    )
    away_until = models.DateField(
        _("away until"), null=True, blank=True, help_text=_("The first day they are back.")
    )

    class Meta:
        verbose_name = _("consultant")
        verbose_name_plural = _("consultants")

    def __str__(self) -> str:
        return str(self.user)


class SavedView(models.Model):
    """Filters of the list under a name. Shared, all colleagues have it, each with their own leads
    behind "mine".
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="lead_views",
        verbose_name=_("colleague"),
    )
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(_("filters"), max_length=400, blank=True)
    is_shared = models.BooleanField(_("shared with colleagues"), default=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="view_name_once_per_owner"),
        ]

    def __str__(self) -> str:
        return self.name


class Refusal(models.Model):
    """Somebody tried what they may not with leads: one row for each day, page and lead, counted."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("colleague")
    )
    page = models.CharField(_("page"), max_length=80)
    lead_id = models.PositiveBigIntegerField(_("lead"), null=True, blank=True)
    day = models.DateField(_("day"))
    times = models.PositiveIntegerField(_("times"), default=1)
    last_at = models.DateTimeField(_("last"))

    class Meta:
        verbose_name = _("refused attempt")
        verbose_name_plural = _("refused attempts")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "page", "lead_id", "day"],
                name="refusal_once_a_day",
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["-last_at"], name="refusal_newest_first")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.page} {self.day}"
