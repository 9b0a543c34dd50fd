"""When something changed: looked at once for all who wait, and only while somebody waits."""

import asyncio
import time
from collections.abc import Awaitable, Callable

#: Looking takes at most one part in so many of the time.
RESTS = 20


class Changes:
    """The version of one thing. Of one event loop.

    Args:
        look: Returns the version as it is.
        every_s: How long a look is good for; longer where looking itself takes long.
        rests: So many times as long as it took.
    """

    def __init__(
        self, look: Callable[[], Awaitable[str]], *, every_s: float, rests: int = RESTS
    ) -> None:
        self._look, self._every_s, self._rests = look, every_s, rests
        self._version, self._good_until = "", float("-inf")
        self._looking = asyncio.Lock()

    async def after(self, seen: str) -> str:
        """Wait until the version is another than `seen`; return it.

        One of those who wait looks, then the next: whoever goes away leaves the others waiting,
        and what one has found all of them have.
        """
        while True:
            async with self._looking:
                rest_s = self._good_until - time.monotonic()
                if self._version == seen:
                    await asyncio.sleep(max(rest_s, 0))
                if self._version == seen or rest_s <= 0:
                    begun = time.monotonic()
                    self._version = await self._look()
                    ended = time.monotonic()
                    self._good_until = ended + max(self._every_s, self._rests * (ended - begun))
                if self._version != seen:
                    return self._version
