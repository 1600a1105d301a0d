"""Every answer holds against the API's own description, whatever is asked (schemathesis)."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings

from leads import keys
from leads.api import document
from leads.hooks import dealing
from leads.models import Scope, Token
from tests.factories import IS_SOAK, TUESDAY
from tests.leads.integrating import make_lead

pytestmark = pytest.mark.django_db
PATHS = ("/leads", "/leads/{id}", "/events", "/me")


@pytest.fixture(autouse=True)
def _keep_the_transaction() -> Iterator[None]:
    """Django's own test client does the same: the test's rows are in a transaction."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def key(settings: Any) -> str:
    settings.API_PER_MINUTE = 100_000
    for number in range(3):
        make_lead(number=number)
    dealing.deal(now=TUESDAY, limit=100)
    token = Token(name="CRM", scopes=list(Scope.values))
    return keys.make(token=token, by=None, now=TUESDAY)


def load() -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


def test_the_description_names_every_path() -> None:
    assert tuple(document.build()["paths"]) == PATHS


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_every_answer_is_as_described(path: str, mode: str, key: str) -> None:
    operation = load()[path]["GET"]
    chosen = schemathesis.GenerationMode(mode)

    @settings(
        max_examples=1000 if IS_SOAK else 30,
        deadline=None,
        database=None,
        derandomize=not IS_SOAK,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=chosen))
    def check(case: Any) -> None:
        if mode == "positive":  # nobody can make up a cursor; tests of pages use real ones
            case.query.pop("cursor", None)
        case.call_and_validate(headers={"Authorization": f"Bearer {key}"})

    check()


@pytest.mark.parametrize("path", PATHS)
def test_without_a_key_the_answer_is_as_described_too(path: str) -> None:
    case = load()[path]["GET"].Case(path_parameters={"id": 1} if "{" in path else {})
    answer = case.call()
    assert answer.status_code == 401
    case.validate_response(answer)
