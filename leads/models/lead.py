"""A respondent as a sales matter: how well they fit, how engaged they are, and why."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Greatest, Now
from django.utils.translation import gettext_lazy as _


class LeadQuerySet(models.QuerySet["Lead"]):
    def to_contact(self) -> Self:
        """Of people who have confirmed that they may be contacted. All others are nobody's lead."""
        return self.filter(may_contact=True)

    def seen_by(self, user: AbstractUser | AnonymousUser) -> Self:
        """What this colleague may see, wherever leads are shown, searched or taken out."""
        if not user.has_perm("leads.view_lead"):
            return self.none()
        if settings.LEADS_SEEN == "all" or user.has_perm("leads.see_all_leads"):
            return self.to_contact()
        return self.to_contact().filter(Q(owner=user.pk) | Q(owner=None))

    def open(self) -> Self:
        return self.filter(stage__in=Lead.OPEN)


class Lead(models.Model):
    """Made at the first confirmed consent. The score is rebuilt from rows, never edited."""

    class Stage(models.TextChoices):
        NEW = "new", _("New")
        IN_TOUCH = "in_touch", _("In touch")
        BOOKED = "booked", _("Talk booked")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    class Judgement(models.TextChoices):
        GOOD = "good", _("Good")
        BAD = "bad", _("Bad")

    OPEN = (Stage.NEW, Stage.IN_TOUCH, Stage.BOOKED)
    CLOSED = (Stage.WON, Stage.LOST)
    # The order to call in: grade, then the next step that was agreed, then the longest silence.
    TO_CALL = ("effective_grade", "next_step_at", "quiet_since", "pk")

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
    # The name above is in the person's language; lists are filtered by the key.
    weakest_key = models.CharField(max_length=40, blank=True, editable=False)
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
    next_step_at = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(_("since"))
    # The moment and the rules of the score: from the same rows they give the same score again.
    scored_at = models.DateTimeField(_("scored"))
    rules_number = models.PositiveIntegerField(default=0, editable=False)
    # A person's grade, which stands beside the computed one and is the one that counts.
    override_grade = models.CharField(max_length=2, blank=True, editable=False)
    override_until = models.DateField(null=True, blank=True, editable=False)
    effective_grade = models.GeneratedField(
        expression=Case(When(override_grade="", then=F("grade")), default=F("override_grade")),
        output_field=models.CharField(_("grade"), max_length=2),
        db_persist=True,
    )
    # When the person last did something, and when one of us last did something about them.
    heard_at = models.DateTimeField(null=True, blank=True, editable=False)
    touched_at = models.DateTimeField(null=True, blank=True, editable=False)
    quiet_since = models.GeneratedField(
        expression=Greatest("heard_at", "touched_at"),
        output_field=models.DateTimeField(_("silent since"), null=True),
        db_persist=True,
    )
    judgement = models.CharField(_("judgement"), max_length=4, choices=Judgement, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Both are set by a trigger: the last change of anything but the score's date, and when the
    # lead was first one that others are told of.
    changed_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)
    carried_at = models.DateTimeField(null=True, editable=False)

    objects = LeadQuerySet.as_manager()

    # Work. People's decisions, and what the clock has already done about them.
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    reminded_for = models.DateField(null=True, blank=True, editable=False)
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
        permissions = [("see_all_leads", _("Can see all leads, also those of colleagues"))]
        indexes = [
            models.Index(fields=["scored_at"], name="lead_oldest_score_first"),
            models.Index(fields=["changed_at", "id"], name="lead_by_change"),
            models.Index(
                fields=["next_step_at"],
                condition=Q(next_step_at__isnull=False),
                name="lead_next_step",
            ),
            models.Index(
                fields=["scored_at"],
                condition=~Q(effective_grade=F("alerted_grade")),
                name="lead_grade_not_looked_at",
            ),
            models.Index(
                fields=["organisation"],
                condition=~Q(organisation=""),
                name="lead_by_organisation",
            ),
            models.Index(
                fields=["held_at"],
                condition=Q(held_at__isnull=False),
                name="lead_holding_mail",
            ),
            models.Index(
                fields=["effective_grade", "next_step_at", "quiet_since", "id"],
                condition=Q(may_contact=True),
                name="lead_in_order_to_call",
            ),
            models.Index(
                fields=["owner", "effective_grade", "next_step_at", "quiet_since", "id"],
                condition=Q(may_contact=True),
                name="lead_of_one_owner",
            ),
            models.Index(
                fields=["organisation", "effective_grade"],
                condition=Q(may_contact=True),
                name="lead_of_one_organisation",
            ),
            models.Index(
                fields=["stage", "effective_grade", "next_step_at", "quiet_since", "id"],
                condition=Q(may_contact=True),
                name="lead_in_one_stage",
            ),
            models.Index(
                fields=["quiet_since", "effective_grade", "next_step_at", "id"],
                condition=Q(may_contact=True),
                name="lead_silent_longest",
            ),
            models.Index(
                fields=["next_step_at", "effective_grade", "quiet_since", "id"],
                condition=Q(may_contact=True),
                name="lead_by_next_step",
            ),
            models.Index(
                fields=["-touched_at", "-id"],
                condition=Q(stage__in=("won", "lost")) | ~Q(judgement=""),
                name="lead_that_ended",
            ),
            models.Index(
                fields=["override_until"],
                condition=Q(override_until__isnull=False),
                name="lead_override_that_ends",
            ),
            models.Index(
                fields=["id"],
                condition=~Q(override_grade=""),
                name="lead_graded_by_hand",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.effective_grade} {self.respondent_id}"
