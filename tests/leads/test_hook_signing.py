import base64

from leads.hooks.signing import sign, write_secret


def test_the_signature_is_the_one_of_the_standard() -> None:
    """The example that Standard Webhooks' own libraries are tested with."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = sign(
        keys=[key],
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_two_keys_give_two_signatures() -> None:
    both = sign(keys=[b"a", b"b"], message_id="m", timestamp=1, body=b"x")
    one = sign(keys=[b"b"], message_id="m", timestamp=1, body=b"x")
    assert both.split(" ")[1] == one
    assert both.split(" ")[0] != one


def test_a_secret_is_written_as_the_standard_has_it() -> None:
    assert write_secret(b"a" * 24) == "whsec_" + base64.b64encode(b"a" * 24).decode()
