"""What lets mail leave at all, and how fast: one permit per host, one lane per domain; and when
a campaign rested.
"""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign


class Permit(models.Model):
    """That mail may leave from this host by this database. `mark` counts the batches that left;
    a file on the host keeps it too, so that a database older than its own mail is found out.
    """

    token = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    host = models.CharField(_("host"), max_length=300)
    database = models.CharField(_("database"), max_length=60)
    mark = models.BigIntegerField(_("batches"), default=0)
    granted_at = models.DateTimeField(_("granted"))
    granted_by = models.CharField(_("by"), max_length=150)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("send permit")
        verbose_name_plural = _("send permits")

    def __str__(self) -> str:
        return self.host


class Pause(models.Model):
    """A pause that is over: what was due meanwhile became due as much later."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="pauses")
    began_at = models.DateTimeField(_("paused"))
    ended_at = models.DateTimeField(_("resumed"))
    reason = models.CharField(_("paused because of"), max_length=20)
    paused_by = models.CharField(_("paused by"), max_length=150, blank=True, db_default="")

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        constraints = [
            models.CheckConstraint(
                name="pause_ends_after_it_began",
                condition=models.Q(ended_at__gte=models.F("began_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}:{self.began_at:%Y-%m-%d}"


class Lane(models.Model):
    """The way to one domain, or to everybody (`*`): when it is free again, and why it is not."""

    name = models.CharField(_("domain"), max_length=253, primary_key=True)
    free_at = models.DateTimeField(_("free from"), null=True, blank=True)
    resumes_at = models.DateTimeField(_("rests until"), null=True, blank=True)
    refusals = models.PositiveSmallIntegerField(_("refusals in a row"), default=0)
    evidence = models.TextField(_("the server's words"), blank=True)
    day = models.DateField(_("day"), null=True, blank=True)
    used = models.PositiveIntegerField(_("mails that day"), default=0)

    class Meta:
        verbose_name = _("lane")
        verbose_name_plural = _("lanes")
        indexes = [
            models.Index(
                fields=["resumes_at"],
                condition=~models.Q(evidence=""),
                name="lane_with_words",
            ),
        ]

    def __str__(self) -> str:
        return self.name
