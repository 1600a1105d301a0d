"""Who answered, and what. Nothing here depends on the draft: a response pins its version."""

import uuid
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from assessments import document
from assessments.models.assessment import AssessmentVersion

# An unfinished sitting that began longer ago than this was left.
ABANDONED_AFTER = timedelta(hours=24)


class Language(models.TextChoices):
    SWEDISH = "sv", _("Swedish")
    ENGLISH = "en", _("English")


class Respondent(models.Model):
    """A person with an address. Made when tips are asked for, trusted when they are confirmed."""

    email = models.EmailField(_("address"))
    first_name = models.CharField(_("first name"), max_length=60, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language, default="sv")
    created_at = models.DateTimeField(_("created"))
    # The last sign of life that was looked for; and when the person was told that time is running
    # out.
    alive_at = models.DateTimeField(_("last sign of life"), db_default=Now(), editable=False)
    warned_at = models.DateTimeField(_("warned"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("respondent")
        verbose_name_plural = _("respondents")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="respondent_address_once"),
        ]
        indexes = [
            models.Index(
                fields=["alive_at"],
                condition=models.Q(warned_at__isnull=True),
                name="respondent_by_sign",
            ),
            models.Index(
                fields=["warned_at"],
                condition=models.Q(warned_at__isnull=False),
                name="respondent_by_warning",
            ),
        ]

    def __str__(self) -> str:
        return self.email


class Response(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(AssessmentVersion, models.PROTECT, related_name="responses")
    respondent = models.ForeignKey(
        Respondent, models.CASCADE, null=True, blank=True, related_name="responses"
    )
    language = models.CharField(_("language"), max_length=2, choices=Language)
    started_at = models.DateTimeField(_("started"))
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)
    result = models.JSONField(_("result"), null=True, blank=True)
    # One person's sittings share a series; each retake points at the sitting it began from.
    series = models.UUIDField(editable=False)
    previous = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="retakes"
    )
    organisation = models.ForeignKey(
        "Organisation", models.SET_NULL, null=True, blank=True, related_name="responses"
    )
    shared_at = models.DateTimeField(_("shared with colleagues"), null=True, blank=True)
    is_tallied = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        constraints = [
            models.CheckConstraint(
                name="response_result_when_completed",
                condition=models.Q(completed_at__isnull=True, result__isnull=True)
                | models.Q(completed_at__isnull=False, result__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["completed_at"], name="response_by_completed"),
            models.Index(fields=["started_at"], name="response_by_started"),
            models.Index(fields=["series"], name="response_by_series"),
            models.Index(
                fields=["started_at"],
                name="response_not_tallied",
                condition=models.Q(is_tallied=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def document(self) -> dict[str, Any]:
        return get_document(self.version_id)

    def get_texts(self, language: str) -> dict[str, Any]:
        return get_texts(self.version_id, language)


@lru_cache(maxsize=64)
def get_document(version_id: int) -> dict[str, Any]:
    """The frozen document of a version. Never changes, so it is read once per process."""
    return AssessmentVersion.objects.values_list("document", flat=True).get(pk=version_id)


@lru_cache(maxsize=128)
def get_texts(version_id: int, language: str) -> dict[str, Any]:
    """The same document in one language. Shared: readers must not change it."""
    return document.localise(get_document(version_id), language)


class Answer(models.Model):
    response = models.ForeignKey(Response, models.CASCADE, related_name="answers")
    question_key = models.SlugField(_("question"))
    choice_key = models.SlugField(_("choice"))
    answered_at = models.DateTimeField(_("answered"))
    seconds = models.PositiveSmallIntegerField(
        _("seconds"), null=True, blank=True, help_text=_("Empty: the person was away.")
    )

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(
                fields=["response", "question_key"], name="answer_once_per_question"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response_id}:{self.question_key}"
