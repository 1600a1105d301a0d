"""One person under way in one campaign, and when a person wants, or is to have, no mail at all."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign, CampaignVersion


class Enrolment(models.Model):
    """`next_due_at` is when the planner looks again. A hold says why a due step waits."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        FINISHED = "finished", _("Finished")
        STOPPED = "stopped", _("Stopped")

    respondent = models.ForeignKey(
        "assessments.Respondent", models.CASCADE, related_name="enrolments"
    )
    response = models.ForeignKey("assessments.Response", models.CASCADE, related_name="+")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="enrolments")
    version = models.ForeignKey(CampaignVersion, models.PROTECT, related_name="enrolments")
    # The version before the last move, so that it can be undone.
    moved_from = models.ForeignKey(
        CampaignVersion, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ACTIVE)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    next_due_at = models.DateTimeField(_("next look"), null=True, blank=True)
    hold_reason = models.CharField(_("held because of"), max_length=40, blank=True)
    hold_until = models.DateTimeField(_("held until"), null=True, blank=True)

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(
                fields=["respondent", "campaign"],
                condition=models.Q(state="active"),
                name="enrolment_one_under_way_per_campaign",
            ),
            models.CheckConstraint(
                name="enrolment_active_has_a_next_look",
                condition=models.Q(state="active", next_due_at__isnull=False)
                | ~models.Q(state="active"),
            ),
            models.CheckConstraint(
                name="enrolment_ending_has_time_and_reason",
                condition=models.Q(state="active", ended_at__isnull=True)
                | (
                    models.Q(state__in=["finished", "stopped"], ended_at__isnull=False)
                    & ~models.Q(reason="")
                ),
            ),
        ]
        indexes = [
            # With the person, so that the oldest are found in the index alone.
            models.Index(
                fields=["next_due_at", "id"],
                include=["respondent"],
                condition=models.Q(state="active"),
                name="enrolment_due",
            ),
            models.Index(
                fields=["ended_at"], condition=models.Q(state="stopped"), name="enrolment_stopped"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Freeze(models.Model):
    """No campaign mail to one person until a moment, or until it is released. Time stands still
    for them meanwhile. Over when `until` has passed.
    """

    class Reason(models.TextChoices):
        ASKED = "asked", _("The person asked for a pause")
        HANDOVER = "handover", _("A consultant has taken over")
        AWAY = "away", _("The person is away")

    respondent = models.ForeignKey("assessments.Respondent", models.CASCADE, related_name="freezes")
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    began_at = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("freeze")
        verbose_name_plural = _("freezes")
        constraints = [
            models.CheckConstraint(
                name="freeze_ends_after_it_began",
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("began_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.respondent_id}:{self.reason}"
