"""What stands in the link by which a reader of an e-mail wants no more of them. Pure."""

from app.subscribers.signed_link import Keyed, read_link, sign_link

_PURPOSE = "stop"


def stop_link(message_id: str, keyed: Keyed) -> str:
    """Return what stands in the link of a message."""
    return sign_link(_PURPOSE, message_id, keyed)


def stopped_by(link: str, keyed: Keyed) -> str | None:
    """Return the id of the message whose reader wants no more; None: the link is none of ours."""
    return read_link(_PURPOSE, link, keyed)
