"""Where messages wait for their provider's pace: one at a time, the most urgent first."""

import asyncio
import heapq
import itertools


class Door:
    """Lets one through at a time: of those who wait, the most urgent, then the first to come."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._came = itertools.count()

    async def enter(self, urgency: int, *, within_s: float) -> None:
        """Wait for one's turn; `urgency` 0 goes first. Whoever has entered must `leave`.

        Raises:
            TimeoutError: It did not come within so many seconds: the more urgent went before.
        """
        if not self._taken:
            self._taken = True
            return
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (urgency, next(self._came), turn))
        try:
            async with asyncio.timeout(within_s):
                await turn
        except (asyncio.CancelledError, TimeoutError):
            if turn.done() and not turn.cancelled():
                self.leave()  # it was our turn already: it is the next one's
            raise

    def leave(self) -> None:
        """Let the next one in."""
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._taken = False
