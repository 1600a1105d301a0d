"""Pages of leads outside the admin: the calendar, whose address is the right to read it."""

from hashlib import sha256

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import quote_etag
from django.views.decorators.http import condition, require_safe

from leads import feeds
from leads.models import Preference
from pmoportal.limits import TooMany, is_over


@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """Answers 304 to whoever has it as it is."""
    if is_over(request, "calendar", limit=600, seconds=3600):
        raise TooMany
    found = feeds.get_calendar(token=token)
    if found is None:
        raise Http404
    choice = Preference.objects.filter(user=found.user_id).first() or Preference()
    content = feeds.build_feed(user_id=found.user_id, language=choice.language)
    etag = quote_etag(sha256(content).hexdigest())

    @condition(etag_func=lambda *_args: etag)
    def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse(content, content_type="text/calendar; charset=utf-8")

    response = answer(request)
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
