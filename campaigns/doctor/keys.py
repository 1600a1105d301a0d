"""The one thing about public keys that a receiver minds: how long they are."""

from dkim.asn1 import ASN1FormatError
from dkim.crypto import UnparsableKeyError, parse_public_key

ED25519_BYTES = 32


def measure_key(key: bytes) -> int:
    """Bits of an RSA key, 0 for one of Ed25519; ValueError for anything else."""
    if len(key) == ED25519_BYTES:
        return 0
    try:
        return int(parse_public_key(key)["modulus"]).bit_length()
    except (UnparsableKeyError, ASN1FormatError, LookupError, TypeError):
        raise ValueError("not a public key") from None
