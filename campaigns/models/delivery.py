"""What a provider told us later about mail that we sent."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.message import Message


class DeliveryEvent(models.Model):
    """One report of a provider, known by `key` however often it is told. Holds no address.

    `message` is empty for a report of something we did not send: it is counted, and nothing
    follows from it.
    """

    class Kind(models.TextChoices):
        ACCEPTED = "accepted", _("accepted by the provider")
        DELIVERED = "delivered", _("delivered")
        DEFERRED = "deferred", _("delayed")
        HARD_BOUNCE = "hard_bounce", _("the address does not exist")
        SOFT_BOUNCE = "soft_bounce", _("not received this time")
        POLICY_BOUNCE = "policy_bounce", _("refused because of us")
        COMPLAINT = "complaint", _("reported as spam")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed at the provider")
        REFUSED = "refused", _("refused by the provider")

    key = models.CharField(max_length=64)
    # The index below begins with it.
    message = models.ForeignKey(
        Message,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="delivery_events",
        db_index=False,
    )
    # The name that we gave the mail, also when no row here has it: a database that was restored
    # may plan it again.
    claimed_id = models.UUIDField(null=True, blank=True, editable=False)
    provider = models.CharField(_("provider"), max_length=40)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    code = models.CharField(_("code"), max_length=12, blank=True)
    happened_at = models.DateTimeField(_("happened"))
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("delivery event")
        verbose_name_plural = _("delivery events")
        # A unique field would also get an index for searches by its beginning.
        constraints = [models.UniqueConstraint(fields=["key"], name="delivery_event_key_once")]
        indexes = [
            models.Index(fields=["message", "happened_at"], name="delivery_by_message"),
            models.Index(fields=["received_at"], name="delivery_by_received"),
            models.Index(
                fields=["claimed_id"],
                condition=models.Q(message__isnull=True, claimed_id__isnull=False),
                name="delivery_of_lost_mail",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.key[:8]}"
