"""A sequence as the marketer edits it, its frozen editions, and mails compiled for good."""

import secrets

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns import placeholders
from campaigns.models.consent import Purpose


def make_step_key() -> str:
    return f"step-{secrets.token_hex(4)}"


def make_tip_key() -> str:
    return f"tip-{secrets.token_hex(4)}"


def get_working_days() -> list[int]:
    return [1, 2, 3, 4, 5]


class Campaign(models.Model):
    key = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    assessment = models.ForeignKey(
        "assessments.Assessment", models.PROTECT, related_name="+", verbose_name=_("assessment")
    )
    purpose = models.CharField(
        _("consent it needs"), max_length=12, choices=Purpose, default=Purpose.TIPS
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=10, help_text=_("When two want the same person: higher goes first.")
    )
    cap_days = models.PositiveSmallIntegerField(
        _("days between mails"),
        default=1,
        help_text=_("A person gets at most one campaign mail in this many days."),
    )
    weekdays = models.JSONField(
        _("weekdays"), default=get_working_days, help_text=_("1 is Monday, 7 Sunday.")
    )
    opens = models.TimeField(_("window opens"), default="08:30")
    closes = models.TimeField(_("window closes"), default="16:00")
    zone = models.CharField(_("time zone"), max_length=40, default="Europe/Stockholm")
    blackout_dates = models.JSONField(
        _("blackout dates"), default=list, blank=True, help_text=_('Such as ["2026-12-28"].')
    )

    # Nothing of a paused campaign leaves. Pauses that are over are rows of their own.
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True, editable=False)
    pause_reason = models.CharField(
        _("paused because of"), max_length=20, blank=True, editable=False
    )
    # The name stays when the login goes; empty when no person did it.
    paused_by = models.CharField(
        _("paused by"), max_length=150, blank=True, editable=False, db_default=""
    )
    # Nobody new enters a closed campaign; those under way go on.
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(
                name="campaign_window_opens_before_it_closes",
                condition=models.Q(opens__lt=models.F("closes")),
                violation_error_message=_("The window must open before it closes."),
            ),
            models.CheckConstraint(
                name="campaign_pause_has_a_reason",
                condition=models.Q(paused_at__isnull=True, pause_reason="")
                | (models.Q(paused_at__isnull=False) & ~models.Q(pause_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.key


class Step(models.Model):
    class Kind(models.TextChoices):
        RESULT = "result", _("Result letter")
        TIP = "tip", _("Tip")
        TEXT = "text", _("Own text")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="steps")
    key = models.SlugField(_("key"), default=make_step_key, editable=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.TIP)
    delay_days = models.PositiveSmallIntegerField(
        _("days after the step before"), default=7, help_text=_("The result letter goes at once.")
    )
    useful_days = models.PositiveSmallIntegerField(
        _("useful for days"),
        default=14,
        validators=[MinValueValidator(1)],
        help_text=_("A mail that could not leave within this many days is dropped."),
    )
    role_rank = models.PositiveSmallIntegerField(
        _("for which role"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Tips only: 1 is the person's weakest role, 2 the second weakest."),
    )
    subject = models.CharField(_("subject"), max_length=120, blank=True)
    subject_b = models.CharField(
        _("second subject"),
        max_length=120,
        blank=True,
        help_text=_("Leave it empty, or half the readers get this one, by lot, for comparison."),
    )
    preview = models.CharField(_("preview text"), max_length=160, blank=True)
    body = models.TextField(_("text"), blank=True, help_text=_("Markdown."))

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "key"], name="step_key_once"),
            models.CheckConstraint(
                name="step_tip_has_a_role_rank",
                condition=models.Q(kind="tip", role_rank__isnull=False)
                | (~models.Q(kind="tip") & models.Q(role_rank__isnull=True)),
                violation_error_message=_("A tip, and only a tip, says for which role it is."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}:{self.key}"

    @property
    def heading(self) -> str:
        """What a colleague would call it; its kind while it has no subject, as a tip has none."""
        return placeholders.read_out(text=self.subject or "") or str(self.get_kind_display())


class Tip(models.Model):
    key = models.SlugField(_("key"), unique=True, default=make_tip_key)
    role_key = models.SlugField(_("role"))
    tier = models.CharField(
        _("tier"),
        max_length=12,
        choices=[
            ("weak", _("To develop")),
            ("developing", _("On its way")),
            ("strong", _("Strong")),
        ],
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Lower goes out first.")
    )
    is_active = models.BooleanField(_("in use"), default=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    subject = models.CharField(_("subject"), max_length=120)
    subject_b = models.CharField(
        _("second subject"),
        max_length=120,
        blank=True,
        help_text=_("Leave it empty, or half the readers get this one, by lot, for comparison."),
    )
    preview = models.CharField(_("preview text"), max_length=160)
    body = models.TextField(_("text"), help_text=_("Markdown."))

    class Meta:
        verbose_name = _("tip")
        verbose_name_plural = _("tips")

    def __str__(self) -> str:
        return self.heading or self.key

    @property
    def heading(self) -> str:
        return placeholders.read_out(text=self.subject or "")


class CampaignVersion(models.Model):
    """A frozen edition: campaign, steps and tips in `document`, and in `compiled` the digest of
    each compiled mail by `step:<key>/<language>` or `tip:<key>/<language>`, with `/b` added for a
    second subject. A trigger refuses every change of both, and removal. A withdrawn version was
    taken back before any mail of it had left.
    """

    class People(models.TextChoices):
        """What became of those under way when it was published."""

        MOVE = "move", _("Move at the next step")
        KEEP = "keep", _("Keep the version they started with")
        FINISH = "finish", _("Finish now, without further mail")

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("number"))
    document = models.JSONField(_("document"))
    compiled = models.JSONField(_("compiled mails"))
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("published by"),
    )
    people = models.CharField(
        _("those under way"), max_length=6, choices=People, default=People.MOVE
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("version of the campaign")
        verbose_name_plural = _("versions of the campaign")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="campaign_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} {self.number}"


class CompiledMail(models.Model):
    """Subject, text and HTML with placeholders left to fill; named by the digest of all three."""

    digest = models.CharField(max_length=64, primary_key=True)
    subject = models.TextField()
    text = models.TextField()
    html = models.TextField()

    def __str__(self) -> str:
        return self.digest
