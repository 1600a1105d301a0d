from django.core.signing import Signer
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from pmoportal.signers import get_signer


@given(salt=st.text(min_size=1), value=st.text(st.characters(exclude_categories=["Cs"])))
def test_a_signature_is_djangos_own(salt: str, value: str) -> None:
    assert get_signer(salt).sign(value) == Signer(salt=salt, sep=".").sign(value)


def test_what_the_key_before_signed_is_read_for_as_long_as_it_is_known(settings: Settings) -> None:
    signed = get_signer("purpose").sign("content")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-of-some-length-" * 3
    assert get_signer("purpose").unsign(signed) == "content"
    assert get_signer("purpose").sign("content") != signed
