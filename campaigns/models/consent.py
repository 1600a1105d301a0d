"""What people have allowed, in what words, and whom we must not write to."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Purpose(models.TextChoices):
    TIPS = "tips", _("Tips by mail")
    CONTACT = "contact", _("Contact by a consultant")
    TRACKING = "tracking", _("Measuring clicks")


class ConsentWording(models.Model):
    """The exact sentence beside a tick box. Never edited: new words are a new row."""

    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose)
    language = models.CharField(_("language"), max_length=2)
    text = models.TextField(_("wording"))
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("consent wording")
        verbose_name_plural = _("consent wordings")
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "language", "text"], name="wording_kept_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} · {self.language}"


class Consent(models.Model):
    """Where one person stands on one purpose. The events are the record; this is its reading."""

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", _("Unconfirmed")
        CONFIRMED = "confirmed", _("Confirmed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    respondent = models.ForeignKey(
        "assessments.Respondent", models.CASCADE, related_name="consents"
    )
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.UNCONFIRMED)
    asked_at = models.DateTimeField(_("asked"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(
                fields=["respondent", "purpose"], name="consent_once_per_purpose"
            ),
            models.CheckConstraint(
                name="consent_times_match_its_state",
                condition=models.Q(state="unconfirmed")
                | models.Q(state="confirmed", confirmed_at__isnull=False)
                | models.Q(state="withdrawn", withdrawn_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["confirmed_at"], name="consent_by_confirmation"),
            models.Index(fields=["withdrawn_at"], name="consent_by_withdrawal"),
            models.Index(
                fields=["asked_at"],
                condition=models.Q(confirmed_at__isnull=True),
                name="consent_never_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.respondent_id}:{self.purpose}"


class ConsentOrigin(models.Model):
    """One request from the consent panel: who, from where, about which result. Deletable."""

    respondent = models.ForeignKey(
        "assessments.Respondent", models.CASCADE, related_name="consent_origins"
    )
    response = models.ForeignKey("assessments.Response", models.CASCADE, related_name="+")
    wordings = models.ManyToManyField(
        ConsentWording, related_name="+", verbose_name=_("wordings ticked")
    )
    first_name = models.CharField(_("first name"), max_length=60, blank=True)
    language = models.CharField(_("language"), max_length=2)
    ip = models.GenericIPAddressField(_("from"), null=True, blank=True)
    path = models.CharField(_("page"), max_length=200)
    # That address and page have lost what finds one person.
    is_blurred = models.BooleanField(default=False, db_default=False, editable=False)
    asked_at = models.DateTimeField(_("asked"))
    # Later than asked_at when too many were asking at once; the link is valid from then on.
    due_at = models.DateTimeField(_("due"), db_default=Now(), db_index=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)

    class Meta:
        verbose_name = _("request for mail")
        verbose_name_plural = _("requests for mail")
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(confirmed_at__isnull=True),
                name="request_never_confirmed",
            ),
            models.Index(
                fields=["asked_at"],
                condition=models.Q(is_blurred=False),
                name="request_not_blurred",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ConsentEvent(models.Model):
    """One yes or no, for ever: a trigger refuses UPDATE and DELETE. Holds no address."""

    # The source of what an address withdrew when its person left it for another.
    MOVED_AWAY = "moved away"

    class Kind(models.TextChoices):
        ASKED = "asked", _("Asked")
        CONFIRMED = "confirmed", _("Confirmed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    subject_key = models.CharField(
        _("subject"), max_length=64, help_text=_("Keyed hash of the address.")
    )
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose)
    kind = models.CharField(_("what happened"), max_length=12, choices=Kind)
    wording = models.ForeignKey(
        ConsentWording, models.PROTECT, null=True, blank=True, related_name="+"
    )
    source = models.CharField(_("how"), max_length=40)
    happened_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("consent event")
        verbose_name_plural = _("consent events")
        indexes = [
            models.Index(fields=["subject_key", "happened_at"], name="consent_event_by_subject"),
            models.Index(
                fields=["happened_at"],
                condition=models.Q(source="moved away"),
                name="consent_event_moved_away",
            ),
            models.Index(
                fields=["happened_at"],
                condition=models.Q(kind="asked"),
                name="consent_event_asked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}:{self.purpose}:{self.kind}"


class Suppression(models.Model):
    """An address that must not be mailed, known only by its keyed hash."""

    class Reason(models.TextChoices):
        BOUNCE = "bounce", _("Bounced")
        COMPLAINT = "complaint", _("Complained")
        MANUAL = "manual", _("By hand")
        ERASED = "erased", _("Erased")
        REMOVE_ME = "remove_me", _("Asked to be removed")
        GONE = "gone", _("No longer there")

    subject_key = models.CharField(_("subject"), max_length=64, primary_key=True)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    created_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")

    def __str__(self) -> str:
        return f"{self.subject_key[:12]}:{self.reason}"
