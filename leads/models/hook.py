"""What other systems are told: what happened to leads, who wants to know, and each telling."""

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    CREATED = "lead.created", _("A lead is new")
    GRADED = "lead.graded", _("A lead has another grade")
    TAKEN = "lead.taken", _("A lead has an owner")
    GIVEN = "consent.given", _("A consent was given")
    WITHDRAWN = "consent.withdrawn", _("A consent was withdrawn")
    ERASED = "respondent.erased", _("A person was erased")


class Event(models.Model):
    """One thing that happened to a lead. Triggers write it in the transaction in which it
    happens, so that none is lost; `number`, the order for readers, is dealt afterwards, since
    transactions do not end in the order in which they began.
    """

    number = models.BigIntegerField(_("number"), null=True, unique=True)
    kind = models.CharField(_("what happened"), max_length=20, choices=Kind)
    # No foreign keys: an erasure is told about after the person is gone.
    respondent_id = models.BigIntegerField(db_index=True)
    lead_id = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict)
    happened_at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(
                fields=["id"], name="event_not_dealt", condition=models.Q(number__isnull=True)
            ),
            models.Index(fields=["happened_at"], name="event_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}:{self.kind}"


class Hook(models.Model):
    """An address that is told of events. Its secret is made from `key` and `generation`, and
    stored nowhere.
    """

    name = models.CharField(_("name"), max_length=60)
    url = models.CharField(
        _("address"),
        max_length=500,
        help_text=_("Where we send: an https:// address that anybody on the internet can reach."),
    )
    kinds = models.JSONField(_("events"), default=list)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Off: what happens meanwhile is not sent later.")
    )
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    generation = models.PositiveSmallIntegerField(default=1, editable=False)
    renewed_at = models.DateTimeField(_("secret renewed"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), editable=False)
    told_at = models.DateTimeField(_("last told"), null=True, editable=False)
    # The circuit breaker: failures in a row, since when, and until when the hook is left alone.
    failures = models.PositiveIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    rests_until = models.DateTimeField(_("rests until"), null=True, editable=False)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One event on its way to one hook; the body is the same, to the byte, at every try."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Sending")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Refused for good")
        GIVEN_UP = "given_up", _("Given up")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hook = models.ForeignKey(
        Hook, models.CASCADE, related_name="deliveries", verbose_name=_("webhook")
    )
    # The event's number: the order in which one person's events are told.
    number = models.BigIntegerField(_("event"))
    kind = models.CharField(_("what happened"), max_length=20)
    respondent_id = models.BigIntegerField(null=True, db_index=True)
    lead_id = models.BigIntegerField(_("lead"), null=True)
    body = models.TextField(_("what is said"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    created_at = models.DateTimeField(_("since"))
    next_at = models.DateTimeField(_("next try"))
    until = models.DateTimeField(_("tried until"))
    leased_until = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(_("last try"), null=True)
    status = models.PositiveSmallIntegerField(_("answer"), null=True)
    evidence = models.CharField(_("what was said"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["hook", "number"],
                condition=models.Q(number__gt=0),
                name="delivery_once_per_hook_and_event",
            ),
        ]
        indexes = [
            models.Index(
                fields=["hook", "next_at"],
                name="delivery_waiting",
                condition=models.Q(state="queued"),
            ),
            models.Index(
                fields=["hook", "respondent_id", "number"],
                name="delivery_in_order",
                condition=models.Q(state__in=["queued", "sending"]),
            ),
            models.Index(
                fields=["leased_until"],
                name="delivery_under_way",
                condition=models.Q(state="sending"),
            ),
            models.Index(fields=["-created_at", "-number"], name="delivery_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.hook_id}"
