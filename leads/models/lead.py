"""A respondent as a sales matter: how well they fit, how engaged they are, and why."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Lead(models.Model):
    """Made at the first confirmed consent. The score is rebuilt from rows, never edited."""

    class Stage(models.TextChoices):
        NEW = "new", _("New")
        IN_TOUCH = "in_touch", _("In touch")
        BOOKED = "booked", _("Talk booked")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    CLOSED = (Stage.WON, Stage.LOST)

    respondent = models.OneToOneField(
        "assessments.Respondent", models.CASCADE, related_name="lead", verbose_name=_("person")
    )
    response = models.ForeignKey("assessments.Response", models.CASCADE, related_name="+")
    may_contact = models.BooleanField(
        _("may be contacted"), default=False, help_text=_("Consent to contact is confirmed.")
    )
    fit = models.PositiveSmallIntegerField(_("fit"), default=0)
    engagement = models.PositiveSmallIntegerField(_("engagement"), default=0)
    grade = models.CharField(_("grade"), max_length=2)
    reasons = models.JSONField(_("reasons"), default=list)
    weakest_role = models.CharField(_("weakest role"), max_length=60, blank=True)
    organisation = models.CharField(_("organisation"), max_length=120, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="leads",
        verbose_name=_("owner"),
    )
    stage = models.CharField(_("stage"), max_length=10, choices=Stage, default=Stage.NEW)
    created_at = models.DateTimeField(_("since"))
    scored_at = models.DateTimeField(_("scored"))
    # Both are set by a trigger: the last change of anything but the score's date, and when the
    # lead was first one that others are told of.
    changed_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)
    carried_at = models.DateTimeField(null=True, editable=False)

    # Work. People's decisions, and what the clock has already done about them.
    next_step_at = models.DateField(_("next step on"), null=True, blank=True)
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    reminded_for = models.DateField(null=True, blank=True, editable=False)
    touched_at = models.DateTimeField(_("last touched"), null=True, blank=True)
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    # Since when the person's mail is held for the owner's sake; colleagues' too, or not.
    held_at = models.DateTimeField(_("mail held since"), null=True, blank=True, editable=False)
    holds_organisation = models.BooleanField(default=False, editable=False)
    # The grade that was last looked at for an alert, and whether all were told that nobody has it.
    alerted_grade = models.CharField(max_length=2, blank=True, editable=False)
    escalated_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        indexes = [
            models.Index(fields=["may_contact", "grade"], name="lead_in_order_to_call"),
            models.Index(fields=["scored_at"], name="lead_oldest_score_first"),
            models.Index(fields=["changed_at", "id"], name="lead_by_change"),
            models.Index(
                fields=["next_step_at"],
                condition=models.Q(next_step_at__isnull=False),
                name="lead_next_step",
            ),
            models.Index(
                fields=["scored_at"],
                condition=~models.Q(grade=models.F("alerted_grade")),
                name="lead_grade_not_looked_at",
            ),
            models.Index(
                fields=["held_at"],
                condition=models.Q(held_at__isnull=False),
                name="lead_holding_mail",
            ),
            models.Index(
                fields=["organisation"],
                condition=~models.Q(organisation=""),
                name="lead_by_organisation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grade} {self.respondent_id}"
