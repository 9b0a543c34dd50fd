"""What stands in a link that is a key to something: an id, signed by us. Pure.

Ids are no secret: organisations are shown those to their people, and providers and logs have them.
"""

import hmac
from collections.abc import Callable

#: Keyed hash, see `Vault.token`.
Keyed = Callable[[str], str]

#: Hex digits of a signature: 128 bits, for nothing limits the tries.
_SIGNATURE_CHARS = 32


def sign_link(purpose: str, subject_id: str, keyed: Keyed) -> str:
    """Return what stands in a link to `subject_id`; it is good for `purpose` alone."""
    return f"{subject_id}.{_signature(purpose, subject_id, keyed)}"


def read_link(purpose: str, link: str, keyed: Keyed) -> str | None:
    """Return the id of what a link opens; None: it is none of ours, or for another purpose."""
    subject_id, _, signature = link.partition(".")
    good = hmac.compare_digest(signature.encode(), _signature(purpose, subject_id, keyed).encode())
    return subject_id if good else None


def _signature(purpose: str, subject_id: str, keyed: Keyed) -> str:
    return keyed(f"{purpose}|{subject_id}")[:_SIGNATURE_CHARS]
