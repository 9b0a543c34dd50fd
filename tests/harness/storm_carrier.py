"""A provider that keeps what it was given, counts for itself, and fails as providers do."""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zlib import crc32

import smsutil

from app.channels.base import (
    Accepted,
    Found,
    InDoubt,
    NoAnswer,
    NotThere,
    Outgoing,
    Rejected,
    SendResult,
)
from app.core.clock import ManualClock

_PER_CENT = 100
_REFUSED_FROM = 97


def _share(text: str) -> int:
    """Return 0..99, the same for the same text."""
    return crc32(text.encode()) % _PER_CENT


@dataclass
class Carrier:
    """A provider of SMS or e-mail; of a hundred messages some go wrong.

    Three are refused for good, one is taken without a clear answer, three are never confirmed.
    Which they are is a matter of their ids: of so many that no kind of message is always spared.
    """

    kind: str
    clock: ManualClock
    name: str = ""
    concurrency: int = 64
    taken: dict[str, tuple[str, int, datetime]] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)
    unconfirmed: list[str] = field(default_factory=list)
    longest: int = 0

    def __post_init__(self) -> None:
        self.name = f"carrier-{self.kind}"

    async def send(self, message: Outgoing) -> SendResult:
        share = _share(message.delivery_id)
        message.leave()
        if share >= _REFUSED_FROM:
            return Rejected(permanent=True, code="30003", detail="unreachable")
        segments = len(smsutil.split(message.text).parts) if self.kind == "sms" else 0
        self.longest = max(self.longest, segments)
        if message.delivery_id in self.taken:
            self.twice.append(message.delivery_id)
        self.taken[message.delivery_id] = (message.address, segments, self.clock.now())
        if share == 1:
            return InDoubt(code="timeout", detail="no answer")
        if share > 3:
            self.unconfirmed.append(message.delivery_id)
        # every other answer says how many segments it was; else we count
        says = segments if share % 2 else None
        return Accepted(provider_id=message.delivery_id, segments=says or None)

    async def find(
        self,
        message: Outgoing,
        *,
        within: timedelta,  # noqa: ARG002 - it remembers everything
        known: Container[str],  # noqa: ARG002
    ) -> Found | NotThere | NoAnswer:
        if message.delivery_id in self.taken:
            return Found(provider_id=message.delivery_id, status="delivered")
        return NotThere()

    async def close(self) -> None:
        """Nothing is open."""
