"""The rules by which leads are scored: one frozen document for each edition."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.scoring_rules import SHIPPED, Rules, read


@dataclass(frozen=True, kw_only=True)
class Edition:
    """Rules with their number and the moment from which they are in force."""

    number: int
    rules: Rules
    since: datetime


AS_SHIPPED = Edition(number=0, rules=SHIPPED, since=datetime.min.replace(tzinfo=UTC))


class ScoreRulesQuerySet(models.QuerySet["ScoreRules"]):
    def get_in_force(self) -> Edition:
        """The newest edition; as shipped, number 0, when nobody has published any."""
        newest = self.order_by("-number").first()
        return newest.edition if newest else AS_SHIPPED

    def get_editions(self) -> dict[int, Edition]:
        """Every edition by its number, the shipped one among them."""
        return {0: AS_SHIPPED} | {row.number: row.edition for row in self.order_by("number")}


class ScoreRules(models.Model):
    """A trigger in the database refuses every change and removal. The newest is in force."""

    number = models.PositiveIntegerField(_("number"), unique=True)
    document = models.JSONField(_("document"))
    note = models.CharField(_("why"), max_length=200, blank=True)
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("published by"),
    )

    objects = ScoreRulesQuerySet.as_manager()

    class Meta:
        verbose_name = _("rules of the score")
        verbose_name_plural = _("rules of the score")

    def __str__(self) -> str:
        return str(self.number)

    @property
    def edition(self) -> Edition:
        return Edition(number=self.number, rules=read(self.document), since=self.published_at)
