"""How much of what everybody waits for one caller may have at a time."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from app.core.errors import LimitError

_COME_BACK_S = 1


class Shares:
    """Places by caller; of one event loop. Who has all of his waits for himself alone.

    Args:
        each: Places of one caller.
        waiting: How many of his may wait, for whoever hangs up leaves his question behind; None:
            all that he sends.
    """

    def __init__(self, each: int, *, waiting: int | None = None) -> None:
        self._each, self._most_waiting = each, waiting
        self._places: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._waiting: Counter[str] = Counter()

    @asynccontextmanager
    async def place(self, caller: str) -> AsyncIterator[None]:
        """Wait for a place, in the order of asking, and have it while the context is open.

        Raises:
            LimitError: Too many of the caller's wait.
        """
        places = self._places.get(caller)
        if places is None:
            places = self._places[caller] = asyncio.Semaphore(self._each)
        if self._most_waiting is not None and self._waiting[caller] >= self._most_waiting:
            raise LimitError("Too many of your requests wait.", retry_after_s=_COME_BACK_S)
        self._waiting[caller] += 1
        try:
            await places.acquire()
        finally:
            self._waiting[caller] -= 1
            if not self._waiting[caller]:
                del self._waiting[caller]
        try:
            yield
        finally:
            places.release()
