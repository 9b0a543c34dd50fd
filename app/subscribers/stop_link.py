"""What stands in the link by which a reader of an e-mail wants no more of them. Pure.

The id of a message is no secret: an organisation is shown those to its people, the desk all of
them, and providers and logs have them. So it stops nothing without a signature of ours.
"""

import hmac

from app.subscribers.invitation import Keyed

#: Hex digits of the signature: 128 bits, for nothing limits the tries.
_SIGNATURE_CHARS = 32


def stop_link(message_id: str, keyed: Keyed) -> str:
    """Return what stands in the link of a message."""
    return f"{message_id}.{_signature(message_id, keyed)}"


def stopped_by(link: str, keyed: Keyed) -> str | None:
    """Return the id of the message whose reader wants no more; None: the link is none of ours."""
    message_id, _, signature = link.partition(".")
    good = hmac.compare_digest(signature.encode(), _signature(message_id, keyed).encode())
    return message_id if good else None


def _signature(message_id: str, keyed: Keyed) -> str:
    return keyed(f"stop|{message_id}")[:_SIGNATURE_CHARS]
