"""The draft of a test as the marketer edits it, and its frozen editions.

Rows here are only ever a draft. What a respondent meets is the JSON document of an
AssessmentVersion, which no one can change.
"""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Tier(models.TextChoices):
    WEAK = "weak", _("To develop")
    DEVELOPING = "developing", _("On its way")
    STRONG = "strong", _("Strong")


class Assessment(models.Model):
    key = models.SlugField(_("key"), unique=True, help_text=_("Part of the page's address."))
    title = models.CharField(_("title"), max_length=120)
    developing_from = models.PositiveSmallIntegerField(_("developing from"), default=40)
    strong_from = models.PositiveSmallIntegerField(_("strong from"), default=70)
    article_title = models.CharField(_("headline"), max_length=160)
    article_preamble = models.TextField(_("preamble"))
    article_body = models.TextField(_("text"), help_text=_("Markdown."))
    article_signals_heading = models.CharField(_("heading above the signals"), max_length=120)
    article_roles_heading = models.CharField(_("heading above the roles"), max_length=120)
    article_roles_intro = models.TextField(_("text above the roles"))
    article_shift_heading = models.CharField(_("heading of the shift"), max_length=120)
    article_shift_text = models.TextField(_("text of the shift"), help_text=_("Markdown."))
    article_invitation_heading = models.CharField(_("heading of the invitation"), max_length=120)
    article_invitation_text = models.TextField(_("text of the invitation"))
    article_start_label = models.CharField(_("text on the start button"), max_length=60)

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints = [
            models.CheckConstraint(
                name="assessment_tiers_in_order",
                condition=models.Q(developing_from__gt=0)
                & models.Q(strong_from__gt=models.F("developing_from"))
                & models.Q(strong_from__lte=100),
                violation_error_message=_(
                    "The tiers must follow each other: 0 < developing < strong ≤ 100."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.key


class VerdictText(models.Model):
    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="verdicts")
    tier = models.CharField(_("tier"), max_length=12, choices=Tier)
    title = models.CharField(_("title"), max_length=80)
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")
        constraints = [
            models.UniqueConstraint(fields=["assessment", "tier"], name="verdict_once_per_tier"),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id}:{self.tier}"


class Role(models.Model):
    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="roles")
    key = models.SlugField(_("key"))
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Equal scores are listed in this order.")
    )
    name = models.CharField(_("name"), max_length=60)
    description = models.TextField(_("description"))

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.UniqueConstraint(fields=["assessment", "key"], name="role_key_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.key


class RoleText(models.Model):
    role = models.ForeignKey(Role, models.CASCADE, related_name="texts")
    tier = models.CharField(_("tier"), max_length=12, choices=Tier)
    text = models.TextField(_("text"), help_text=_("What the score says."))
    step = models.TextField(_("development step"), help_text=_("The first thing to do."))

    class Meta:
        verbose_name = _("text for a tier")
        verbose_name_plural = _("texts for the tiers")
        constraints = [
            models.UniqueConstraint(fields=["role", "tier"], name="role_text_once_per_tier"),
        ]

    def __str__(self) -> str:
        return f"{self.role_id}:{self.tier}"


class Question(models.Model):
    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="questions")
    key = models.SlugField(_("key"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    background = models.BooleanField(
        _("background question"), default=False, help_text=_("Never part of a score.")
    )
    signal = models.CharField(_("signal"), max_length=120, blank=True)
    signal_text = models.TextField(_("signal, in the article"), blank=True)
    text = models.CharField(_("statement or question"), max_length=240)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [
            models.UniqueConstraint(fields=["assessment", "key"], name="question_key_once"),
        ]

    def __str__(self) -> str:
        return self.text or self.key


class Choice(models.Model):
    question = models.ForeignKey(Question, models.CASCADE, related_name="choices")
    key = models.SlugField(_("key"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    label = models.CharField(_("text"), max_length=120)
    points = models.PositiveSmallIntegerField(
        _("points"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(100)],
        help_text=_("0 is least mature, 100 most. Empty: counts as not answered."),
    )
    fit = models.PositiveSmallIntegerField(
        _("fit"), default=0, help_text=_("Points for the lead's fit; background questions only.")
    )

    class Meta:
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        constraints = [
            models.UniqueConstraint(fields=["question", "key"], name="choice_key_once"),
            models.CheckConstraint(
                name="choice_points_at_most_100",
                condition=models.Q(points__isnull=True) | models.Q(points__lte=100),
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.key


class Weight(models.Model):
    question = models.ForeignKey(Question, models.CASCADE, related_name="weights")
    role = models.ForeignKey(Role, models.CASCADE, related_name="weights")
    weight = models.PositiveSmallIntegerField(_("weight"), default=1)

    class Meta:
        verbose_name = _("weight")
        verbose_name_plural = _("weights")
        constraints = [
            models.UniqueConstraint(fields=["question", "role"], name="weight_once_per_role"),
            models.CheckConstraint(name="weight_above_zero", condition=models.Q(weight__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.question_id}→{self.role_id}"


class AssessmentVersion(models.Model):
    """A frozen edition. A trigger refuses every change of its document, and its removal."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("number"))
    document = models.JSONField(_("document"))
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("published by"),
    )

    class Meta:
        verbose_name = _("version of the test")
        verbose_name_plural = _("versions of the test")
        constraints = [
            models.UniqueConstraint(fields=["assessment", "number"], name="assessment_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.assessment} {self.number}"


class ShippedItem(models.Model):
    """What we last wrote of one piece of shipped content, so that edits are recognised."""

    key = models.CharField(max_length=160, primary_key=True)
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.key
