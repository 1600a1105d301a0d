"""Keys to the API: who has one, what it may, when it was used; made once, and revoked."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from leads import keys
from leads.admin.buttons import Acting
from leads.admin.hooks import format_moment
from leads.models import Scope, Token
from pmoportal.cockpit import Page, get_mark


class TokenForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=Scope,
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.LEADS],
    )

    class Meta:
        model = Token
        fields = ("name", "scopes", "expires_at")

    def clean_expires_at(self) -> Any:
        at = self.cleaned_data["expires_at"]
        if at is not None and at <= timezone.now():
            raise ValidationError(_("This moment has passed."))
        return at


@admin.register(Token)
class TokenAdmin(Acting, Page):
    form = TokenForm
    fields = ("name", "scopes", "expires_at")
    list_display = ("name", "begins", "standing", "scopes_shown", "used", "created_by")
    list_select_related = ("created_by",)
    ordering = ("name", "pk")
    actions = ("revoke",)
    acts = ("revoke_one",)
    change_form_template = "admin/leads/token.html"

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """What a key may is decided when it is made: who wants more makes another."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("leads.change_token")

    def may_act(self, request: HttpRequest, row: Any) -> bool:
        return self.has_revoke_permission(request)

    @admin.display(description=_("begins with"))
    def begins(self, token: Token) -> SafeString:
        return format_html("<code>{}…</code>", token.prefix)

    @admin.display(description=_("standing"))
    def standing(self, token: Token) -> SafeString:
        if token.revoked_at:
            return get_mark("bad", _("Revoked"))
        if token.expires_at and token.expires_at <= timezone.now():
            return get_mark("warn", _("Expired"))
        return get_mark("good", _("Valid"))

    @admin.display(description=_("what it may do"))
    def scopes_shown(self, token: Token) -> str:
        return ", ".join(token.scopes)

    @admin.display(description=_("last used"), ordering="used_at")
    def used(self, token: Token) -> str:
        return format_moment(token.used_at) or gettext("never")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  # Django's signature
        obj.shown_key = keys.make(token=obj, by=request.user.pk, now=timezone.now())

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        title = gettext("The key of %(name)s") % {"name": obj.name}
        return self.show_secret(request, obj, title=title, secret=obj.shown_key)

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Token]) -> None:
        chosen = list(queryset.values_list("pk", flat=True))
        count = keys.revoke(token_ids=chosen, now=timezone.now())
        for token in Token.objects.filter(pk__in=chosen):
            self.log_change(request, token, gettext("Revoked."))
        sentence = ngettext(
            "%(n)d key opens nothing any more.", "%(n)d keys open nothing any more.", count
        )
        self.message_user(request, sentence % {"n": count})

    def revoke_one(self, request: HttpRequest, token: Token) -> None:
        self.revoke(request, Token.objects.filter(pk=token.pk))

    def get_page(self, request: HttpRequest, row: Token) -> dict[str, Any]:
        return {
            "token": row,
            "standing": self.standing(row),
            "scopes": [Scope(each).label for each in row.scopes if each in Scope.values],
            "may_revoke": self.has_revoke_permission(request) and not row.revoked_at,
        }
