"""The register of what people ask of us by law, and of what we must ask of others for them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class RightsRequest(models.Model):
    """One request and its clock. It never holds an address; an erasure leaves the receipt and the
    dates. One *at the provider* is ours: a mail provider is to erase somebody whom we erased.
    """

    class Kind(models.TextChoices):
        ACCESS = "access", _("access")
        RECTIFICATION = "rectification", _("rectification")
        ERASURE = "erasure", _("erasure")
        OBJECTION = "objection", _("objection")
        RESTRICTION = "restriction", _("restriction")
        AT_PROVIDER = "at_provider", _("erasure at the mail provider")

    class Road(models.TextChoices):
        PHONE = "phone", _("by phone")
        LETTER = "letter", _("by letter")
        MAIL = "mail", _("by mail")
        MEETING = "meeting", _("face to face")
        HERE = "here", _("here, by an administrator")

    class Outcome(models.TextChoices):
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        TAKEN_BACK = "taken_back", _("taken back by the person")
        ERASED = "erased", _("over: the person was erased")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    road = models.CharField(_("how it came"), max_length=10, choices=Road, blank=True)
    respondent = models.ForeignKey(
        "assessments.Respondent",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="rights_requests",
        verbose_name=_("person"),
    )
    note = models.TextField(_("what was asked"), blank=True)
    received_on = models.DateField(_("received"))
    due_on = models.DateField(_("due"))
    # When to remind of it next; empty when there is nothing more to say.
    remind_on = models.DateField(null=True, blank=True, editable=False)
    ended_on = models.DateField(_("ended"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    receipt = models.CharField(_("receipt"), max_length=20, blank=True)
    # Of those at a provider: whose, how many mails, and by what names it knows them until it is
    # done.
    provider = models.CharField(_("provider"), max_length=40, blank=True)
    mails = models.PositiveIntegerField(_("mails"), default=0)
    provider_ids = models.JSONField(_("the provider's ids"), default=list, blank=True)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("registered by"),
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ended by"),
    )

    class Meta:
        verbose_name = _("request of a person")
        verbose_name_plural = _("requests of persons")
        constraints = [
            models.CheckConstraint(
                name="rights_request_ends_with_an_outcome",
                condition=models.Q(ended_on__isnull=True, outcome="")
                | (
                    models.Q(ended_on__isnull=False, remind_on__isnull=True) & ~models.Q(outcome="")
                ),
            ),
            models.CheckConstraint(
                name="rights_request_names_its_provider",
                condition=models.Q(kind="at_provider", respondent__isnull=True)
                & ~models.Q(provider="")
                | ~models.Q(kind="at_provider") & models.Q(provider=""),
            ),
        ]
        indexes = [
            # The open ones first, by their day.
            models.Index(fields=["-ended_on", "due_on", "id"], name="rights_in_order"),
            models.Index(
                fields=["remind_on"],
                condition=models.Q(remind_on__isnull=False),
                name="rights_to_remind_of",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"
