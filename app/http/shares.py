"""How much of what everybody waits for one caller may have at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class Shares:
    """Places by caller; of one event loop. Who has all of his waits for himself alone.

    Args:
        each: Places of one caller.
    """

    def __init__(self, each: int) -> None:
        self._each = each
        self._places: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def place(self, caller: str) -> AsyncIterator[None]:
        """Wait for a place, in the order of asking, and have it while the context is open."""
        places = self._places.get(caller)
        if places is None:
            places = self._places[caller] = asyncio.Semaphore(self._each)
        async with places:
            yield
