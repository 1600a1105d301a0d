"""What people write back: by mail, and on the page that a tip links to."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.message import Message


class Reply(models.Model):
    """One mail that came in, known by `key` however often it is fetched. Its words are kept for
    a while, for whoever is to answer; attachments never.

    `said` is what the program took it for; `verdict` what it counts as now, when a person knew
    better. `applied_at` names what followed from the verdict, so that it can be taken back.
    """

    class Verdict(models.TextChoices):
        HUMAN = "human", _("A person's answer")
        UNSURE = "unsure", _("Unsure: look at it")
        AWAY = "away", _("Away for a while")
        GONE = "gone", _("No longer there")
        REMOVE_ME = "remove_me", _("Wants no more mail")
        AUTO_REPLY = "auto_reply", _("Automatic answer")
        BOUNCE = "bounce", _("A mail server's report")
        COMPLAINT = "complaint", _("Reported as spam")

    class Match(models.TextChoices):
        REFERENCE = "reference", _("It answers a mail of ours.")
        TOKEN = "token", _("It was sent to the address that one mail of ours asks to answer to.")
        SENDER = "sender", _("Only the sender's address says who it is from.")
        NOBODY = "", _("Nobody we know")

    key = models.CharField(max_length=64)
    respondent = models.ForeignKey(
        "assessments.Respondent",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="replies",
        verbose_name=_("person"),
        db_index=False,
    )
    message = models.ForeignKey(
        Message, models.SET_NULL, null=True, blank=True, related_name="replies"
    )
    matched_by = models.CharField(_("known by"), max_length=10, blank=True, choices=Match)
    sender = models.CharField(_("from"), max_length=254, blank=True)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    text = models.TextField(_("text"), blank=True)
    said = models.CharField(_("judged by the program"), max_length=10, choices=Verdict)
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict)
    until = models.DateField(_("back"), null=True, blank=True)
    reasons = models.JSONField(_("reasons"), default=list)
    received_at = models.DateTimeField(_("received"))
    applied_at = models.DateTimeField(null=True, blank=True, editable=False)
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("corrected by"),
        db_index=False,
    )

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        permissions = [("see_all_replies", _("Can see all replies, whoever's lead it is"))]
        constraints = [models.UniqueConstraint(fields=["key"], name="reply_key_once")]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="reply_newest_first"),
            models.Index(fields=["respondent", "received_at"], name="reply_by_person"),
            models.Index(
                fields=["received_at"],
                condition=~models.Q(sender="", subject="", text=""),
                name="reply_with_contents",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict}:{self.key[:8]}"


class TipAnswer(models.Model):
    """What somebody told about one tip. Only appended to: of one mail, the last one counts."""

    class Choice(models.TextChoices):
        DONE = "done", _("Did it")
        NOT_YET = "not_yet", _("Not yet")
        TALK = "talk", _("Wants to talk")

    message = models.ForeignKey(Message, models.CASCADE, related_name="tip_answers", db_index=False)
    respondent = models.ForeignKey(
        "assessments.Respondent", models.CASCADE, related_name="tip_answers", db_index=False
    )
    choice = models.CharField(_("answer"), max_length=8, choices=Choice)
    text = models.CharField(_("in their words"), max_length=1000, blank=True)
    answered_at = models.DateTimeField(_("answered"))

    class Meta:
        verbose_name = _("answer to a tip")
        verbose_name_plural = _("answers to tips")
        indexes = [
            models.Index(fields=["message", "answered_at"], name="tip_answer_by_message"),
            models.Index(fields=["respondent", "answered_at"], name="tip_answer_by_person"),
            models.Index(fields=["-answered_at", "-id"], name="tip_answer_newest_first"),
            models.Index(
                fields=["answered_at"],
                condition=~models.Q(text=""),
                name="tip_answer_with_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id}:{self.choice}"
