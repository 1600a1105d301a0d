"""What is known of visits to measured links, while their person allows it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.message import Message


class Click(models.Model):
    """One visit. Who came is known no closer than by what kind of program, and whether from a
    network of mail scanners: no address of it is ever written.
    """

    class Agent(models.TextChoices):
        BROWSER = "browser", _("browser")
        SCANNER = "scanner", _("mail scanner")
        PROGRAM = "program", _("program")
        OTHER = "other", _("unknown")

    class Verdict(models.TextChoices):
        HUMAN = "human", _("a person")
        UNSURE = "unsure", _("unsure")
        MACHINE = "machine", _("a scanner")

    # The index below begins with it.
    message = models.ForeignKey(
        Message, models.CASCADE, related_name="clicks", db_index=False, verbose_name=_("message")
    )
    link = models.PositiveSmallIntegerField(_("link"))
    is_head = models.BooleanField(_("looked without opening"))
    agent = models.CharField(_("visitor"), max_length=8, choices=Agent)
    is_from_scanner = models.BooleanField(_("from a scanner's network"))
    at = models.DateTimeField(_("when"))
    seconds = models.FloatField(_("seconds since sending"))
    verdict = models.CharField(_("verdict"), max_length=8, choices=Verdict, blank=True)
    reasons = models.JSONField(_("reasons"), default=list)
    # Which edition of the rules has judged it; 0 is none yet.
    rules = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("click")
        verbose_name_plural = _("clicks")
        indexes = [
            models.Index(fields=["message", "at"], name="click_by_message"),
            models.Index(fields=["at"], name="click_by_time"),
            models.Index(fields=["rules", "at"], name="click_to_judge"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id}:{self.link}"


class ClickCount(models.Model):
    """How many visits of each verdict a mail has had. Outlives the visits themselves."""

    message = models.OneToOneField(
        Message, models.CASCADE, primary_key=True, related_name="click_count"
    )
    human = models.PositiveIntegerField(default=0)
    unsure = models.PositiveIntegerField(default=0)
    machine = models.PositiveIntegerField(default=0)
    # When a person last clicked; empty when nobody has.
    clicked_at = models.DateTimeField(_("clicked"), null=True, blank=True)

    class Meta:
        verbose_name = _("clicks of a mail")
        verbose_name_plural = _("clicks of mails")
        indexes = [
            models.Index(
                fields=["clicked_at"],
                condition=models.Q(clicked_at__isnull=False),
                name="click_count_by_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.message_id)
