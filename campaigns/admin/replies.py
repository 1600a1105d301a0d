"""What people wrote back: what it was taken for and why, and a way to say that it was not."""

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns import mime, receiving, sight
from campaigns.admin.messages import get_subject
from campaigns.models import Reply, TipAnswer
from campaigns.replies import quotes
from campaigns.words import describe_sign
from pmoportal.cockpit import History, Story, build_frame, get_mark

Verdict = Reply.Verdict
MARKS = {
    Verdict.HUMAN: "good",
    Verdict.UNSURE: "warn",
    Verdict.GONE: "bad",
    Verdict.REMOVE_ME: "bad",
}
LONGEST_DAYS = 366
# What a person can say that it was.
CHOICES = (
    Verdict.HUMAN,
    Verdict.AWAY,
    Verdict.GONE,
    Verdict.REMOVE_ME,
    Verdict.AUTO_REPLY,
)
FOLLOWED = {
    Verdict.HUMAN: _("The sequence has stopped, and the lead's owner is told."),
    Verdict.UNSURE: _("The sequence has stopped until somebody has looked at it."),
    Verdict.AWAY: _("Nothing of a campaign is sent until the person is back."),
    Verdict.GONE: _("Nothing more is sent to this address."),
    Verdict.REMOVE_ME: _("Nothing more is sent to this address, unless the person asks for it."),
    Verdict.AUTO_REPLY: _("Nothing follows from it."),
}
PAGE = (
    '<meta charset="utf-8"><pre style="font: 15px/1.5 sans-serif; white-space: pre-wrap; '
    'overflow-wrap: anywhere">{}</pre>'
)


def _get_mark(reply: Reply) -> SafeString:
    return get_mark(MARKS.get(Verdict(reply.verdict), "plain"), reply.get_verdict_display())


class Limited(History):
    """What people wrote, for those who may see them; `sees_all` is the right to read everything."""

    sees_all = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return sight.limit(rows, user=request.user, right=self.sees_all)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """A colleague's is refused, and said to be refused; others are not there at all."""
        row = super().get_object(request, object_id, from_field)
        is_number = object_id.isascii() and object_id.isdecimal() and len(object_id) < 19
        if row is None and is_number and self.model._default_manager.filter(pk=object_id).exists():  # noqa: SLF001  # Django's own way
            raise PermissionDenied(
                gettext("This person is not among your leads. Ask an administrator.")
            )
        return row


@admin.register(Reply)
class ReplyAdmin(Limited, Story):
    sees_all = "campaigns.see_all_replies"
    list_display = ("when", "person", "subject_line", "mark", "beginning")
    list_filter = (
        "verdict",
        ("respondent", admin.EmptyFieldListFilter),
        ("received_at", admin.DateFieldListFilter),
    )
    search_fields = ("respondent__email", "sender")
    search_help_text = _("Part of an address.")
    ordering = ("-received_at", "-pk")
    change_form_template = "admin/campaigns/reply.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reply]:
        rows = super().get_queryset(request)
        return rows.select_related("respondent", "message__compiled", "corrected_by").defer(
            "message__compiled__html", "message__compiled__text"
        )

    @admin.display(description=_("received"), ordering="received_at")
    def when(self, reply: Reply) -> str:
        return date_format(timezone.localtime(reply.received_at), "Y-m-d H:i")

    @admin.display(description=_("person"))
    def person(self, reply: Reply) -> str:
        return str(reply.respondent.email if reply.respondent else reply.sender) or "–"

    @admin.display(description=_("subject"))
    def subject_line(self, reply: Reply) -> str:
        return mime.clean_subject(reply.subject) or "–"

    @admin.display(description=_("verdict"), ordering="verdict")
    def mark(self, reply: Reply) -> SafeString:
        until = gettext("back %(day)s") % {"day": reply.until} if reply.until else ""
        return format_html('{}<span class="under">{}</span>', _get_mark(reply), until)

    @admin.display(description=_("text"))
    def beginning(self, reply: Reply) -> str:
        own = " ".join(quotes.get_own_words(reply.text).split())
        return own[:80] + ("…" if len(own) > 80 else "")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:reply_id>/frame/", wrap(self.frame), name="campaigns_reply_frame"),
            path("<int:reply_id>/correct/", wrap(self.correct), name="campaigns_reply_correct"),
            *super().get_urls(),
        ]

    def get_page(self, request: HttpRequest, row: Reply) -> dict[str, Any]:
        return {
            "reply": row,
            "mark": _get_mark(row),
            "title": mime.clean_subject(row.subject) or self.person(row),
            "person": self.person(row),
            "own_words": quotes.get_unquoted(row.text),
            "is_forgotten": not (row.sender or row.subject or row.text),
            "signs": [describe_sign(each) for each in row.reasons],
            "followed": FOLLOWED.get(Verdict(row.verdict), "") if row.respondent_id else "",
            "answered": get_subject(row.message) if row.message else "",
            "frame": reverse("admin:campaigns_reply_frame", args=[row.pk]),
            "choices": [each for each in CHOICES if each != row.verdict or each == Verdict.AWAY],
            "may_correct": request.user.has_perm("campaigns.change_reply")
            and row.respondent_id is not None,
        }

    def frame(self, request: HttpRequest, reply_id: int) -> HttpResponse:
        """The whole text, as text, shut in: it runs nothing and loads nothing."""
        reply = self.get_object(request, str(reply_id))
        if not self.has_view_permission(request, reply):
            raise PermissionDenied
        if reply is None:
            raise Http404
        return build_frame(format_html(PAGE, reply.text))

    def correct(self, request: HttpRequest, reply_id: int) -> HttpResponse:
        """A person says what it was; what followed is taken back, and the right thing follows."""
        if not request.user.has_perm("campaigns.change_reply"):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        reply = self.get_object(request, str(reply_id))
        if reply is None:
            raise Http404
        try:
            verdict, until = _read_correction(request)
        except ValueError as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect("admin:campaigns_reply_change", reply_id)
        said = str(Verdict(verdict).label)
        changed = receiving.correct(
            reply_id=reply_id, verdict=verdict, until=until, by=request.user, now=timezone.now()
        )
        if changed:
            self.log_change(request, reply, said)
            sentence = gettext("It counts as: %(verdict)s.") % {"verdict": said}
            self.message_user(request, sentence, messages.SUCCESS)
        else:
            sentence = gettext("Nothing was changed: it counts as that already.")
            self.message_user(request, sentence, messages.WARNING)
        return redirect("admin:campaigns_reply_change", reply_id)


def _read_correction(request: HttpRequest) -> tuple[str, date | None]:
    """Raises ValueError with what is wrong, in words."""
    verdict = request.POST.get("verdict", "")
    if verdict not in CHOICES:
        raise ValueError(gettext("Choose what the mail was."))
    day = request.POST.get("until", "").strip()
    if verdict != Verdict.AWAY or not day:
        return verdict, None
    try:
        until = date.fromisoformat(day)
    except ValueError:
        raise ValueError(gettext("Write the day as 2027-01-31.")) from None
    if not 0 <= (until - timezone.localdate()).days <= LONGEST_DAYS:
        raise ValueError(gettext("The person is to be back on a day within the next year."))
    return verdict, until


@admin.register(TipAnswer)
class TipAnswerAdmin(Limited):
    """The last answer about a mail counts; those before it are kept as they were. Whoever edits
    tips reads what is said about them.
    """

    sees_all = "campaigns.change_tip"
    list_display = ("answered_at", "respondent", "subject", "mark", "text")
    list_select_related = ("respondent", "message__compiled")
    list_filter = ("choice", ("answered_at", admin.DateFieldListFilter))
    search_fields = ("respondent__email",)
    search_help_text = _("Part of an address.")
    ordering = ("-answered_at", "-pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TipAnswer]:
        rows = super().get_queryset(request)
        return rows.defer("message__compiled__html", "message__compiled__text")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ["respondent", "subject", "choice", "text", "answered_at"]

    @admin.display(description=_("the mail"))
    def subject(self, answer: TipAnswer) -> str:
        return get_subject(answer.message)

    @admin.display(description=_("answer"), ordering="choice")
    def mark(self, answer: TipAnswer) -> SafeString:
        kind = {"done": "good", "talk": "good"}.get(answer.choice, "plain")
        return get_mark(kind, answer.get_choice_display())
