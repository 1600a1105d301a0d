from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from pmoportal.middleware import client_address, embedding


def see_address(hops: int, settings: Any, **meta: str) -> str:
    settings.TRUSTED_PROXIES = hops
    request = RequestFactory().get("/", **meta)
    client_address(lambda _: HttpResponse())(request)
    return str(request.META["REMOTE_ADDR"])


@pytest.mark.parametrize(
    ("hops", "forwarded", "seen"),
    [
        (0, "9.9.9.9", "127.0.0.1"),
        (1, "9.9.9.9, 8.8.8.8", "8.8.8.8"),
        (2, "9.9.9.9, 8.8.8.8", "9.9.9.9"),
        (3, "9.9.9.9, 8.8.8.8", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (0, "9.9.9.9, 8.8.8.8", "127.0.0.1"),
        (1, "1.1.1.1, 9.9.9.9, 8.8.8.8:4711", "8.8.8.8"),
        (2, "1.1.1.1, [2001:db8::1]:80, 8.8.8.8", "2001:db8::1"),
        (1, "9.9.9.9, ::ffff:8.8.8.8", "8.8.8.8"),
        (1, "9.9.9.9, unknown", "127.0.0.1"),
        (1, "9.9.9.9, ", "127.0.0.1"),
        (2, ", , ", "127.0.0.1"),
    ],
)
def test_the_caller_is_as_many_hops_away_as_there_are_trusted_proxies(
    settings: Any, hops: int, forwarded: str, seen: str
) -> None:
    assert see_address(hops, settings, HTTP_X_FORWARDED_FOR=forwarded) == seen


@pytest.mark.parametrize(
    ("accepted", "language"), [("en-GB,en;q=0.9", "en"), ("sv", "sv"), ("de", "sv")]
)
@pytest.mark.django_db
def test_the_admin_speaks_the_language_of_the_browser(
    client: Client, accepted: str, language: str
) -> None:
    page = client.get("/admin/login/", headers={"accept-language": accepted})
    assert page.headers["Content-Language"] == language


def get_marks(path: str, settings: Any, origins: list[str]) -> dict[str, Any]:
    settings.EMBED_ORIGINS = origins
    request = HttpRequest()
    request.path_info = path
    return dict(vars(embedding(lambda _: HttpResponse())(request)))


@pytest.mark.parametrize("path", ["/test/pmo/", "/en/test/pmo/x/3/"])
def test_test_pages_may_stand_in_frames_on_named_origins(settings: Any, path: str) -> None:
    marks = get_marks(path, settings, ["https://www.example.com"])
    assert marks["xframe_options_exempt"] is True
    assert marks["_csp_replace"] == {"frame-ancestors": ["https://www.example.com"]}


@pytest.mark.parametrize("path", ["/", "/admin/", "/resultat/x/", "/m/confirm/test/"])
def test_other_pages_may_stand_in_no_frame(settings: Any, path: str) -> None:
    assert "_csp_replace" not in get_marks(path, settings, ["https://www.example.com"])


def test_no_page_may_stand_in_a_frame_by_default(settings: Any) -> None:
    assert "_csp_replace" not in get_marks("/test/pmo/", settings, [])


@pytest.mark.django_db
def test_pages_carry_the_security_headers(client: Client) -> None:
    page = client.get("/admin/login/")
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    policy = set(page.headers["Content-Security-Policy"].split("; "))
    assert {"default-src 'self'", "frame-ancestors 'none'", "img-src 'self' data:"} <= policy
    assert "unsafe" not in page.headers["Content-Security-Policy"]


@pytest.mark.django_db
def test_healthz_names_each_dependency(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "cache": "ok", "broker": "ok", "version": "0.1.0"}
