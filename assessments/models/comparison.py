"""What is known of many: pace, distribution and an organisation's mirror. No row names anybody.

Nothing here is ever computed again from single answers: those are forgotten when their time
is over, these aggregates stay.
"""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from assessments.models.assessment import Assessment, AssessmentVersion


class Organisation(models.Model):
    """Those who came by one invite link. Has no name: nobody is asked for one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="organisations")
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")

    def __str__(self) -> str:
        return str(self.id)


class Mirror(models.Model):
    """A frozen picture of an organisation: role key -> [lower quartile, upper quartile].

    `members` (series -> response) is who was in it, kept to decide when a new one may be made.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="mirrors")
    members = models.JSONField()
    bands = models.JSONField()
    frozen_at = models.DateTimeField(_("frozen"))

    class Meta:
        verbose_name = _("mirror")
        verbose_name_plural = _("mirrors")
        indexes = [models.Index(fields=["organisation", "frozen_at"], name="mirror_newest")]

    def __str__(self) -> str:
        return f"{self.organisation_id}:{self.frozen_at:%Y-%m-%d}"


class Snapshot(models.Model):
    """Everybody's scores in one month: "overall" and role key -> responses per ten points."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="snapshots")
    month = models.DateField(_("month"))
    taken_until = models.DateTimeField(_("taken until"))
    count = models.PositiveIntegerField(_("responses"))
    columns = models.JSONField()

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        constraints = [
            models.UniqueConstraint(fields=["assessment", "month"], name="snapshot_once_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.assessment}:{self.month:%Y-%m}"


class Tally(models.Model):
    """How one question of a version went in one month; the empty key is the test as a whole.

    `answered` people answered it, `left` stopped at it; `seconds` counts them by pace.EDGES.
    """

    version = models.ForeignKey(AssessmentVersion, models.CASCADE, related_name="tallies")
    month = models.DateField(_("month"))
    question_key = models.SlugField(_("question"), blank=True)
    answered = models.PositiveIntegerField(_("answered"), default=0)
    left = models.PositiveIntegerField(_("left"), default=0)
    seconds = models.JSONField(default=list)

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "month", "question_key"], name="tally_once_a_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}:{self.month:%Y-%m}:{self.question_key}"
