"""One mail to one person: receipt before the act, ledger after it."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import CompiledMail
from campaigns.models.enrolment import Enrolment


def make_message_id(key: str, to: str, began_at: datetime) -> uuid.UUID:
    """The same for the same mail, also when it is planned again after a backup was restored, so
    that whoever has had it can tell. Keyed, because mails carry it: UUID version 8 (RFC 9562).
    """
    text = f"{key}\0{to}\0{began_at.isoformat()}"
    digest = salted_hmac(
        "campaigns.message", text, secret=settings.ADDRESS_KEY, algorithm="sha256"
    ).digest()
    number = int.from_bytes(digest[:16], "big")
    number = number & ~(0xF << 76) | 0x8 << 76
    return uuid.UUID(int=number & ~(0x3 << 62) | 0x2 << 62)


class Message(models.Model):
    """Holds the values spliced into the compiled mail, not the body: the body can be made again.

    `id` is also the local part of the Message-ID, the same for every attempt. What a person waits
    for is urgent, and leaves before the rest.
    """

    class Kind(models.TextChoices):
        CAMPAIGN = "campaign", _("Campaign")
        SYSTEM = "system", _("System")
        STAFF = "staff", _("Staff")
        TEST = "test", _("Test")

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        CLAIMED = "claimed", _("Claimed")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("Unknown")
        SKIPPED = "skipped", _("Skipped")
        DROPPED = "dropped", _("Dropped")

    ENDINGS = (State.SENT, State.FAILED, State.SKIPPED, State.DROPPED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(_("key"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    # Each index costs every change of state; the ones below begin with these two.
    enrolment = models.ForeignKey(
        Enrolment,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="messages",
        db_index=False,
    )
    respondent = models.ForeignKey(
        "assessments.Respondent",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="messages",
        db_index=False,
    )
    step_key = models.SlugField(_("step"), blank=True, db_index=False)
    tip_key = models.SlugField(_("tip"), blank=True, db_index=False)
    template = models.SlugField(_("template"), blank=True, db_index=False)
    to = models.EmailField(_("to"))
    language = models.CharField(_("language"), max_length=2)
    compiled = models.ForeignKey(
        CompiledMail, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # Which of two subjects, where two are compared.
    variant = models.CharField(
        _("subject"), max_length=1, blank=True, choices=[("a", "A"), ("b", "B")]
    )
    values = models.JSONField(_("values"), default=dict)
    is_urgent = models.BooleanField(_("urgent"), default=False)
    # Whether its links are measured: decided with the hand-over, under the lock that withdrawing
    # takes, and kept so that the mail can be made again.
    is_tracked = models.BooleanField(_("links measured"), default=False, db_default=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("planned"))
    due_at = models.DateTimeField(_("due"))
    not_after = models.DateTimeField(_("not after"), null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    claim = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    sending_at = models.DateTimeField(_("handed over"), null=True, blank=True)
    resent_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Since when an earlier try may have arrived, while the provider is asked again by its key.
    doubted_at = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    phase = models.CharField(_("phase"), max_length=12, blank=True)
    evidence = models.TextField(_("the server's words"), blank=True)
    provider_id = models.CharField(_("provider's id"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["key"], name="message_key_once"),
            models.UniqueConstraint(
                fields=["enrolment", "step_key"],
                condition=models.Q(enrolment__isnull=False),
                name="message_once_per_step",
            ),
            models.CheckConstraint(
                name="message_campaign_has_enrolment_and_step",
                condition=~models.Q(kind="campaign")
                | (models.Q(enrolment__isnull=False) & ~models.Q(step_key="")),
            ),
            models.CheckConstraint(
                name="message_ending_has_its_reason",
                condition=~models.Q(state__in=["failed", "skipped", "dropped", "unknown"])
                | ~models.Q(reason=""),
            ),
            models.CheckConstraint(
                name="message_under_way_has_a_lease",
                condition=~models.Q(state__in=["claimed", "sending"])
                | models.Q(claim__isnull=False, lease_until__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(state="queued", is_urgent=False),
                name="message_due",
            ),
            models.Index(
                fields=["due_at"],
                condition=models.Q(state="queued", is_urgent=True),
                name="message_due_urgent",
            ),
            models.Index(
                fields=["sending_at"], condition=models.Q(state="unknown"), name="message_unknown"
            ),
            models.Index(
                fields=["-sending_at"],
                condition=models.Q(sending_at__isnull=False),
                name="message_by_sending",
            ),
            models.Index(
                fields=["enrolment", "reason"],
                condition=models.Q(state="queued", reason="campaign_paused"),
                name="message_paused",
            ),
            # For the purge: entered once, when the mail ends, and left when its contents go.
            models.Index(
                Coalesce("ended_at", "sending_at", "created_at"),
                condition=~models.Q(state__in=["queued", "claimed", "sending"])
                & ~models.Q(values={}, evidence=""),
                name="message_with_contents",
            ),
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state__in=["claimed", "sending"]),
                name="message_leased",
            ),
            models.Index(fields=["respondent", "created_at"], name="message_by_person"),
            models.Index(fields=["-created_at"], name="message_newest_first"),
            # Mail to colleagues may speak of a person who is erased.
            models.Index(
                fields=["id"],
                condition=models.Q(respondent__isnull=True),
                name="message_of_nobody",
            ),
            models.Index(
                fields=["provider_id"],
                condition=~models.Q(provider_id=""),
                name="message_by_provider_id",
            ),
        ]

    def __str__(self) -> str:
        return self.key
