"""Every mail that was planned, as it was sent. Only the fate of an unknown one can be decided."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from campaigns import letters, mime, placeholders, rendering, sending
from campaigns.admin.filters import CampaignFilter, ReasonFilter, StepFilter
from campaigns.models import Click, DeliveryEvent, Message
from campaigns.tasks import send_due_messages
from campaigns.words import SYSTEM_MAILS, describe_reason, describe_visit
from pmoportal.bell import ring
from pmoportal.cockpit import Story, build_frame, get_mark

State = Message.State
MARKS = {
    State.SENT: "good",
    State.FAILED: "bad",
    State.UNKNOWN: "bad",
    State.SKIPPED: "warn",
    State.DROPPED: "warn",
}
# Whoever holds one of these may act as the person, so only those who may see all may see them.
PERSONAL_LINKS = (
    "act_url",
    "answer_url",
    "confirm_url",
    "preferences_url",
    "result_url",
    "retake_url",
    "stay_url",
    "stop_url",
    "unsubscribe_url",
)
MEASURED = "/m/go/"
HIDDEN = "•••"


def get_state_mark(message: Message) -> SafeString:
    return get_mark(MARKS.get(State(message.state), "plain"), message.get_state_display())


def _describe_evidence(message: Message) -> str:
    """When it was handed over, how far it got, and the last words of the server."""
    parts = [message.phase, message.evidence]
    if message.sending_at:
        parts.insert(0, date_format(timezone.localtime(message.sending_at), "Y-m-d H:i:s"))
    return f"({', '.join(part for part in parts if part)})"


def get_subject(message: Message) -> str:
    """The subject as sent; what the mail was to be when there is none."""
    if message.compiled is None:
        return message.step_key or message.template
    try:
        segments = placeholders.parse(text=message.compiled.subject)
        filled = placeholders.fill(segments=segments, values=message.values or {}, escape=str)
    except (LookupError, ValueError):
        filled = message.compiled.subject
    return mime.clean_subject(filled)


def _get_visits(message: Message) -> list[tuple[Click, list[str]]]:
    """The last days' visits to its links, each with the reasons for what was made of it."""
    visits = Click.objects.filter(message=message).order_by("at", "pk")
    return [(visit, describe_visit(visit.reasons)) for visit in visits]


def render(message: Message, *, may_see_links: bool) -> tuple[rendering.Rendered, dict[str, str]]:
    """The mail and its headers. Without the right to see them, links lose their secret part.

    Raises ValueError or LookupError for a mail that never was, or whose values are purged.
    """
    if not message.values:
        raise LookupError("the values are purged")
    values = letters.get_all_values(message)
    if not may_see_links:
        for name in values:
            if name in PERSONAL_LINKS or MEASURED in str(values[name]):
                values[name] = f"{values[name].rstrip('/').rpartition('/')[0]}/{HIDDEN}/"
    rendered = rendering.render(compiled=letters.get_compiled(message), values=values)
    return rendered, letters.get_headers(message, values)


def explain(message: Message) -> str:
    """Why it was not sent, or not yet, in words; empty when there is nothing to say."""
    parts = [describe_reason(message.reason)]
    if message.state == State.QUEUED:
        at = date_format(timezone.localtime(message.due_at), "Y-m-d H:i")
        parts.append(gettext("Is to leave %(at)s.") % {"at": at})
    if message.state == State.UNKNOWN:
        parts.append(_describe_evidence(message))
    return " ".join(part for part in parts if part)


@admin.register(Message)
class MessageAdmin(Story):
    list_display = ("when", "to", "subject", "place", "language", "mark")
    list_filter = (
        ("enrolment__campaign", CampaignFilter),
        StepFilter,
        "state",
        "kind",
        ReasonFilter,
        "language",
        ("created_at", admin.DateFieldListFilter),
    )
    search_fields = ("to",)
    search_help_text = _("Part of an address.")
    ordering = ("-created_at", "-pk")
    actions = ["count_as_sent", "send_once_more"]
    change_form_template = "admin/campaigns/message.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return (
            super()
            .get_queryset(request)
            .select_related("compiled", "enrolment__campaign")
            .defer("compiled__html", "compiled__text")
        )

    @admin.display(description=_("planned"), ordering="created_at")
    def when(self, message: Message) -> str:
        return date_format(timezone.localtime(message.created_at), "Y-m-d H:i")

    @admin.display(description=_("subject"))
    def subject(self, message: Message) -> str:
        return get_subject(message)

    @admin.display(description=_("campaign"))
    def place(self, message: Message) -> str | SafeString:
        """Leads to the ledger of the person, where the step stands among the others."""
        if message.enrolment is None:
            return message.get_kind_display()
        url = reverse("admin:campaigns_enrolment_change", args=[message.enrolment_id])
        return format_html('<a href="{}">{}</a>', url, message.enrolment.campaign.name)

    @admin.display(description=_("state"), ordering="state")
    def mark(self, message: Message) -> SafeString:
        mark = get_state_mark(message)
        return format_html('{}<span class="under">{}</span>', mark, explain(message))

    def has_settle_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaigns.change_message")

    @admin.action(description=_("Unknown: count as sent"), permissions=["settle"])
    def count_as_sent(self, request: HttpRequest, rows: QuerySet[Message]) -> None:
        self._settle_all(request, rows, is_sent=True)

    @admin.action(description=_("Unknown: send once more"), permissions=["settle"])
    def send_once_more(self, request: HttpRequest, rows: QuerySet[Message]) -> None:
        self._settle_all(request, rows, is_sent=False)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.frame)
        settle = self.admin_site.admin_view(self.settle)
        return [
            path("<uuid:message_id>/frame/", view, name="campaigns_message_frame"),
            path("<uuid:message_id>/settle/", settle, name="campaigns_message_settle"),
            *super().get_urls(),
        ]

    def get_page(self, request: HttpRequest, row: Message) -> dict[str, Any]:
        may_see_links = self._may_see_links(request)
        page = {
            "message": row,
            "mark": get_state_mark(row),
            "reason": explain(row),
            "what": SYSTEM_MAILS.get(row.template, row.get_kind_display()),
            "frame": reverse("admin:campaigns_message_frame", args=[row.pk]),
            "may_see_links": may_see_links,
            "is_to_settle": row.state == Message.State.UNKNOWN
            and request.user.has_perm("campaigns.change_message"),
            "is_fresh": row.sending_at is not None
            and timezone.now() - row.sending_at < sending.UNKNOWN_REST,
            "reports": DeliveryEvent.objects.filter(message=row).order_by("happened_at"),
            "visits": _get_visits(row) if may_see_links and row.is_tracked else [],
        }
        try:
            mail, headers = render(row, may_see_links=may_see_links)
        except (LookupError, ValueError):
            return page | {"missing": self._explain_missing(row)}
        headers = {"Subject": mail.subject, **headers}
        return page | {"mail": mail, "headers": headers, "title": mail.subject}

    def frame(self, request: HttpRequest, message_id: UUID) -> HttpResponse:
        message = self.get_object(request, str(message_id))
        if not self.has_view_permission(request, message):
            raise PermissionDenied
        if message is None:
            raise Http404
        try:
            mail, _headers = render(message, may_see_links=self._may_see_links(request))
        except (LookupError, ValueError):
            raise Http404 from None
        return build_frame(mail.html)

    def settle(self, request: HttpRequest, message_id: UUID) -> HttpResponse:
        """An administrator says what became of a mail that nobody knows about."""
        if not request.user.has_perm("campaigns.change_message"):
            raise PermissionDenied
        if request.method != "POST" or request.POST.get("fate") not in {"sent", "again"}:
            return HttpResponseNotAllowed(["POST"])
        message = self.get_object(request, str(message_id))
        if message is None:
            raise Http404
        is_sent = request.POST["fate"] == "sent"
        if sending.decide(message_id=message_id, is_sent=is_sent, now=timezone.now()):
            said = gettext("It counts as sent.") if is_sent else gettext("It is sent once more.")
            self.log_change(request, message, said)
            self.message_user(request, said, messages.SUCCESS)
            ring(send_due_messages)
        else:
            said = gettext("Nothing was changed: its fate is known by now, or too fresh to judge.")
            self.message_user(request, said, messages.WARNING)
        return redirect("admin:campaigns_message_change", message_id)

    def _settle_all(self, request: HttpRequest, rows: QuerySet[Message], *, is_sent: bool) -> None:
        """Only what is unknown, and long enough so; the rest of what was ticked stays as it is."""
        now, done = timezone.now(), 0
        said = gettext("It counts as sent.") if is_sent else gettext("It is sent once more.")
        for message in rows.filter(state=State.UNKNOWN):
            if sending.decide(message_id=message.pk, is_sent=is_sent, now=now):
                self.log_change(request, message, said)
                done += 1
        level = messages.SUCCESS if done else messages.WARNING
        sentence = ngettext("%(n)d mail was settled.", "%(n)d mails were settled.", done)
        self.message_user(request, sentence % {"n": done}, level)
        ring(send_due_messages)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Message | None:
        rows = Message.objects.select_related(
            "compiled", "respondent", "enrolment__campaign", "enrolment__version"
        ).defer("enrolment__version__document", "enrolment__version__compiled")
        try:
            return rows.filter(pk=UUID(object_id)).first()
        except ValueError:
            return None

    def _may_see_links(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaigns.view_consentorigin")

    def _explain_missing(self, message: Message) -> str:
        if message.compiled is None:
            return gettext("This mail was never written, so there is nothing to show.")
        return gettext("What was filled in for the person has been removed, as our retention says.")
