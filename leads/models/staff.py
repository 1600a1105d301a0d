"""What those who work with leads want to hear, when and where, and what they were told."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.lead import Lead


class Weekday(models.IntegerChoices):
    MONDAY = 1, _("Monday")
    TUESDAY = 2, _("Tuesday")
    WEDNESDAY = 3, _("Wednesday")
    THURSDAY = 4, _("Thursday")
    FRIDAY = 5, _("Friday")
    SATURDAY = 6, _("Saturday")
    SUNDAY = 7, _("Sunday")


class Language(models.TextChoices):
    SWEDISH = "sv", _("Swedish")
    ENGLISH = "en", _("English")


class Preference(models.Model):
    """One consultant's choices. Somebody without a row has chosen what the fields begin with."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="lead_preference"
    )
    language = models.CharField(
        _("language of the mails"), max_length=2, choices=Language, default=Language.SWEDISH
    )
    has_alerts = models.BooleanField(
        _("alerts"),
        default=True,
        help_text=_("When a lead becomes hot or answers. At most one per lead and day."),
    )
    has_reminders = models.BooleanField(
        _("reminders"), default=True, help_text=_("At 07:30 on the day of a next step.")
    )
    has_digest = models.BooleanField(
        _("weekly digest"),
        default=True,
        help_text=_("Your week in one mail: what is new, whom to call, who is silent."),
    )
    digest_weekday = models.PositiveSmallIntegerField(
        _("day of the digest"), choices=Weekday, default=Weekday.MONDAY
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(
        _("quiet until"),
        null=True,
        blank=True,
        help_text=_("What falls within the quiet hours comes when they are over."),
    )
    is_lead_of_group = models.BooleanField(
        _("leads the group"),
        default=False,
        help_text=_(
            "Is told about good leads that nobody has taken. When nobody leads, all are told."
        ),
    )

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints = [
            models.CheckConstraint(
                name="preference_quiet_hours_have_both_ends",
                condition=models.Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.user_id)


class Calendar(models.Model):
    """The secret address at which one consultant's next steps can be subscribed to. The address
    is signed and not stored; a new `key` makes it another one.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="lead_calendar"
    )
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")

    def __str__(self) -> str:
        return str(self.user_id)


class Alert(models.Model):
    """One staff mail that names this lead: for its timeline, and to be found when it is erased.

    `key` is the message's; `cause` names what must be told once, such as one reply.
    """

    class Kind(models.TextChoices):
        GRADE = "grade", _("became hot")
        REPLY = "reply", _("wrote back")
        UNTOUCHED = "untouched", _("nobody has touched it")
        SILENT = "silent", _("mail goes on")
        STEP = "step", _("next step")
        DIGEST = "digest", _("weekly digest")

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="alerts", db_index=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    cause = models.CharField(_("cause"), max_length=60, blank=True)
    key = models.CharField(_("key"), max_length=120)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = [
            models.UniqueConstraint(fields=["lead", "key"], name="alert_once_per_lead_and_mail"),
        ]
        indexes = [models.Index(fields=["lead", "-at"], name="alert_by_lead")]

    def __str__(self) -> str:
        return self.key
