"""What people did with a lead: moved it, handed it over, wrote about it. Only ever added to."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.lead import Lead


class ClosingReason(models.Model):
    """One of the reasons to choose from when a lead is won or lost."""

    class Ending(models.TextChoices):
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    key = models.SlugField(_("key"), unique=True)
    ending = models.CharField(_("ending"), max_length=4, choices=Ending)
    name = models.CharField(_("reason"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("reason for an ending")
        verbose_name_plural = _("reasons for an ending")
        ordering = ["ending", "position", "pk"]

    def __str__(self) -> str:
        return self.name


class StageChange(models.Model):
    """A lead moved from one stage to another. A trigger refuses every change but the loss of
    who did it, when that account is deleted.
    """

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="stage_changes", db_index=False)
    before = models.CharField(_("from"), max_length=10, choices=Lead.Stage)
    after = models.CharField(_("to"), max_length=10, choices=Lead.Stage)
    # The words chosen then: the list may be edited later.
    reason = models.CharField(_("reason"), max_length=80, blank=True)
    text = models.CharField(_("in their own words"), max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("change of stage")
        verbose_name_plural = _("changes of stage")
        indexes = [
            models.Index(fields=["lead", "-at"], name="stage_change_by_lead"),
            models.Index(fields=["at"], name="stage_change_by_time"),
        ]
        constraints = [
            models.CheckConstraint(
                name="stage_change_says_why",
                condition=~models.Q(reason="") | ~models.Q(text=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id}:{self.before}→{self.after}"


class HandOver(models.Model):
    """Whose matter a lead became, or ceased to be, and what became of the mail meanwhile."""

    class Kind(models.TextChoices):
        TAKEN = "taken", _("Taken")
        RELEASED = "released", _("Released")
        REASSIGNED = "reassigned", _("Reassigned")
        HELD = "held", _("Mail held")
        RESUMED = "resumed", _("Mail goes on")
        SILENT = "silent", _("Mail goes on by rule")

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="hand_overs", db_index=False)
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    before = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    after = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    is_for_organisation = models.BooleanField(_("colleagues too"), default=False)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        indexes = [models.Index(fields=["lead", "-at"], name="hand_over_by_lead")]

    def __str__(self) -> str:
        return f"{self.lead_id}:{self.kind}"


class Note(models.Model):
    """What somebody wrote about a lead, in Markdown. Never edited; its author may remove it."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="notes", db_index=False)
    text = models.TextField(_("note"), max_length=5000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        indexes = [models.Index(fields=["lead", "-at"], name="note_by_lead")]

    def __str__(self) -> str:
        return f"{self.lead_id}:{self.pk}"


class OpeningQuestion(models.Model):
    """How to begin a talk with somebody whose result has this role in this tier."""

    class Tier(models.TextChoices):
        WEAK = "weak", _("Weak")
        DEVELOPING = "developing", _("Developing")
        STRONG = "strong", _("Strong")

    role_key = models.SlugField(_("role"))
    tier = models.CharField(_("tier"), max_length=10, choices=Tier)
    text = models.TextField(_("question"), max_length=600)

    class Meta:
        verbose_name = _("opening question")
        verbose_name_plural = _("opening questions")
        ordering = ["role_key", "tier"]
        constraints = [
            models.UniqueConstraint(
                fields=["role_key", "tier"], name="opening_question_once_per_role_and_tier"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role_key}:{self.tier}"
