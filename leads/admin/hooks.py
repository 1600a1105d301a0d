"""Webhooks: where they go, how they stand, and the log of what was told."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from leads.admin.buttons import Acting
from leads.hooks import addresses, dealing, secrets, telling, wire
from leads.hooks.words import describe_answer, describe_kind, describe_reason
from leads.models import Delivery, Hook, Kind
from pmoportal.cockpit import History, Page, get_mark

MARKS = {"queued": "plain", "sending": "plain", "delivered": "good", "failed": "bad"}
SHOWN = 10


class HookForm(forms.ModelForm):
    kinds = forms.MultipleChoiceField(
        label=_("Events"), choices=Kind, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Hook
        fields = ("name", "url", "kinds", "is_active")

    def clean_url(self) -> str:
        """Asks the name servers, as every call will."""
        url = str(self.cleaned_data["url"])
        try:
            target = addresses.read_target(url)
            wire.find(target=target, limits=telling.get_limits(), resolve=wire.ask_system)
        except addresses.Forbidden as error:
            raise ValidationError(describe_reason(error.reason)) from None
        return url


@admin.register(Hook)
class HookAdmin(Acting, Page):
    form = HookForm
    fields = ("name", "url", "kinds", "is_active")
    list_display = ("name", "url", "standing", "waiting", "last")
    change_form_template = "admin/leads/hook.html"
    acts = ("send_test", "renew_secret", "go_on")
    ordering = ("name", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Hook]:
        waiting = Delivery.objects.filter(hook=OuterRef("pk"), state="queued").order_by()
        count = waiting.values("hook").annotate(count=Count("pk")).values("count")
        return super().get_queryset(request).annotate(waits=Coalesce(Subquery(count), 0))

    @admin.display(description=_("standing"))
    def standing(self, hook: Hook) -> SafeString:
        if not hook.is_active:
            return get_mark("plain", _("Off"))
        if hook.rests_until:
            return get_mark("bad", _("Paused: does not answer"))
        return get_mark("warn", _("Fails")) if hook.failures else get_mark("good", _("Works"))

    @admin.display(description=_("waiting"), ordering="waits")
    def waiting(self, hook: Any) -> int:
        return int(hook.waits)

    @admin.display(description=_("last told"), ordering="told_at")
    def last(self, hook: Any) -> str:
        return format_moment(hook.told_at) or "–"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  # Django's signature
        """A new address, or switching it on, is a new beginning."""
        if not change:
            obj.created_at = timezone.now()
        obj.failures, obj.failing_since, obj.rests_until = 0, None, None
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: Hook, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._show(request, obj)

    def send_test(self, request: HttpRequest, hook: Hook) -> None:
        now = timezone.now()
        answer = telling.try_now(delivery=dealing.make_test(hook=hook, now=now), now=now)
        said = describe_answer(answer.status, answer.words)
        if answer.is_taken:
            sentence = gettext("The test arrived. %(said)s") % {"said": said}
            self.message_user(request, sentence, messages.SUCCESS)
        else:
            sentence = gettext("The test was not taken. %(said)s") % {"said": said}
            self.message_user(request, sentence, messages.ERROR)

    def renew_secret(self, request: HttpRequest, hook: Hook) -> HttpResponse:
        renewed = secrets.renew(hook=hook, now=timezone.now())
        self.log_change(request, hook, gettext("New secret."))
        return self._show(request, renewed)

    def go_on(self, request: HttpRequest, hook: Hook) -> None:
        telling.let_go_on(hook_id=hook.pk)
        self.message_user(request, gettext("It is tried again within half a minute."))

    def get_page(self, request: HttpRequest, row: Hook) -> dict[str, Any]:
        recent = row.deliveries.order_by("-created_at", "-number")[:SHOWN]
        return {
            "hook": row,
            "standing": self.standing(row),
            "deliveries": [(each, describe_kind(each.kind), mark(each)) for each in recent],
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
        }

    def _show(self, request: HttpRequest, hook: Hook) -> HttpResponse:
        return self.show_secret(
            request,
            hook,
            title=gettext("The secret of %(name)s") % {"name": hook.name},
            secret=secrets.get_secret(hook=hook),
            is_renewed=hook.renewed_at is not None,
            is_hook=True,
        )


@admin.register(Delivery)
class DeliveryAdmin(Acting, History):
    """The log. A row is told again by an action or the button on its page."""

    list_display = ("created", "what", "lead_id", "hook", "mark", "attempts", "answer")
    list_display_links = ("created", "what")
    list_filter = ("state", "kind", "hook")
    list_select_related = ("hook",)
    search_fields = ("=lead_id",)
    search_help_text = _("A lead’s number")
    ordering = ("-created_at", "-number")
    fields = ()
    actions = ("replay",)
    acts = ("replay_one",)
    change_form_template = "admin/leads/delivery.html"

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return []

    def may_act(self, request: HttpRequest, row: Any) -> bool:
        return self.has_replay_permission(request)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("leads.change_delivery")

    @admin.display(description=_("since"), ordering="created_at")
    def created(self, delivery: Delivery) -> str:
        return format_moment(delivery.created_at)

    @admin.display(description=_("what happened"), ordering="kind")
    def what(self, delivery: Delivery) -> str:
        return describe_kind(delivery.kind)

    @admin.display(description=_("state"), ordering="state")
    def mark(self, delivery: Delivery) -> SafeString:
        return mark(delivery)

    @admin.display(description=_("answer"))
    def answer(self, delivery: Delivery) -> str:
        return say(delivery)[:80] or "–"

    @admin.action(description=_("Tell again"), permissions=["replay"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        chosen = [str(pk) for pk in queryset.values_list("pk", flat=True)]
        count = telling.replay(delivery_ids=chosen, now=timezone.now())
        sentence = ngettext(
            "%(n)d is told again within half a minute.",
            "%(n)d are told again within half a minute.",
            count,
        )
        self.message_user(request, sentence % {"n": count})
        if count < len(chosen):
            self.message_user(
                request, gettext("What waits already was left as it is."), messages.WARNING
            )

    def replay_one(self, request: HttpRequest, delivery: Delivery) -> None:
        self.replay(request, Delivery.objects.filter(pk=delivery.pk))

    def get_page(self, request: HttpRequest, row: Delivery) -> dict[str, Any]:
        return {
            "delivery": row,
            "title": describe_kind(row.kind),
            "mark": mark(row),
            "said": say(row),
            "may_replay": self.has_replay_permission(request)
            and row.state in {"delivered", "failed", "given_up"},
        }


def mark(delivery: Delivery) -> SafeString:
    if delivery.state == Delivery.State.QUEUED and delivery.attempts:
        return get_mark("warn", _("Tried again"))
    return get_mark(MARKS.get(delivery.state, "warn"), delivery.get_state_display())


def say(delivery: Delivery) -> str:
    return describe_answer(delivery.status, delivery.evidence)


def format_moment(at: Any) -> str:
    return date_format(timezone.localtime(at), "Y-m-d H:i") if at else ""
