"""SMS through any service that Apprise knows: the long tail, without receipts.

Apprise answers yes or no and keeps the reason to itself: "no" may mean refused, or taken and not
answered in time. So a "no" is a doubt, which policy decides by level.
"""

import asyncio
from typing import Any
from urllib.parse import quote

from app.channels.base import Accepted, InDoubt, Outgoing, Rejected, SendResult

NAME = "apprise"

#: What stands for the recipient's number in the URL.
PLACE = "{to}"


class AppriseSms:
    """A service as Apprise addresses it. Loading Apprise takes a while: only for a first message.

    Args:
        url: Apprise's, with `{to}` where the number goes: `d7sms://token@{to}`.
    """

    name = NAME
    kind = "sms"

    def __init__(self, *, url: str, concurrency: int = 8) -> None:
        self.concurrency = concurrency
        self._url = url

    async def send(self, message: Outgoing) -> SendResult:
        """Hand `message` over once. No receipt will follow, so "yes" is final."""
        url = self._url.replace(PLACE, quote(message.address, safe="+"))
        return await asyncio.to_thread(_send, url, message)

    async def close(self) -> None:
        """Nothing to close: Apprise connects for each message."""


def _send(url: str, message: Outgoing) -> SendResult:
    from apprise import Apprise  # noqa: PLC0415 - optional, and slow to load

    service: Any = Apprise.instantiate(url)
    if service is None:
        return Rejected(
            permanent=True, code="bad-url", detail="Apprise knows no such service", scope="account"
        )
    message.leave()
    if service.notify(body=message.text, title=""):
        return Accepted(provider_id=message.delivery_id, final=True)
    return InDoubt(code="no", detail="Apprise says no, and not why")
