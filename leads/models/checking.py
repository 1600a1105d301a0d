"""Which stored scores were compared with their rows last, and which of them were wrong."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.lead import Lead


class ScoreCheck(models.Model):
    """How far the comparison of all leads has come. One row; the round begins anew by itself."""

    last_lead_id = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("check of scores")
        verbose_name_plural = _("checks of scores")

    def __str__(self) -> str:
        return str(self.last_lead_id)


class ScoreFault(models.Model):
    """A lead whose stored score is not what its rows give. Gone when it is right again."""

    lead = models.OneToOneField(Lead, models.CASCADE, related_name="+")
    columns = models.JSONField(default=list)
    found_at = models.DateTimeField()

    class Meta:
        verbose_name = _("wrong score")
        verbose_name_plural = _("wrong scores")

    def __str__(self) -> str:
        return f"{self.lead_id}: {', '.join(self.columns)}"
